"""What the search may choose: the constraints of an architecture and of a map space."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SlotKind = Literal["temporal", "spatial"]
#: A storage level (innermost first) and which of its loop nests.
Place = tuple[int, SlotKind]


@dataclass
class SlotConstraint:
    """Constraints of one loop nest: the temporal or the spatial loops of a storage level.

    Parameters
    ----------
    fixed, most, least : dict of str to int
        Factors by dimension; a fixed factor of 0 takes what the other fixed factors leave.
    prefix, suffix : list of str
        Dimensions that stand innermost (in this order), and outermost.
    split : int or None
        Dimensions of the permutation that lie along X.
    only_x, only_y : list of str
        Dimensions that may lie along one axis alone (from v0.4 nodes that fan out along one).
    """

    fixed: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    least: dict[str, int] = field(default_factory=dict)
    prefix: list[str] = field(default_factory=list)
    suffix: list[str] = field(default_factory=list)
    split: int | None = None
    only_x: list[str] = field(default_factory=list)
    only_y: list[str] = field(default_factory=list)


@dataclass
class Constraints:
    """All of them.

    Parameters
    ----------
    slots : dict
        By place; what is not named is free.
    keep : dict of (int, int) to bool
        By storage level and data space: stored there, or not. The rest is free, except that the
        outermost level keeps everything unless told otherwise.
    denied : dict of (int, str) to set of int
        By storage level and saving (``no_multicast`` and the like): data spaces without it.
    least_parallelism : float
        Of all fan-outs together, 0 to 1.
    notes : list of str
        What was ignored, and why.
    """

    slots: dict[Place, SlotConstraint] = field(default_factory=dict)
    keep: dict[tuple[int, int], bool] = field(default_factory=dict)
    denied: dict[tuple[int, str], set[int]] = field(default_factory=dict)
    least_parallelism: float = 0.0
    notes: list[str] = field(default_factory=list)

    def slot(self, place: Place) -> SlotConstraint:
        """Get the constraints of a place, none if there are none yet."""
        return self.slots.setdefault(place, SlotConstraint())

    def savings_denied(self, level: int, what: str, spaces: int) -> tuple[bool, ...]:
        """Tell for each data space whether a level is denied a saving."""
        denied = self.denied.get((level, what), set())
        return tuple(space in denied for space in range(spaces))
