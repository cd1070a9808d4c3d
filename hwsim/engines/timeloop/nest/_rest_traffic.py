"""Traffic where factors leave rests in space: fewer copies, or smaller tiles, in the last round.

Every copy that works is counted: rounds and last round each have their own tiles and their own
children. Counts are of an instance of the level on average, so that times instances on average
they are those of all. A tile whose size changes is fetched whole; otherwise it keeps what it has
as where factors divide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from hwsim.engines.timeloop.nest._rest_steps import (
    RestView,
    States,
    all_states,
    positions,
    view_rests,
)
from hwsim.engines.timeloop.nest._reuse import Passed, box, strides
from hwsim.engines.timeloop.nest._sharing import SpatialSharing
from hwsim.engines.timeloop.nest.loops import Floats, LoopRows, LoopStack
from hwsim.engines.timeloop.nest.traffic import Traffic
from hwsim.engines.timeloop.terms.problem import Ints

_Steps = dict[States, Floats]
#: From how far apart the data of children lie at most, to what neighbours might pass on.
PassedOn = Callable[[Floats], Passed | None]


def rest_traffic(
    projection: Ints,
    loops: LoopRows,
    level: int,
    sharing: SpatialSharing,
    reuse: bool,
    passed_on: PassedOn,
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
    passed_on : callable
        Finds what neighbours might pass on to children that are so far apart.
    """
    views = view_rests(loops, level, (projection != 0).any(axis=0))
    spatial = loops.spatial[level]
    whole, part, move = _steps(projection, loops, level, views, reuse)
    passed = _passed_on(spatial, sharing, reuse, views, passed_on)
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
        children = _children(spatial, level, views, states)
        traffics.append(sharing.traffic(words, None if any(states) else passed, children))
    return _together(traffics)


def _passed_on(
    spatial: LoopStack,
    sharing: SpatialSharing,
    reuse: bool,
    views: list[RestView],
    passed_on: PassedOn,
) -> Passed | None:
    """Find what neighbours pass on; nothing where a rest changes who they are or what they hold."""
    reach = sharing.reach(spatial) if sharing.links_may_save(reuse) else None
    if reach is None:
        return None
    for view in views:
        reach = np.where(view.changes, -np.inf, reach)
    return passed_on(reach)


def _steps(
    projection: Ints, loops: LoopRows, level: int, views: list[RestView], reuse: bool
) -> tuple[_Steps, _Steps, Floats]:
    """Count the steps that fetch a whole tile, and those that fetch what a move uncovers."""
    one = np.ones_like(loops.iterations)
    states = all_states(len(views))
    whole = {state: np.zeros_like(one) for state in states}
    part = {state: np.zeros_like(one) for state in states}
    whole[states[0]] = one  # the first fetch
    all_strides = strides(projection, loops.temporal)
    inner = np.zeros((len(projection), len(one)))
    first_move = np.zeros_like(inner)
    moving = np.zeros(len(one), dtype=bool)
    outer = loops.temporal
    for place in range(loops.start[level], len(outer)):
        end, stride = outer.end[place], all_strides[:, place]
        move = stride - inner
        inner = inner + stride
        moves = (move != 0).any(axis=0) & (end > 1)
        starts = moves & ~moving
        first_move = np.where(starts, move, first_move)
        moving = moving | starts
        again = moves & (move == first_move).all(axis=0)
        outside = loops.outside[place]
        steps = end - 1
        every, same = [], []
        for view in views:
            own, all_positions, same_positions = view.advance(
                outer.dimension[place], end, int(loops.level[place])
            )
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
    extents: Floats = loops.below[level]
    for view, state in zip(views, states, strict=True):
        which = np.flatnonzero(view.resizes)
        if state and len(which):
            extents = extents.copy()
            place = view.rest.dimension[which]
            rounds = view.rounds[which] - 1
            extents[place, which] = view.rest.bound[which] - rounds * extents[place, which]
    return extents


def _children(spatial: LoopStack, level: int, views: list[RestView], states: States) -> LoopStack:
    """Take the copies that work."""
    for view, state in zip(views, states, strict=True):
        if state:
            own = (view.rest.level == level) & (spatial.dimension == view.rest.dimension)
            spatial = replace(spatial, end=np.where(own, view.rest.last, spatial.end))
    return spatial


def _together(traffics: list[Traffic]) -> Traffic:
    total = traffics[0]
    for traffic in traffics[1:]:
        total.extend(traffic)
    total.merge_equal()
    return total
