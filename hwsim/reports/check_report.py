"""The findings of a check as text for a terminal."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.console import Group, RenderableType

from hwsim.reports._check_words import bound_words, counts, margin_words, value_words
from hwsim.reports._layout import add_row, facts, figures

if TYPE_CHECKING:
    from hwsim.studies.checks import CheckResult

_MARKS: Final = {"holds": "holds", "fails": "FAILS", "error": "ERROR", "new": "new"}


def check_report(result: CheckResult) -> Group:
    """Lay out every expectation with its points: value, bound, margin."""
    parts: list[RenderableType] = []
    if result.findings:
        caption = "margin: how far from failing, as a share of the bound; below 0 it fails"
        table = figures(["expectation\n point"], ["value", "bound", "margin", ""], caption=caption)
        for text, findings in groupby(result.findings, key=lambda each: each.expectation.text):
            add_row(table, text, "", "", "", "")
            said = ""
            for each in findings:
                cells = value_words(each), bound_words(each), margin_words(each)
                add_row(table, f" {each.where}", *cells, _MARKS[each.state])
                if each.reason and each.reason != said:
                    add_row(table, f"  {each.reason}", "", "", "", "")
                said = each.reason
        parts += [table, ""]
    rows = [("check", f"{result.study}: {counts(result)}")]
    parts.append(facts([*rows, *(("note", note) for note in result.notes)]))
    return Group(*parts)
