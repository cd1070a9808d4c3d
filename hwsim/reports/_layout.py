"""The two shapes of text in reports: facts with a hanging indent, and tables 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text


def facts(rows: Iterable[tuple[str, str]]) -> Table:
    """Lay out titles, a text folded beside each; an empty title continues the one above."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for title, text in rows:
        grid.add_row(Text(title), Text(text))
    return grid


def figures(words: Sequence[str], numbers: Sequence[str], caption: str | None = None) -> Table:
    """Start a table of words, which fold in a narrow terminal, and numbers, which never do."""
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=0,
        pad_edge=False,
        show_edge=False,
        caption=Text(caption) if caption else None,
        caption_justify="left",
    )
    for heading in words:
        table.add_column(heading, overflow="fold")
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def add_row(table: Table, *cells: Any) -> None:
    """Add a row of plain text: brackets in names are no markup."""
    table.add_row(*(Text(str(cell)) for cell in cells))
