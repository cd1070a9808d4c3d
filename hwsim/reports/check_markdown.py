"""The findings of a check as Markdown, for the summary of a job or a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hwsim.reports._check_words import bound_words, counts, margin_words, value_words

if TYPE_CHECKING:
    from hwsim.studies.checks import CheckResult, Finding

_STATES: Final = {
    "holds": "holds",
    "fails": "**fails**",
    "error": "**cannot be evaluated**",
    "new": "new",
}
#: What Markdown would take for markup, in a table as well.
_MARKUP: Final = "\\`*_|~[]#!&<>"
#: A summary has room for a megabyte; a row takes some 200 bytes.
_MOST_ROWS: Final = 2000


def check_markdown(result: CheckResult) -> str:
    """Write a headline and a table, what needs somebody first."""
    lines = [f"### hwsim check {_literal(result.study)}: {counts(result)}", ""]
    if result.findings:
        lines += ["| | expectation | point | value | bound | margin |", "|---|---|---|--:|--:|--:|"]
        lines += [_row(each) for each in result.by_urgency[:_MOST_ROWS]]
        lines.append("")
    if len(result.findings) > _MOST_ROWS:
        lines += [f"and {len(result.findings) - _MOST_ROWS} more", ""]
    lines += [f"- note: {_literal(note)}" for note in result.notes]
    version = result.provenance.get("hwsim")
    return "\n".join([*lines, f"- by hwsim {version}, {result.date}", ""])


def refusal_markdown(study: str, problem: str) -> str:
    """Write that a study could not be checked at all."""
    lines = [_literal(line) for line in problem.splitlines()]
    return f"### hwsim check {_literal(study)}: cannot be evaluated\n\n" + "\n\n".join(lines) + "\n"


def _row(finding: Finding) -> str:
    where = _literal(finding.where)
    if finding.reason:
        where += f"<br>{_literal(finding.reason)}"
    cells = [
        _STATES[finding.state],
        f"<code>{_literal(finding.expectation.text)}</code>",
        where,
        value_words(finding),
        _literal(bound_words(finding)),
        margin_words(finding),
    ]
    return f"| {' | '.join(cells)} |"


def _literal(text: str) -> str:
    """Write a text so that it shows as it is, in one line."""
    line = "".join(each if each.isprintable() else "\ufffd" for each in " ".join(text.split()))
    return "".join(f"&#{ord(each)};" if each in _MARKUP else each for each in line)
