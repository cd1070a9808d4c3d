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
the tile (and fetches nothing), or fetches it whole. All steps of one loop are of one kind, so
counting how often each of the three happens is a sum over the loops.

Neighbours may pass data on where the part fetched has the shape of the one before it: at steps by
``d0`` that follow another or, if ``d0`` leaves nothing to keep, at all steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hwsim.engines.timeloop.nest.loops import Bools, Floats, LoopRows, LoopStack
from hwsim.engines.timeloop.terms.problem import Ints

#: Whole numbers below it, and their sums, are exact in double precision.
_EXACT: Final = 2.0**52


@dataclass
class Passed:
    """Words of one child that neighbours might pass on, in the mappings ``which``.

    The offset, shape (ranks, mappings), is how far apart the data of giver and taker lie.
    """

    which: Ints
    offset: Floats
    words: Floats


def box(projection: Ints, extents: Floats) -> Floats:
    """Lengths along the ranks of what blocks of the iteration space touch."""
    return np.abs(projection).astype(np.float64) @ (extents - 1) + 1


@dataclass
class _Fetches:
    """What a child fetches that keeps what it can, of all data spaces.

    Rows of data spaces; columns of mappings. A translation is told by numbers, the first axis.

    Parameters
    ----------
    full, part : ndarray of float
        Points of its tile; those of them that a step by ``d0`` fetches.
    moved : ndarray of float, shape (ranks, mappings)
        How far ``d0`` moves it along each rank, one data space after the other.
    first : ndarray of int
        Place of the loop that moves by ``d0``.
    first_steps : ndarray of float
        Its steps, in all its runs.
    moves, again : ndarray of bool, shape (data spaces, places, mappings)
        Loops that move the tile, and those that do by ``d0``.
    again_steps, whole_steps : ndarray of float
        Steps by ``d0``; steps that fetch the whole tile.
    """

    full: Floats
    part: Floats
    moved: Floats
    first: Ints
    first_steps: Floats
    moves: Bools
    again: Bools
    again_steps: Floats
    whole_steps: Floats

    @property
    def words(self) -> Floats:
        """Words that are fetched."""
        return self.full + self.part * self.again_steps + self.full * self.whole_steps


class TileMoves:
    """How the temporal loops move the tiles of all data spaces, and what of them is fetched.

    A translation is told by few numbers, by one where they are not very large: its lengths along
    the ranks are the digits. Sums and differences of translations are those of their numbers.

    Parameters
    ----------
    projections : sequence of ndarray of int, shape (ranks, dimensions)
        Of each data space.
    boxes : Boxes
        The same data spaces'.
    loops : LoopRows
        The mappings.
    """

    def __init__(self, projections: Sequence[Ints], boxes: Boxes, loops: LoopRows) -> None:
        self._projections = projections
        self.loops = loops
        self.boxes = boxes
        #: Whether a data space has a dimension, shape (data spaces, dimensions).
        self.relevant = np.array([(each != 0).any(axis=0) for each in projections])
        self._numbers = _MoveNumbers(projections, loops.padded[-1].max(axis=1))
        temporal = loops.temporal
        #: Shape (numbers, data spaces, places, mappings).
        self._stride = self._numbers.weights[:, :, temporal.dimension] * temporal.step
        self._before = _sum_before(self._stride)
        self._steps = (temporal.end - 1) * loops.outside
        self._fetches: dict[int, _Fetches] = {}

    def words(self, level: int, reuse: Sequence[bool]) -> Floats:
        """Find what a child of a level fetches, shape (data spaces, mappings).

        With ``reuse`` of a data space a tile may keep what it has.
        """
        keeps = np.array(reuse)[:, None]
        kept = self.fetches(level).words if keeps.any() else np.empty(0)
        if keeps.all():
            return kept
        fetched = self.boxes.points(self.loops.below[level]) * self.loops.runs_from(level)
        return np.where(keeps, kept, fetched) if keeps.any() else fetched

    def fetches(self, level: int) -> _Fetches:
        """Look at a child of a level that keeps what it can."""
        if level not in self._fetches:
            self._fetches[level] = self._look(level)
        return self._fetches[level]

    def _look(self, level: int) -> _Fetches:
        start = self.loops.start[level]
        size = self.boxes.lengths(self.loops.below[level])
        full = self.boxes.product(size)
        stride, steps = self._stride[:, :, start:], self._steps[start:]
        if not len(steps):
            none = np.zeros_like(full)
            no = np.zeros((len(full), 0, full.shape[1]), dtype=bool)
            return _Fetches(
                full, none, np.zeros_like(size), none.astype(np.int64), none, no, no, none, none
            )
        move = stride - (self._before[:, :, start:] - self._before[:, :, start : start + 1])
        moves = np.logical_or.reduce(move, axis=0)  # where they are not 0
        first = moves.argmax(axis=1)  # where none does, the first part is nothing
        mappings = np.arange(full.shape[1])
        first_move = move[:, np.arange(len(full))[:, None], first, mappings]
        again = moves & (move == first_move[:, :, None]).all(axis=0)
        again_steps = _of_some(again, steps)
        whole_steps = _of_some(moves, steps) - again_steps
        moved = self.boxes.moved(self.loops.temporal, first + start)
        part = full - self.boxes.product(np.maximum(size - moved, 0.0))
        first_steps = steps[first, mappings]
        return _Fetches(
            full, part, moved, first, first_steps, moves, again, again_steps, whole_steps
        )

    def passed(self, number: int, level: int, reach: Floats, reuse: bool) -> Passed | None:
        """Find the words that neighbours might pass on to a child of a level.

        Parameters
        ----------
        number : int
            Data space.
        level : int
            Whose children.
        reach : ndarray of float, shape (ranks, mappings)
            How far apart the data of any two children lie at most.
        reuse : bool
            Whether a tile may keep what it has.
        """
        start = self.loops.start[level]
        steps = self._steps[start:]
        if not len(steps):
            return None
        found = self.fetches(level)
        full = found.full[number]
        if not reuse:
            return self._near(number, start, steps > 0, full * steps, reach)
        first, moves, part = found.first[number], found.moves[number], found.part[number]
        at = first, np.arange(len(full))
        moving = moves[at]
        direct = moving & ((steps > 0).argmax(axis=0) == first)  # nothing inside leaves the tile
        anew = direct & (part == full)  # d0 leaves nothing to keep
        again = found.again_steps[number] - found.first_steps[number]
        run = (self.loops.temporal.end[start:][at] - 1) * part
        words = full * steps
        words[at] = (run + part) * again
        words[at] += np.where(anew, run * (1 + found.whole_steps[number]), 0.0)
        where = moves & ~found.again[number] & anew
        where[at] = direct
        return self._near(number, start, where, words, reach)

    def _near(
        self, number: int, start: int, where: Bools, words: Floats, reach: Floats
    ) -> Passed | None:
        """Take the words at steps of some loops that some neighbour is near enough to have."""
        place, which = np.nonzero(where & (words > 0) & (reach[0] >= 0))
        if not len(which):
            return None
        before = self._before[:, number, start:][:, place, which]
        before = before - self._before[:, number, start, which]
        moved = self._stride[:, number, start:][:, place, which] - before
        near, offset = self._numbers.within(number, moved, reach[:, which])
        if not len(near):
            return None
        place, which = place[near], which[near]
        return Passed(which, offset, words[place, which])


class Boxes:
    """Boxes that blocks of the iteration space touch, of all data spaces.

    Parameters
    ----------
    projections : sequence of ndarray of int, shape (ranks, dimensions)
        Of each data space.
    """

    def __init__(self, projections: Sequence[Ints]) -> None:
        # All are given as many ranks, as rows of them are multiplied quickly: along one of no
        # dimension a box is a single point. So is that of a tensor without ranks.
        ranks, dimensions = max(1, *map(len, projections)), projections[0].shape[1]
        padded = np.zeros((len(projections), ranks, dimensions))
        for own, projection in zip(padded, projections, strict=True):
            own[: len(projection)] = np.abs(projection)
        self._shape = padded.shape[:2]
        self._projection = padded.reshape(len(projections) * ranks, dimensions)
        self._space = np.repeat(np.arange(len(projections)), ranks)
        self._rank = np.arange(len(self._space))[:, None]

    def lengths(self, extents: Floats) -> Floats:
        """Lengths along the ranks, one data space after the other, (ranks, mappings)."""
        return self._projection @ (extents - 1) + 1

    def product(self, lengths: Floats) -> Floats:
        """Count the points of boxes, shape (data spaces, mappings)."""
        by_space = lengths.reshape(*lengths.shape[:-2], *self._shape, lengths.shape[-1])
        points: Floats = np.multiply.reduce(by_space, axis=-2)
        return points

    def points(self, extents: Floats) -> Floats:
        """Count the points of blocks of shape (dimensions, mappings): (data spaces, mappings).

        More axes in front are kept.
        """
        return self.product(self.lengths(extents))

    def moved(self, loops: LoopStack, places: Ints) -> Floats:
        """How far one loop moves tiles along the ranks; places of shape (data spaces, mappings)."""
        at = places, np.arange(places.shape[1])
        dimension, step = loops.dimension[at][self._space], loops.step[at][self._space]
        return self._projection[self._rank, dimension] * step


def _of_some(which: Bools, steps: Floats) -> Floats:
    """Sum up the steps of some places, (data spaces, places, mappings), of each data space."""
    total: Floats = np.einsum("spm,pm->sm", which, steps)  # a third of the time of where and sum
    return total


def _sum_before(values: Floats) -> Floats:
    """Sum up what lies further in than each place, the last axis but one."""
    before = np.zeros_like(values)
    np.cumsum(values[..., :-1, :], axis=-2, out=before[..., 1:, :])
    return before


class _MoveNumbers:
    """Numbers that tell translations of tiles; ``weights`` are what a step of a dimension adds.

    Weights are of shape (numbers, data spaces, dimensions).

    Parameters
    ----------
    projections : sequence of ndarray of int, shape (ranks, dimensions)
        Of each data space.
    extents : ndarray of float, shape (dimensions,)
        Beyond which no loop steps.
    """

    def __init__(self, projections: Sequence[Ints], extents: Floats) -> None:
        #: By data space and rank: which number, and the radix of its digit there.
        self._digits: list[list[tuple[int, float]]] = []
        weights = []
        for projection in projections:
            numbers, weight = [np.zeros(len(extents))], 1.0
            digits = []
            reaches = np.abs(projection) @ extents
            for row, reach in zip(projection, reaches.tolist(), strict=True):
                radix = 8 * reach + 1  # translations differ by up to four times the reach
                if weight * radix > _EXACT:
                    numbers.append(np.zeros(len(extents)))
                    weight = 1.0
                numbers[-1] = numbers[-1] + weight * row
                weight *= radix
                digits.append((len(numbers) - 1, radix))
            self._digits.append(digits)
            weights.append(numbers)
        most = max(map(len, weights))
        none = np.zeros(len(extents))
        padded = [[*numbers, *[none] * (most - len(numbers))] for numbers in weights]
        self.weights = np.array(padded).swapaxes(0, 1)

    def within(self, space: int, numbers: Floats, reach: Floats) -> tuple[Ints, Floats]:
        """Read translations of a data space's tiles from their numbers, if they are short.

        Parameters
        ----------
        space : int
            Which.
        numbers : ndarray of float, shape (numbers, translations)
            What tells them.
        reach : ndarray of float, shape (ranks, translations)
            How long they may be along each rank.

        Returns
        -------
        (ndarray of int, ndarray of float)
            Which are no longer, and their lengths along the ranks, (ranks, translations).
        """
        left, found = [*numbers], list[Floats]()
        which = np.arange(numbers.shape[1])
        for most, (number, radix) in zip(reach, self._digits[space], strict=True):
            rest = np.rint(left[number] / radix)
            length = left[number] - rest * radix
            near = (np.abs(length) <= most[which]).nonzero()[0]
            found = [each[near] for each in (*found, length)]
            left[number] = rest
            left, which = [each[near] for each in left], which[near]
        return which, np.array(found).reshape(len(found), len(which))
