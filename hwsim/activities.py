"""Activities side by side: what many layers made one machine do, count by count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from numpy.typing import NDArray

from hwsim.activity import ActionKey, Activity, ComponentKey
from hwsim.amount import side_by_side


@dataclass(frozen=True, eq=False)
class Activities:
    """Several activities of one engine, whose machines have the same parts and count the same.

    Parameters
    ----------
    engine : str
        Which engine found them.
    cycles : ndarray, shape (activities,)
        Total cycles of each.
    counts : mapping of ActionKey to ndarray, shape (activities,)
        How often each action happened, as in :class:`~hwsim.activity.Activity`.
    instances : mapping of (unit, component) to int
        How many of a component the unit has.
    levels : mapping of ActionKey to tuple of ndarray, shape (activities,)
        How an action of a tree spreads over its levels, an array a level.
    """

    engine: str
    cycles: NDArray[Any]
    counts: Mapping[ActionKey, NDArray[Any]]
    instances: Mapping[ComponentKey, int]
    levels: Mapping[ActionKey, tuple[NDArray[Any], ...]]

    @classmethod
    def of(cls, activities: Sequence[Activity]) -> Self:
        """Put activities side by side that :func:`likeness` finds alike.

        Parameters
        ----------
        activities : sequence of Activity
            One at least.
        """
        first = activities[0]
        counts = zip(*(each.counts.values() for each in activities), strict=True)
        levels = {
            key: tuple(
                map(side_by_side, zip(*(each.levels[key] for each in activities), strict=True))
            )
            for key in first.levels
        }
        return cls(
            first.engine,
            side_by_side([each.cycles for each in activities]),
            dict(zip(first.counts, map(side_by_side, counts), strict=True)),
            first.instances,
            levels,
        )

    def by_action(self) -> dict[tuple[str, str, str], NDArray[Any]]:
        """Sum the counts over operands; see :meth:`hwsim.activity.Activity.by_action`."""
        totals: dict[tuple[str, str, str], NDArray[Any]] = {}
        for (unit, component, action, _), count in self.counts.items():
            key = (unit, component, action)
            totals[key] = totals[key] + count if key in totals else count
        return totals


def likeness(activity: Activity) -> tuple[object, ...]:
    """Name what activities that can stand side by side have in common."""
    return activity.keys, tuple(map(len, activity.levels.values()))
