"""Activities side by side: what many layers made one machine do, count by count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, Self

from numpy.typing import NDArray

from hwsim.activity import ActionKey, Activity, ComponentKey
from hwsim.amount import side_by_side


class Activities(NamedTuple):
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
        counts: dict[ActionKey, list[float]] = {key: [] for key in first.keys.counts}
        levels: dict[ActionKey, tuple[list[float], ...]] = {
            key: tuple([] for _ in range(depth))
            for key, depth in zip(first.keys.levels, first.depths, strict=True)
        }
        for several, run in groupby(activities, lambda each: each.stands_beside[0]):
            own = list(run)
            if several is None:
                for key, column in counts.items():
                    column += [each.counts[key] for each in own]
                for key, spread in levels.items():
                    by_level = zip(*(each.levels[key] for each in own), strict=True)
                    for column, level in zip(spread, by_level, strict=True):
                        column += level
                continue
            mine = _those_at([each.stands_beside[1] for each in own])
            for key, column in counts.items():
                column += mine(several.counts[key])
            for key, spread in levels.items():
                for column, beside in zip(spread, several.levels[key], strict=True):
                    column += mine(beside)
        return cls(
            first.engine,
            side_by_side([each.cycles for each in activities]),
            {key: side_by_side(column) for key, column in counts.items()},
            first.instances,
            {key: tuple(map(side_by_side, spread)) for key, spread in levels.items()},
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
    return activity.keys, activity.depths


def _those_at(places: Sequence[int]) -> Callable[[Sequence[float]], Sequence[float]]:
    """Choose from numbers side by side; often all of them."""
    if len(places) == 1:
        return lambda column: [column[places[0]]]
    if places == [*range(len(places))]:
        return lambda column: column[: len(places)]
    return itemgetter(*places)
