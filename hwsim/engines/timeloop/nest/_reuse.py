"""What a tile costs its parent: the parts of it that change while the loops around it run.

The loops outside a tile move it through its tensor. Between two steps the tile moves by a
translation; what it had before and needs again stays, if the hardware's pattern generator can
follow, which it does as long as the translation is the same as the last one that moved it. When
the direction changes, the whole tile is fetched anew and any next direction is accepted.

With factors that divide, the translation when loop ``m`` advances (and the loops inside it start
over) is ``d[m] = v[m] - sum(v[i] for i < m)`` with ``v`` the stride of each loop, taken between
its first and second iteration; all later iterations are taken to cost what the second does.

Along the walk from the first fetch, only the innermost loop that moves the tile at all (by
``d0``) is ever met in the state that keeps a part: after each run of it the state is ``d0``
again, so a loop further out moves by ``d0`` once more (and fetches the new part), does not move
the tile (and fetches nothing), or fetches it whole. Counting how often each of the three happens
takes one pass over the loops.

Neighbours may pass data on where the part fetched has the shape of the one before it: at steps by
``d0`` that follow another or, if ``d0`` leaves nothing to keep, at all steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from hwsim.engines.timeloop.nest.loops import Bools, Floats, LoopRow, LoopRows
from hwsim.engines.timeloop.terms.problem import Ints


@dataclass
class Passed:
    """Words of one child that neighbours might pass on, in the mappings ``which``.

    The offset, shape (ranks, mappings), is how far apart the data of giver and taker lie.
    """

    which: Ints
    offset: Floats
    words: Floats


@dataclass
class ChildWords:
    """What one child of each mapping fetches, and the parts of it that neighbours might have."""

    words: Floats
    passed: list[Passed] = field(default_factory=list)


def box(projection: Ints, extents: Floats) -> Floats:
    """Lengths along the ranks of what blocks of the iteration space touch."""
    return np.abs(projection).astype(np.float64) @ (extents - 1) + 1


def strides(projection: Ints, row: LoopRow) -> Floats:
    """How far an iteration of a loop moves the tile along each rank: shape (ranks, mappings)."""
    moved: Floats = projection[:, row.dimension] * row.step
    return moved


def child_words(
    projection: Ints, loops: LoopRows, level: int, reach: Floats | None, reuse: bool
) -> ChildWords:
    """Find what a child of a level fetches of one data space.

    ``reach``, shape (ranks, mappings), is how far apart the data of any two children lie at most;
    None without neighbours that could pass data on. With ``reuse`` a tile may keep what it has.
    """
    size = box(projection, loops.below[level])
    full = np.prod(size, axis=0)
    outer = [row for nest in loops.temporal[level:] for row in nest]
    if not reuse:
        return _without_reuse(projection, outer, full, reach)
    return _Pass(projection, outer, size, full, reach).result()


def _without_reuse(
    projection: Ints, outer: list[LoopRow], full: Floats, reach: Floats | None
) -> ChildWords:
    iterations = outer[0].end * outer[0].outside if outer else np.ones_like(full)
    found = ChildWords(full * iterations)
    if reach is not None:
        inner = np.zeros((len(projection), len(full)))
        for row in outer:
            stride = strides(projection, row)
            iterating = row.end > 1
            words = np.where(iterating, full * (row.end - 1) * row.outside, 0.0)
            _note(found.passed, stride - inner, words, iterating, reach)
            inner += stride
    return found


def _note(passed: list[Passed], offset: Floats, words: Floats, where: Bools, reach: Floats) -> None:
    """Remember words that some neighbour is near enough to have."""
    near = where & (words > 0) & (np.abs(offset) <= reach).all(axis=0)
    which = np.flatnonzero(near)
    if len(which):
        passed.append(Passed(which, offset[:, which], words[which]))


class _Pass:
    """The pass over the loops."""

    def __init__(
        self,
        projection: Ints,
        outer: list[LoopRow],
        size: Floats,
        full: Floats,
        reach: Floats | None,
    ) -> None:
        count = len(full)
        self._size, self._full, self._reach = size, full, reach
        self._first_move = np.zeros((len(projection), count))  # d0
        self._inner = np.zeros((len(projection), count))
        self._moving = np.zeros(count, dtype=bool)  # whether d0 is known
        self._first_steps = np.zeros(count)  # iterations of its loop but one
        self._runs = np.ones(count)  # of its loop
        self._waits = np.zeros(count, dtype=bool)  # whether loops inside it leave the tile
        self._whole = np.zeros(count)  # steps that fetch the whole tile
        self._again = np.zeros(count)  # steps by d0 further out
        self._far: list[tuple[Floats, Floats, Bools]] = []
        for row in outer:
            if (row.end > 1).any():
                self._step(strides(projection, row), row)

    def _step(self, stride: Floats, row: LoopRow) -> None:
        iterating, later, steps = row.end > 1, self._moving, row.end - 1
        move = stride - self._inner
        self._inner = self._inner + stride
        moves = (move != 0).any(axis=0)
        whole = moves & later
        again = whole & (move == self._first_move).all(axis=0)
        whole = whole & ~again
        self._whole = self._whole * row.end + whole * steps
        self._again = self._again * row.end + again * steps
        self._runs = np.where(later, self._runs * row.end, self._runs)
        begins = iterating & ~later
        if self._reach is not None:
            self._waits = self._waits | (begins & ~moves)
            self._far.append((move, steps * row.outside, whole & iterating))
        first = begins & moves
        if first.any():
            self._first_move = np.where(first, move, self._first_move)
            self._first_steps = np.where(first, steps, self._first_steps)
            self._moving = later | first

    def result(self) -> ChildWords:
        left = self._size - np.abs(self._first_move)
        overlap = np.prod(np.maximum(left, 0.0), axis=0)
        part = self._full - overlap
        run = self._first_steps * part
        found = ChildWords(
            self._full + run * self._runs + self._full * self._whole + part * self._again
        )
        if self._reach is None:
            return found
        anew = self._moving & (overlap == 0)  # d0 leaves nothing to keep
        direct = self._moving & ~self._waits
        words = (run + part) * self._again + np.where(anew, run * (1 + self._whole), 0.0)
        _note(found.passed, self._first_move, words, direct, self._reach)
        for move, steps, whole in self._far:
            _note(found.passed, move, self._full * steps, whole & anew & direct, self._reach)
        return found
