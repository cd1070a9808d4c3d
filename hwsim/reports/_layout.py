"""The two shapes of text in reports: facts with a hanging indent, and tables.

A table that a terminal has no room for is written row by row, a figure a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

#: Columns that words are folded to, where numbers need the others.
_WORD: Final = 10


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
    return _FigureTable(words, numbers, caption)


def add_row(table: Table, *cells: Any) -> None:
    """Add a row of plain text: brackets in names are no markup."""
    table.add_row(*map(str, cells))


class _FigureTable(Table):
    """Rows of figures, set here where none has to fold: rich takes a millisecond for each."""

    def __init__(self, words: Sequence[str], numbers: Sequence[str], caption: str | None) -> None:
        super().__init__()
        self._words, self._numbers, self._text = words, numbers, caption
        self._lines: list[list[str]] = []

    def add_row(self, *cells: RenderableType | None, **_: Any) -> None:
        missing = len(self._words) + len(self._numbers) - len(cells)
        self._lines.append([*map(str, cells), *[""] * missing])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        headings = [heading.split("\n") for heading in (*self._words, *self._numbers)]
        columns = zip(*self._lines, strict=True) if self._lines else [()] * len(headings)
        widths = [
            max(1, *map(cell_len, (*heading, *cells)))
            for heading, cells in zip(headings, columns, strict=True)
        ]
        words = len(self._words)
        folded = [*(min(_WORD, width) for width in widths[:words]), *widths[words:]]
        if sum(folded) + len(folded) - 1 > options.max_width and self._lines:
            yield from self._below_each_other()
            return
        if sum(widths) + len(widths) - 1 > options.max_width or not self._lines:
            yield self._laid_out(self._lines)
            return
        # Headings and caption are laid out around a row that is as wide as any.
        around = console.render_lines(
            self._laid_out([["x" * width for width in widths]]), options, pad=False
        )
        place = max(map(len, headings)) + 1  # below the headings and their line
        for line in around[:place]:
            yield from (*line, Segment.line())
        yield Segment("".join(f"{line}\n" for line in self._set(widths)))
        for line in around[place + 1 :]:
            yield from (*line, Segment.line())

    def _below_each_other(self) -> Iterator[RenderableType]:
        """Write a row as its words, then a line for each figure with its heading."""
        headings = [_in_one_line(heading) for heading in (*self._words, *self._numbers)]
        for row in self._lines:
            title = " ".join(filter(None, map(str.strip, row[: len(self._words)])))
            yield Text(title, style="bold", overflow="fold")
            figures = zip(headings[len(self._words) :], row[len(self._words) :], strict=True)
            yield facts((f"  {heading}", cell) for heading, cell in figures if cell)
        if self._text:
            yield Text(self._text, overflow="fold")

    def _set(self, widths: Sequence[int]) -> Iterator[str]:
        """Set the rows, words to the left and numbers to the right."""
        words = len(self._words)
        for row in self._lines:
            cells = list(zip(row, widths, strict=True))
            left = [cell + " " * (width - cell_len(cell)) for cell, width in cells[:words]]
            right = [" " * (width - cell_len(cell)) + cell for cell, width in cells[words:]]
            yield " ".join([*left, *right])

    def _laid_out(self, rows: Iterable[Sequence[str]]) -> Table:
        table = Table(
            box=box.SIMPLE_HEAD,
            padding=0,
            pad_edge=False,
            show_edge=False,
            caption=Text(self._text) if self._text else None,
            caption_justify="left",
        )
        for heading in self._words:
            table.add_column(Text(heading), overflow="fold")
        for heading in self._numbers:
            table.add_column(Text(heading), justify="right", no_wrap=True)
        for row in rows:
            table.add_row(*map(Text, row))
        return table


def _in_one_line(heading: str) -> str:
    """Put the lines of a heading together again, and the parts of a word."""
    return " ".join(heading.replace("-\n", "").split())
