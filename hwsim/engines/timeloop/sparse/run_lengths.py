"""Run lengths of few bits: longer runs of zeros need entries of their own, which are zeros.

An entry is the number of zeros before a value, and the value. With b bits at most 2**b - 1 zeros
can be told, so that every 2**b-th zero of a run that ends in a non-zero becomes an entry itself;
zeros after the last non-zero of a fiber need none (Han et al., EIE, ISCA 2016, section III.B; SCNN,
ISCA 2017, calls them placeholders). Such a zero is stored, moved and, where entries are what is
computed with, takes its cycle. It goes along inwards until a level keeps the tensor in another
format.

Timeloop lets a run be of any length; ranks that say no longest run do as it does.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from hwsim.engines.timeloop.density.actual_density import ActualData, Bools
from hwsim.engines.timeloop.density.density import Density, Hypergeometric
from hwsim.engines.timeloop.sparse.sparse_tile import Fibertree, SparseTile
from hwsim.engines.timeloop.terms.mapping import Loop
from hwsim.engines.timeloop.terms.problem import DataSpace, Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError

_AT_ONCE: Final = 2**22


def limit_run_lengths(sparse: SparseOptimizations) -> SparseOptimizations:
    """Let the run lengths of a machine be no longer than their bits can say.

    Raises
    ------
    InputError
        If a rank of run lengths has none of its own bits, or others inside it.
    """
    limited = {}
    for place, form in sparse.representations.items():
        ranks = list(form.ranks)
        for number, rank in enumerate(ranks):
            if rank.name != "rle":
                continue
            if number or rank.metadata_bits < 1:
                raise InputError(
                    "design.sparse_optimizations: run lengths (RLE) are limited to their bits in "
                    "the innermost rank, with metadata_word_bits of 1 or more; change the format, "
                    "or set design.run_lengths: unlimited"
                )
            ranks[number] = replace(rank, longest_run=2**rank.metadata_bits - 1)
        limited[place] = replace(form, ranks=tuple(ranks))
    return replace(sparse, representations=limited)


def pad_run_lengths(problem: Problem, spaces: list[list[SparseTile]]) -> Problem:
    """Add the zeros that run lengths need to the tiles.

    Parameters
    ----------
    problem : Problem
        Of the tiles.
    spaces : list of list of SparseTile
        Laid out. Changed in place: their tensors where zeros are known, else the entries that
        they have for a non-zero.

    Returns
    -------
    Problem
        With what the compute units see of the tensors.
    """
    seen: list[Density] = []
    for space, tiles in zip(problem.data_spaces, spaces, strict=True):
        density, entries = problem.densities[len(seen)], 1.0
        plain = density
        for tile in reversed(tiles):
            if not tile.kept:
                continue
            run = _longest_run(tile)
            if run is None:
                density, entries = plain, 1.0
            elif tile.fibertree is not None and tile.fibertree.fibers[0] > 1:
                density, entries = _padded(plain, tile.fibertree, space, run)
            tile.density, tile.entries = density, entries
        seen.append(density)
    return replace(problem, densities=tuple(seen))


def entries_per_nonzero(density: Density, tiles: list[SparseTile]) -> float | None:
    """Tell how many entries the innermost run lengths of a tensor have for a non-zero.

    Parameters
    ----------
    density : Density
        Of the tensor, without padding.
    tiles : list of SparseTile
        Of the tensor, evaluated.

    Returns
    -------
    float or None
        None if no level has run lengths that end.
    """
    for tile in tiles:
        if tile.kept and _longest_run(tile) is not None:
            if isinstance(density, ActualData) and isinstance(tile.density, ActualData):
                nonzeros = int(np.count_nonzero(density.mask))
                return np.count_nonzero(tile.density.mask) / nonzeros if nonzeros else 1.0
            return tile.entries
    return None


def _longest_run(tile: SparseTile) -> int | None:
    return None if tile.representation is None else tile.representation.ranks[0].longest_run


def _padded(density: Density, tree: Fibertree, space: DataSpace, run: int) -> tuple[Density, float]:
    """Pad a tensor that is known; of another find the entries for a non-zero."""
    fiber = tree.fibers[0]
    if fiber <= run + 1:  # its last point has at most so many zeros before it
        return density, 1.0
    if not isinstance(density, ActualData):
        return density, entries_of_nonzero(density, fiber, run)
    if tree.subtiles is None:  # windows slide: fibers overlap, and are no part of the tensor
        mask = density.mask
        share = Hypergeometric(np.count_nonzero(mask) / mask.size, mask.size)
        return density, entries_of_nonzero(share, fiber, run)
    loops = tree.loops[0]
    padded = density.derived(
        ("run lengths", loops, run), lambda mask: _pad_tensor(mask, loops, space, run)
    )
    return padded, 1.0


def entries_of_nonzero(density: Density, fiber: int, longest_run: int) -> float:
    """Expect the entries that a fiber needs for each of its non-zeros.

    A non-zero has its k-th zero entry if the k * (longest_run + 1) points before it in its fiber
    hold nothing.

    Parameters
    ----------
    density : Density
        Of which a fiber is any other points than its neighbours.
    fiber : int
        Points of a fiber.
    longest_run : int
        Most zeros that an entry can tell.
    """
    nonzeros = fiber * (1 - density.empty((1,)))
    if not nonzeros:
        return 1.0
    step = longest_run + 1
    zeros = sum(
        (fiber - before) * (density.empty((before,)) - density.empty((before + 1,)))
        for before in range(step, fiber, step)
    )
    return 1 + zeros / nonzeros


def _pad_tensor(mask: Bools, loops: tuple[Loop, ...], space: DataSpace, run: int) -> Bools:
    """Pad every fiber, in the order in which its loops walk it."""
    box = tuple(
        math.prod(loop.end for loop in loops if rank[loop.dimension]) for rank in space.projection
    )
    whole = np.pad(mask, [(0, -extent % n) for extent, n in zip(mask.shape, box, strict=True)])
    shape: list[int] = []
    fibers: list[int] = []
    inside: dict[int, int] = {}
    for axis, rank in enumerate(space.projection):
        fibers.append(len(shape))
        shape.append(whole.shape[axis] // box[axis])
        for number in reversed(range(len(loops))):  # the outermost loop is the slowest index
            if rank[loops[number].dimension] and loops[number].end > 1:
                inside[number] = len(shape)
                shape.append(loops[number].end)
    order = [*fibers, *(inside[number] for number in sorted(inside, reverse=True))]
    walked = whole.reshape(shape).transpose(order)
    padded = pad_fibers(walked.reshape(-1, math.prod(box)), run).reshape(walked.shape)
    back = padded.transpose(np.argsort(order)).reshape(whole.shape)
    return np.ascontiguousarray(back[tuple(slice(extent) for extent in mask.shape)])


def pad_fibers(fibers: Bools, longest_run: int) -> Bools:
    """Find the entries of fibers: their non-zeros, and the zeros that runs are broken at.

    Parameters
    ----------
    fibers : ndarray of bool, shape (fibers, points)
        Where they are not zero.
    longest_run : int
        Most zeros that an entry can tell.

    Returns
    -------
    ndarray of bool, shape (fibers, points)
    """
    entries = fibers.copy()
    points = np.arange(fibers.shape[1], dtype=np.int32)
    rows = max(1, _AT_ONCE // fibers.shape[1])
    for first in range(0, len(fibers), rows):
        part = fibers[first : first + rows]
        latest = np.maximum.accumulate(np.where(part, points, np.int32(-1)), axis=1)
        zeros = points - latest  # since the last non-zero, this point included
        more = points < latest[:, -1:]
        entries[first : first + rows] |= (zeros > 0) & (zeros % (longest_run + 1) == 0) & more
    return entries
