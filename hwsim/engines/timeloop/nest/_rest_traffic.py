"""Traffic where factors leave rests in space: fewer copies, or smaller tiles, in the last round.

Every copy that works is counted: rounds and last round each have their own tiles and their own
children. Counts are of an instance of the level on average, so that times instances on average
they are those of all. A tile whose size changes is fetched whole; otherwise it keeps what it has
as where factors divide.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwsim.engines.timeloop.nest._rest_steps import (
    RestView,
    States,
    all_states,
    positions,
    view_rests,
)
from hwsim.engines.timeloop.nest._reuse import ChildWords, box, child_words, strides
from hwsim.engines.timeloop.nest._sharing import SpatialSharing
from hwsim.engines.timeloop.nest.loops import Bools, Floats, LoopRow, LoopRows
from hwsim.engines.timeloop.nest.traffic import Traffic
from hwsim.engines.timeloop.terms.problem import Ints

_Steps = dict[States, Floats]


def rest_traffic(
    projection: Ints, loops: LoopRows, level: int, sharing: SpatialSharing, reuse: bool
) -> Traffic:
    """Find the traffic from a level to its children, of one data space.

    Parameters
    ----------
    projection : ndarray of int, shape (ranks, dimensions)
        Of the data space.
    loops : LoopRows
        With rests.
    level : int
        The level.
    sharing : SpatialSharing
        How its children share the data space.
    reuse : bool
        Whether a tile may keep what it has.
    """
    views = view_rests(loops, level, (projection != 0).any(axis=0))
    spatial = loops.spatial[level]
    whole, part, move = _steps(projection, loops, level, views, reuse)
    found = _passed_on(projection, loops, level, sharing, reuse, views)
    traffics = []
    for states in whole:
        size = box(projection, _extents(loops, level, views, states))
        full = np.prod(size, axis=0)
        kept = np.prod(np.maximum(size - np.abs(move), 0.0), axis=0)
        words = whole[states] * full + part[states] * (full - kept)
        for view, state in zip(views, states, strict=True):
            rest = view.rest
            copies = rest.last if state else rest.end
            words = np.where(view.changes & (rest.level > level), words * copies / rest.mean, words)
        passed = found.passed if not any(states) else []
        children = _children(spatial, level, views, states)
        traffics.append(sharing.traffic(ChildWords(words, passed), children))
    return _together(traffics)


def _passed_on(
    projection: Ints,
    loops: LoopRows,
    level: int,
    sharing: SpatialSharing,
    reuse: bool,
    views: list[RestView],
) -> ChildWords:
    """Find what neighbours pass on; nothing where a rest changes who they are or what they hold."""
    spatial = loops.spatial[level]
    reach = sharing.reach(spatial) if sharing.links_may_save(reuse) else None
    if reach is None:
        return ChildWords(np.zeros_like(loops.iterations))
    for view in views:
        reach = np.where(view.changes, -np.inf, reach)
    return child_words(projection, loops, level, reach, reuse)


def _steps(
    projection: Ints, loops: LoopRows, level: int, views: list[RestView], reuse: bool
) -> tuple[_Steps, _Steps, Floats]:
    """Count the steps that fetch a whole tile, and those that fetch what a move uncovers."""
    one = np.ones_like(loops.iterations)
    states = all_states(len(views))
    whole = {state: np.zeros_like(one) for state in states}
    part = {state: np.zeros_like(one) for state in states}
    whole[states[0]] = one  # the first fetch
    inner = np.zeros((len(projection), len(one)))
    first_move = np.zeros_like(inner)
    moving = np.zeros(len(one), dtype=bool)
    for here in range(level, len(loops.temporal)):
        for row in loops.temporal[here]:
            stride = strides(projection, row)
            move = stride - inner
            inner = inner + stride
            moves = (move != 0).any(axis=0) & (row.end > 1)
            starts = moves & ~moving
            first_move = np.where(starts, move, first_move)
            moving = moving | starts
            again = moves & (move == first_move).all(axis=0)
            outside = row.outside
            steps = row.end - 1
            every, same = [], []
            for view in views:
                own, all_positions, same_positions = view.advance(row, here)
                every.append(all_positions)
                same.append(same_positions)
                outside = outside / view.outside
                steps = np.where(own, 1.0, steps)  # they are among the positions
            for state in states:
                there = steps * outside * positions(every, state, one)
                kept = steps * outside * positions(same, state, one)
                if not reuse:
                    whole[state] = whole[state] + there
                    continue
                part[state] = part[state] + np.where(again, kept, 0.0)
                fetched = np.where(again | ~moves, there - kept, there)
                whole[state] = whole[state] + fetched
    return whole, part, first_move


def _extents(loops: LoopRows, level: int, views: list[RestView], states: States) -> Floats:
    """Find the lengths of a child's tile."""
    extents = loops.below[level]
    for view, state in zip(views, states, strict=True):
        which = np.flatnonzero(view.resizes)
        if state and len(which):
            extents = extents.copy()
            place = view.rest.dimension[which]
            rounds = view.rounds[which] - 1
            extents[place, which] = view.rest.bound[which] - rounds * extents[place, which]
    return extents


def _children(
    spatial: list[LoopRow], level: int, views: list[RestView], states: States
) -> list[LoopRow]:
    """Take the copies that work."""
    for view, state in zip(views, states, strict=True):
        if state:
            spatial = [
                replace(row, end=np.where(_is(view, row, level), view.rest.last, row.end))
                for row in spatial
            ]
    return spatial


def _is(view: RestView, row: LoopRow, level: int) -> Bools:
    found: Bools = (view.rest.level == level) & (row.dimension == view.rest.dimension)
    return found


def _together(traffics: list[Traffic]) -> Traffic:
    total = traffics[0]
    for traffic in traffics[1:]:
        total.extend(traffic)
    total.merge_equal()
    return total
