"""Points and curves in a plane, as SVG that takes its colours from the page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 74, 28, 14, 56
#: Markers of matplotlib's names, as paths around the origin.
_MARKERS: Final = {
    "o": "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0",
    "s": "M-4.5,-4.5h9v9h-9z",
    "^": "M0,-5.5L5.5,4.5H-5.5z",
    "D": "M0,-6L6,0L0,6L-6,0z",
    "v": "M0,5.5L5.5,-4.5H-5.5z",
    "P": "M-2,-5.5h4v3.5h3.5v4h-3.5v3.5h-4v-3.5h-3.5v-4h3.5z",
    "X": "M-5,-3L-3,-5L0,-2L3,-5L5,-3L2,0L5,3L3,5L0,2L-3,5L-5,3L-2,0z",
}


@dataclass(frozen=True)
class Mark:
    """A point: its place, class, marker, and what it is, exactly."""

    x: float
    y: float
    look: str
    marker: str
    words: str


@dataclass(frozen=True)
class Line:
    """A curve through points: class, dashes of SVG, and what is written at its end, if anything."""

    points: Sequence[tuple[float, float]]
    look: str = "rule"
    dashes: str = ""
    words: str = ""


@dataclass(frozen=True)
class Tick:
    """A mark of an axis: where, in units of the drawing, and its number."""

    at: float
    text: str


@dataclass(frozen=True)
class Plane:
    """A figure with two axes.

    Parameters
    ----------
    title, across, up : str
        What it shows; the axes with their units.
    marks : sequence of Mark
        Points.
    lines : sequence of Line
        Curves, and rules such as roofs.
    legend : sequence of (str, str, str)
        Class, marker and name.
    log : bool
        Whether both axes are logarithmic.
    percent : bool
        Whether the axis across is one of shares, from 0 to 1.
    note : str
        What has to be known of it.
    """

    title: str
    across: str
    up: str
    marks: Sequence[Mark]
    lines: Sequence[Line] = ()
    legend: Sequence[tuple[str, str, str]] = ()
    log: bool = False
    percent: bool = False
    note: str = ""
    width: int = field(default=_WIDTH, init=False)
    height: int = field(default=_HEIGHT, init=False)
    left: int = field(default=_LEFT, init=False)
    right: int = field(default=_WIDTH - _RIGHT, init=False)
    top: int = field(default=_TOP, init=False)
    bottom: int = field(default=_HEIGHT - _BOTTOM, init=False)

    def drawn_marks(self) -> Iterator[tuple[Mark, str, str]]:
        """Yield the points with their place, and the path of their marker."""
        for mark in self.marks:
            yield mark, f"{self._x(mark.x):.1f},{self._y(mark.y):.1f}", _MARKERS[mark.marker]

    def drawn_lines(self) -> Iterator[tuple[Line, str, float, float]]:
        """Yield the curves with their points, and where the last of them is."""
        for line in self.lines:
            places = [(self._x(x), self._y(y)) for x, y in line.points]
            text = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            yield line, text, *places[-1]

    def path(self, marker: str) -> str:
        """Give the path of a marker."""
        return _MARKERS[marker]

    def ticks(self, axis: str) -> list[Tick]:
        """Give the marks of ``x`` or ``y``."""
        low, high = self._range(axis)
        place = self._x if axis == "x" else self._y
        numbers = _powers(low, high) if self.log else _steps(low, high)
        share = self.percent and axis == "x"
        return [Tick(place(each), f"{each:.0%}" if share else f"{each:,g}") for each in numbers]

    def _range(self, axis: str) -> tuple[float, float]:
        values = [getattr(mark, axis) for mark in self.marks]
        at = 0 if axis == "x" else 1
        values += [point[at] for line in self.lines for point in line.points]
        low, high = min(values, default=0.1), max(values, default=1.0)
        if self.log:
            return low / 1.25, high * 1.25
        if self.percent and axis == "x":
            return 0.0, 1.0
        return 0.0, 1.05 * high or 1.0

    def _x(self, value: float) -> float:
        return self.left + self._share("x", value) * (self.right - self.left)

    def _y(self, value: float) -> float:
        return self.bottom - self._share("y", value) * (self.bottom - self.top)

    def _share(self, axis: str, value: float) -> float:
        low, high = self._range(axis)
        if self.log:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)


def _steps(low: float, high: float) -> list[float]:
    """Give round numbers between two ends, five or so of them."""
    rough = (high - low) / 5
    power = 10 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def _powers(low: float, high: float) -> list[float]:
    """Give 1, 2 and 5 times the powers of ten between two ends; the powers alone where many."""
    found = [
        digit * 10.0**power
        for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for digit in (1, 2, 5)
        if low <= digit * 10.0**power <= high
    ]
    powers = [each for each in found if math.log10(each).is_integer()]
    return found if len(found) <= 9 or len(powers) < 3 else powers
