"""What many workloads made one machine do, number by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hwsim.actions import ActionKey, ActivityKeys, ComponentKey


@dataclass(frozen=True, eq=False)
class ActivityColumns:
    """Activities of one engine on one machine, each number of all of them side by side.

    Numbers are Python's own, and for the engine to answer for: nothing is checked.

    Parameters
    ----------
    keys : ActivityKeys
        What they have in common.
    cycles, macs, effectual_macs, utilization
        As in :class:`hwsim.activity.Activity`, a place an activity.
    counts : mapping of ActionKey to sequence of number
        Likewise.
    levels : mapping of ActionKey to tuple of sequence of number
        Likewise, a sequence a level.
    statistics : mapping of str to sequence
        Likewise.
    """

    keys: ActivityKeys
    cycles: Sequence[int]
    macs: Sequence[int]
    effectual_macs: Sequence[int]
    utilization: Sequence[float]
    counts: Mapping[ActionKey, Sequence[float]]
    levels: Mapping[ActionKey, tuple[Sequence[float], ...]]
    statistics: Mapping[str, Sequence[float | str]]

    def __len__(self) -> int:
        return len(self.cycles)

    @cached_property
    def instances(self) -> dict[ComponentKey, int]:
        """How many of each component the machine has."""
        return dict(self.keys.instances)

    def counts_at(self, place: int) -> dict[ActionKey, float]:
        """Give the counts of one of them."""
        return {key: column[place] for key, column in self.counts.items()}

    def levels_at(self, place: int) -> dict[ActionKey, tuple[float, ...]]:
        """Give the spreads over levels of one of them."""
        return {key: tuple([level[place] for level in own]) for key, own in self.levels.items()}

    def statistics_at(self, place: int) -> dict[str, Any]:
        """Give the statistics of one of them."""
        return {name: column[place] for name, column in self.statistics.items()}
