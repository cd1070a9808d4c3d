"""Stacked bars as data of a page: rows of segments, each with its exact figure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from hwsim.reports._numbers import percent

#: Letters of a name that stands beside its bar on a telephone.
_SHORT: Final = 16


@dataclass(frozen=True)
class Segment:
    """A part of a bar.

    Parameters
    ----------
    look : str
        Its class.
    size : float
        How large it is, in the unit of its bar.
    words : str
        What it is and how much, exactly.
    """

    look: str
    size: float
    words: str


@dataclass(frozen=True)
class Bar:
    """A row: its names, its segments, and what stands beside it.

    Parameters
    ----------
    group, name : str
        What it belongs to (written once for rows that follow each other), and what it is.
    segments : sequence of Segment
        From left to right.
    length : float
        Of the longest bar, 0 to 1.
    value, exact, beside : str
        The figure in short, whole with its unit, and e.g. a ratio.
    """

    group: str
    name: str
    segments: Sequence[Segment]
    length: float
    value: str
    exact: str
    beside: str = ""


@dataclass(frozen=True)
class Bars:
    """A figure of bars.

    Parameters
    ----------
    title, unit : str
        What it shows, and in what.
    legend : sequence of (str, str)
        Class and name of each kind of segment.
    rows : sequence of Bar
        From top to bottom.
    beside : str
        What stands beside the bars; empty for nothing.
    note : str
        What has to be known of it.
    shares : bool
        Whether the bars can be shown as shares of themselves.
    """

    title: str
    unit: str
    legend: Sequence[tuple[str, str]]
    rows: Sequence[Bar]
    beside: str = ""
    note: str = ""
    shares: bool = field(default=True)

    @property
    def long_names(self) -> bool:
        """Whether rows of no group have names that want a line of their own on a narrow page."""
        return not self.longest_group and any(len(row.name) > _SHORT for row in self.rows)

    @property
    def longest_group(self) -> int:
        """Letters of the longest name of a group: the room that they are given."""
        return max((len(row.group) for row in self.rows), default=0)


def segments(
    parts: Mapping[str, float], looks: Mapping[str, str], unit: str, divisor: float = 1.0
) -> list[Segment]:
    """Make the segments of a bar, what is nothing left out.

    Parameters
    ----------
    parts : mapping of str to float
        How much of each, in the unit of the table.
    looks : mapping of str to str
        The class of each, in the order of the bar.
    unit : str
        As shown.
    divisor : float
        Of the unit of the table, to the unit shown.
    """
    whole = sum(parts.values())
    return [
        Segment(
            look,
            parts[name],
            f"{name}: {exact(parts[name] / divisor)} {unit}, {percent(parts[name] / whole, 2)}",
        )
        for name, look in looks.items()
        if parts.get(name, 0.0) > 0
    ]


def exact(value: float) -> str:
    """Write a number with all the digits that a reader could want: eight significant ones."""
    if not math.isfinite(value):
        return "-"
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.8g}"


def lengths(values: Iterable[float]) -> list[float]:
    """Give each value as a share of the largest."""
    known = list(values)
    most = max(known, default=0.0)
    return [value / most if most > 0 else 0.0 for value in known]


def in_groups(bars: Sequence[Bar]) -> list[Bar]:
    """Put the rows of one group together."""
    order = {name: place for place, name in enumerate(dict.fromkeys(bar.group for bar in bars))}
    return sorted(bars, key=lambda bar: order[bar.group])
