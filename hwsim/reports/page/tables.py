"""Tables of a page: cells that are sorted by their exact value, which they show on demand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hwsim.reports.page.bars import exact


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, what it is sorted by, and what it is exactly.

    ``key`` is text or a number; NaN sorts last. ``words`` may be empty.
    """

    text: str
    key: str | float
    words: str = ""

    @property
    def number(self) -> bool:
        """Whether it is a number, which stands to the right."""
        return not isinstance(self.key, str)

    @property
    def sort_key(self) -> str:
        """The key as text: a number with all its digits, nothing for one that is missing."""
        if isinstance(self.key, str):
            return self.key
        return "" if math.isnan(self.key) else repr(self.key)


@dataclass(frozen=True)
class DataTable:
    """A table that can be sorted and filtered.

    Parameters
    ----------
    title : str
        What it shows.
    heads : sequence of str
        Of the columns, with their units.
    rows : sequence of sequence of Cell
        A cell a column.
    choices : sequence of str
        Columns of which one value may be chosen.
    note : str
        What has to be known of it.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    choices: Sequence[str] = ()
    note: str = ""

    def values(self, head: str) -> list[str]:
        """Give the different texts of a column, in order."""
        at = list(self.heads).index(head)
        return list(dict.fromkeys(row[at].text for row in self.rows))


def text_cell(text: str) -> Cell:
    """Make a cell of words."""
    return Cell(text, text)


def number_cell(text: str, value: float, unit: str) -> Cell:
    """Make a cell of a number: short, and whole with its unit on demand."""
    value = float(value)
    return Cell(text, value, f"{exact(value)} {unit}".rstrip() if math.isfinite(value) else "")
