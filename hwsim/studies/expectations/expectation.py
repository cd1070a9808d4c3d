"""An expectation, read."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from hwsim.studies.expectations.conditions import Condition
from hwsim.studies.expectations.measures import Measure

COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}
#: On which side of the bound there is room.
_SIDE: Final = {">=": 1, ">": 1, "<=": -1, "<": -1}


@dataclass(frozen=True)
class Bound:
    """What a value is compared with.

    Parameters
    ----------
    number : float
        The bound, or what the value of the baseline is multiplied by.
    unit : str
        Of the number; ``""`` for none.
    of_baseline : bool
        Whether it is relative to the value of the baseline.
    """

    number: float
    unit: str = ""
    of_baseline: bool = False


@dataclass(frozen=True)
class Layers:
    """The layers that an expectation is about.

    Parameters
    ----------
    patterns : tuple of str
        Shell patterns of names.
    each : bool
        Whether every one of them by itself, and not all together.
    """

    patterns: tuple[str, ...]
    each: bool = False

    def choose(self, names: Iterable[str]) -> list[str]:
        """Keep the names that match any of the patterns."""
        return [name for name in names if any(fnmatchcase(name, each) for each in self.patterns)]


@dataclass(frozen=True)
class Expectation:
    """What has to be true of points of a study.

    Parameters
    ----------
    text : str
        As it was written.
    measure : Measure
        What is compared.
    schemes : tuple of str
        Of the points; of a ratio, what is divided and what it is divided by.
    comparison : str
        ``>=``, ``<=``, ``==``, ``>`` or ``<``.
    bound : Bound
        With what.
    conditions : tuple of Condition
        Of the points' coordinates, all of them.
    layers : Layers or None
        None for the whole network.
    place : str
        Where it stands, e.g. ``FILE, line N``.
    """

    text: str
    measure: Measure
    schemes: tuple[str, ...]
    comparison: str
    bound: Bound
    conditions: tuple[Condition, ...] = ()
    layers: Layers | None = None
    place: str = field(default="", compare=False)

    def holds(self, value: float, bound: float) -> bool:
        """Tell whether a value is on the side of the bound where it has to be."""
        return COMPARISONS[self.comparison](value, bound)

    def margin(self, value: float, bound: float) -> float:
        """Tell how far a value is from where it would just hold, as a share of the bound.

        Below 0 where it fails; NaN for a bound of 0.
        """
        if bound == 0:
            return float("nan")
        distance = (value - bound) / abs(bound)
        side = _SIDE.get(self.comparison)
        return -abs(distance) if side is None else side * distance
