"""Published figures beside ours: for a terminal, and as the page of the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from hwsim.reports._layout import add_row, facts, figures
from hwsim.reports._numbers import count, significant
from hwsim.validation.quantities import QUANTITIES

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hwsim.validation import PublishedRow, PublishedTable, PublishedValidation

_PAGE = """\
# Machines against published figures

`hwsim validate published` writes these tables; `hwsim validate published --markdown` writes this
page, and a test compares it with what it would be now. The figures lie as data in
`hwsim/validation/data/`. Each machine states how far it may be off (`states`) and why; a machine
that is further off fails the test.

`wanted` is what is good enough for the name of the chip. A machine with a figure that is
further off has a name that ends in `-like`, or a test fails. Where its file asks for nothing else,
wanted are

{wanted}
"""
_OVERVIEW = ("machine", "works", "quantity", "largest error", "states", "wanted", "reached")
_WORDS = ("work", "quantity")
_NUMBERS = ("published", "ours", "error", "states")


def published_report(validation: PublishedValidation) -> Group:
    """Lay out the comparison for a terminal.

    Parameters
    ----------
    validation : PublishedValidation
        From :func:`hwsim.validate_published`.

    Returns
    -------
    rich.console.Group
        To print on a :class:`rich.console.Console`.
    """
    parts: list[RenderableType] = []
    for table in validation.tables:
        rows = figures(_WORDS, (*_headings(table)[len(_WORDS) :], ""))
        for row in table.rows:
            add_row(rows, *_cells(row, table), "" if row.holds else "beyond")
        about = _about(table)
        why = [(f"why {quantity}", text) for quantity, text in _reasons(table)]
        heading = Text(f"{table.machine}: {table.title}")
        parts += [heading, facts(about), Text(), rows, facts(why), Text()]
    return Group(*parts, Text("\n".join([*_better_than_named(validation), _summary(validation)])))


def published_page(validation: PublishedValidation) -> str:
    """Write the page of the documentation.

    Parameters
    ----------
    validation : PublishedValidation
        From :func:`hwsim.validate_published`.

    Returns
    -------
    str
        Markdown: a line for each machine and quantity, then every table with its sources.
    """
    overview = [line for table in validation.tables for line in overview_lines(table)]
    sections = [section(table) for table in validation.tables]
    head = _PAGE.format(wanted=_conventions())
    named = [f"{line}\n" for line in _better_than_named(validation)]
    return "\n".join([head, *_markdown_head(_OVERVIEW), *overview, "", *named, *sections])


def _conventions() -> str:
    """List what is wanted of each quantity where nothing else is said."""
    of: dict[str, list[str]] = {}
    for quantity in QUANTITIES.values():
        of.setdefault(quantity.wanted, []).append(quantity.title)
    return "\n".join(f"- {wanted}: {'; '.join(titles)}" for wanted, titles in of.items())


def _better_than_named(validation: PublishedValidation) -> list[str]:
    return [
        f"Every figure of {name} is as wanted; it could bear the name of the chip."
        for name in validation.better_than_named
    ]


def overview_lines(table: PublishedTable) -> list[str]:
    """Write a line of the page's first table for each quantity of a table."""
    lines = []
    for quantity in dict.fromkeys(row.quantity for row in table.rows):
        rows = [row for row in table.rows if row.quantity == quantity]
        worst = max(rows, key=lambda row: max(row.ratio, 1 / row.ratio))
        reached = f"{sum(row.as_wanted for row in rows)} of {len(rows)}"
        states = (worst.error, worst.within, worst.wanted, reached)
        lines.append(_markdown_row((table.machine, table.title, quantity, *states)))
    return lines


def section(table: PublishedTable) -> str:
    """Write the page's section of a table."""
    lines = [f"## {table.machine}: {table.title}", ""]
    lines += [f"- {title}: {text}" for title, text in _about(table)]
    lines += ["", *_markdown_head(_headings(table))]
    lines += [_markdown_row(_cells(row, table)) for row in table.rows]
    lines += ["", *(f"- Why {quantity}: {text}" for quantity, text in _reasons(table)), ""]
    return "\n".join(lines)


def _about(table: PublishedTable) -> list[tuple[str, str]]:
    return [
        ("machine", table.machine_title),
        ("prices", table.prices),
        ("published", table.source),
        ("taken from", table.transcribed),
        ("verified", table.verified),
        ("assumed", table.assumed),
        *([("mappings", table.search)] if table.search else []),
    ]


def _headings(table: PublishedTable) -> tuple[str, ...]:
    others = any(row.other for row in table.rows)
    return (*_WORDS, *_NUMBERS, *(("another transcription",) if others else ()))


def _cells(row: PublishedRow, table: PublishedTable) -> tuple[str, ...]:
    """Fill in the columns of :func:`_headings`."""
    note = f" ({row.note})" if row.note else ""
    cells = {
        "work": row.work,
        "quantity": row.quantity,
        "published": f"{row.published:,.15g} {row.unit}{note}",
        "ours": f"{significant(row.ours)} {row.unit}",
        "error": row.error,
        "states": row.within,
        "another transcription": _other(row),
    }
    return tuple(cells[heading] for heading in _headings(table))


def _other(row: PublishedRow) -> str:
    return "" if row.other is None else f"{row.other[0]:,.15g} {row.unit} ({row.other[1]})"


def _reasons(table: PublishedTable) -> Iterable[tuple[str, str]]:
    """Give each reason once, with the quantity that it explains."""
    return dict.fromkeys((row.quantity, row.why) for row in table.rows)


def _markdown_head(headings: Sequence[str]) -> list[str]:
    return [_markdown_row(headings), _markdown_row(["---"] * len(headings))]


def _markdown_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _summary(validation: PublishedValidation) -> str:
    rows = [row for table in validation.tables for row in table.rows]
    holding = sum(row.holds for row in rows)
    wanted = sum(row.as_wanted for row in rows)
    return (
        f"{holding} of {count(len(rows), 'figure')} within what the machines state, "
        f"{wanted} within what is wanted"
    )
