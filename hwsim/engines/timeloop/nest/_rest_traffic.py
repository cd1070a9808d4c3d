"""Traffic where factors leave rests in space: fewer copies, or smaller tiles, in the last round.

Every copy that works is counted: rounds and last round each have their own tiles and their own
children. Counts are of an instance of the level on average, so that times instances on average
they are those of all. A tile whose size changes is fetched whole; otherwise it keeps what it has
as where factors divide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hwsim.engines.timeloop.nest._rest_steps import (
    RestRounds,
    States,
    all_states,
    rests_seen,
    steps_apart,
    times_positions,
)
from hwsim.engines.timeloop.nest._reuse import Passed, TileMoves
from hwsim.engines.timeloop.nest._sharing import SpatialSharing
from hwsim.engines.timeloop.nest.loops import Bools, Floats, LoopRows, LoopStack
from hwsim.engines.timeloop.nest.traffic import Traffic


def rest_traffic(
    loops: LoopRows,
    level: int,
    moves: TileMoves,
    sharing: Sequence[SpatialSharing],
    reuse: Sequence[bool],
) -> list[Traffic]:
    """Find the traffic from a level to its children, of all data spaces.

    Parameters
    ----------
    loops : LoopRows
        With rests.
    level : int
        The level.
    moves : TileMoves
        How the loops move tiles.
    sharing : sequence of SpatialSharing
        How its children share each data space.
    reuse : sequence of bool
        Whether a tile of each data space may keep what it has.
    """
    rests = rests_seen(loops, level)
    resizing = [rest.changes & (rest.rest.level < level) for rest in rests]
    states = all_states(len(rests))
    sizes = [_sizes(loops, level, moves, rests, resizing, state) for state in states]
    children = [_children(loops.spatial[level], level, rests, state) for state in states]
    steps = steps_apart(loops, level, rests)
    found = []
    for number, own in enumerate(sharing):
        relevant = moves.relevant[number]
        resizes = [
            resized & relevant[rest.rest.dimension]
            for rest, resized in zip(rests, resizing, strict=True)
        ]
        count = _StepCount(steps, moves, level, number, rests, resizes)
        total: Traffic | None = None
        for state, (full, part), copies in zip(states, sizes, children, strict=True):
            whole_steps, part_steps = count.of(state, reuse[number])
            first = not any(state)  # of which the first fetch is
            if not (first or whole_steps.any() or part_steps.any()):
                continue
            words = (whole_steps + first) * full[number] + part_steps * part[number]
            words = _by_copies(words, level, rests, state)
            passed = _passed_on(moves, level, number, own, reuse[number], rests) if first else None
            traffic = own.traffic(words, passed, copies)
            traffic.drop_empty_ways()
            if total is None:
                total = traffic
            else:
                total.extend(traffic)
        assert total is not None
        total.merge_equal()
        found.append(total)
    return found


def _passed_on(
    moves: TileMoves,
    level: int,
    number: int,
    sharing: SpatialSharing,
    reuse: bool,
    rests: Sequence[RestRounds],
) -> Passed | None:
    """Find what neighbours pass on; nothing where a rest changes who they are or what they hold."""
    spatial = moves.loops.spatial[level]
    reach = sharing.reach(spatial) if sharing.links_may_save(reuse) else None
    if reach is None:
        return None
    for rest in rests:
        reach = np.where(rest.changes, -np.inf, reach)
    return moves.passed(number, level, reach, reuse)


class _StepCount:
    """Steps of the loops outside a tile of one data space, by what they fetch."""

    def __init__(
        self,
        steps: Floats,
        moves: TileMoves,
        level: int,
        number: int,
        rests: Sequence[RestRounds],
        resizes: Sequence[Bools],
    ) -> None:
        found = moves.fetches(level)
        self._steps = steps
        self._again = found.again[number]
        self._stays = self._again | ~found.moves[number]
        self._every = [rest.positions for rest in rests]
        self._unchanged = [
            rest.unchanged_positions(resized) for rest, resized in zip(rests, resizes, strict=True)
        ]

    def of(self, states: States, reuse: bool) -> tuple[Floats, Floats]:
        """Count those that fetch a whole tile, and those that fetch what a move uncovers.

        They are those after which the rests are in their states, the first fetch aside.
        """
        there = times_positions(self._steps, self._every, states)
        whole: Floats = there.sum(axis=0)
        if not reuse:
            return whole, np.zeros_like(whole)
        kept = times_positions(self._steps, self._unchanged, states)
        part: Floats = np.where(self._again, kept, 0.0).sum(axis=0)
        return whole - np.where(self._stays, kept, 0.0).sum(axis=0), part


def _by_copies(words: Floats, level: int, rests: Sequence[RestRounds], states: States) -> Floats:
    """Count the words of those instances that work, of all on average."""
    for rest, state in zip(rests, states, strict=True):
        rows = rest.rest
        copies = rows.last if state else rows.end
        further_out = rest.changes & (rows.level > level)
        words = np.where(further_out, words * copies / rows.mean, words)
    return words


def _sizes(
    loops: LoopRows,
    level: int,
    moves: TileMoves,
    rests: Sequence[RestRounds],
    resizing: Sequence[Bools],
    states: States,
) -> tuple[Floats, Floats]:
    """Count the points of a child's tile, and of what a move uncovers, of all data spaces."""
    extents = loops.below[level]
    for rest, resized, state in zip(rests, resizing, states, strict=True):
        which = np.flatnonzero(resized)
        if state and len(which):
            extents = extents.copy()
            place = rest.rest.dimension[which]
            rounds = rest.rounds[which] - 1
            extents[place, which] = rest.rest.bound[which] - rounds * extents[place, which]
    lengths = moves.boxes.lengths(extents)
    full = moves.boxes.product(lengths)
    left = np.maximum(lengths - moves.fetches(level).moved, 0.0)
    return full, full - moves.boxes.product(left)


def _children(
    spatial: LoopStack, level: int, rests: Sequence[RestRounds], states: States
) -> LoopStack:
    """Take the copies that work."""
    for rest, state in zip(rests, states, strict=True):
        if state:
            own = (rest.rest.level == level) & (spatial.dimension == rest.rest.dimension)
            spatial = replace(spatial, end=np.where(own, rest.rest.last, spatial.end))
    return spatial
