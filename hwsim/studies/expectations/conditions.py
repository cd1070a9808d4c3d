"""Conditions on coordinates: ``num_ms=64|128``, ``sparsity >= 0.5``, ``scheme=pruned*``."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

#: What stands for a coordinate of an axis that does not apply.
NONE: Final = "none"
ORDERS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Condition:
    """What one coordinate has to be.

    Parameters
    ----------
    axis : str
        Name of the coordinate.
    comparison : str
        ``=``, ``!=``, or one of ``>= <= > <`` for numbers.
    values : tuple of str
        As written: numbers, texts or shell patterns; of several, any.
    """

    axis: str
    comparison: str
    values: tuple[str, ...]

    def meets(self, coordinates: Sequence[Any]) -> bool:
        """Tell whether it holds.

        Parameters
        ----------
        coordinates : sequence
            Of this axis, of the points that are compared. One that does not apply (None) says
            nothing unless none of them does.
        """
        known = [each for each in coordinates if each is not None]
        if not known:
            return self.comparison == "=" and NONE in self.values
        return all(map(self._met_by, known))

    def _met_by(self, coordinate: Any) -> bool:
        if self.comparison in ORDERS:
            is_number = isinstance(coordinate, int | float)
            return is_number and ORDERS[self.comparison](coordinate, float(self.values[0]))
        equal = any(equals(coordinate, value) for value in self.values)
        return equal == (self.comparison == "=")

    def __str__(self) -> str:
        return f"{self.axis}{self.comparison}{'|'.join(self.values)}"


def equals(coordinate: Any, value: str) -> bool:
    """Tell whether a coordinate that applies is what was written: a number, or a shell pattern."""
    try:
        if not isinstance(coordinate, str):
            return bool(coordinate == float(value))
    except ValueError:
        return False
    return fnmatchcase(coordinate, value)
