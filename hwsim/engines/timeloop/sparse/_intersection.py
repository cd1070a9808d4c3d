"""Operations and accesses that meet non-zeros of another tensor, counted on the tensors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.density._tile_counts import block_sums
from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.density import FixedStructured
from hwsim.engines.timeloop.terms.problem import Box, DataSpace, Problem, volume


def effectual_operations(problem: Problem, first: int, second: int) -> int | None:
    """Count the operations for which both operands are non-zero.

    None if one of the tensors is not known; one without zeros is.
    """
    a, b = problem.densities[first], problem.densities[second]
    for known, other, number in ((a, b, first), (b, a, second)):
        if isinstance(known, ActualData) and other == FixedStructured(1.0):
            rest = set(range(len(problem.dimensions))) - problem.data_spaces[number].dimensions
            # where windows slide, an operand at the edge meets fewer operations than others
            if len(problem.data_spaces[number].dimensions) == known.mask.ndim:
                return int(known.mask.sum()) * volume([problem.bounds[each] for each in rest])
    if not (isinstance(a, ActualData) and isinstance(b, ActualData)):
        return None
    spaces = problem.data_spaces[first], problem.data_spaces[second]
    shared = sorted(spaces[0].dimensions & spaces[1].dimensions)
    pairs = _sum_out(spaces[0], a, problem, shared) * _sum_out(spaces[1], b, problem, shared)
    neither = set(range(len(problem.dimensions))) - spaces[0].dimensions - spaces[1].dimensions
    return int(pairs.sum()) * volume([problem.bounds[number] for number in sorted(neither)])


def effectual_share(problem: Problem, first: int, second: int, box: Box) -> float | None:
    """Find the share of accesses to the non-zeros of one tensor that the zeros of another leave.

    Parameters
    ----------
    problem : Problem
        With the tensors' zeros.
    first : int
        The tensor that is accessed.
    second : int
        The other.
    box : tuple of int
        Lengths of a tile of the other; an access is left where the tile that it meets is not empty.

    Returns
    -------
    float or None
        None if one of the tensors is not known, or if windows slide over tiles of several points.
    """
    a, b = problem.densities[first], problem.densities[second]
    if not (isinstance(a, ActualData) and isinstance(b, ActualData)):
        return None
    spaces = problem.data_spaces[first], problem.data_spaces[second]
    shared = sorted(spaces[0].dimensions & spaces[1].dimensions)
    accessed = _sum_out(spaces[0], a, problem, shared)
    if volume(box) == 1:
        left = _sum_out(spaces[1], b, problem, shared)
        meetings = volume([problem.bounds[own] for own in spaces[1].dimensions.difference(shared)])
    elif any(space.slides(problem.bounds) for space in spaces):
        return None
    else:
        tiles = b.occupied(box)
        ranks = _moving_ranks(spaces[1], problem)
        own = tuple(rank for number, rank in ranks.items() if number not in shared)
        meetings = volume([tiles.shape[rank] for rank in own])
        order = [number for number in shared if number in ranks]
        alone = tuple(set(range(tiles.ndim)).difference(ranks.values()))
        left = tiles.sum(axis=(*own, *alone), dtype=np.int64)  # the ranks of shared dimensions
        places = sorted(order, key=ranks.__getitem__)
        left = left.transpose([places.index(number) for number in order])
        lengths = [box[ranks[number]] if number in ranks else 1 for number in shared]
        accessed = block_sums(accessed.astype(np.uint64), tuple(lengths)).astype(np.int64)
        left = left.reshape(accessed.shape)
    total = int(accessed.sum()) * meetings
    return int((accessed * left).sum()) / total if total else 0.0


def _moving_ranks(space: DataSpace, problem: Problem) -> dict[int, int]:
    """Find the rank of a tensor that each dimension walks, of those that walk."""
    return {
        number: int(np.flatnonzero(space.projection[:, number])[0])
        for number in sorted(space.dimensions)
        if problem.bounds[number] > 1
    }


def _sum_out(
    space: DataSpace, density: ActualData, problem: Problem, shared: list[int]
) -> npt.NDArray[np.int64]:
    """Count the non-zeros that an operation meets at each point of the shared dimensions."""
    dimensions = sorted(space.dimensions)
    mask = density.mask  # of single bytes: 64-bit integers would take eight times the tensor
    strides = np.array(mask.strides) @ space.projection
    origin = np.minimum(space.projection, 0) @ (np.array(problem.bounds) - 1)
    start = mask[tuple(slice(int(-low), None) for low in origin)]
    walked = np.lib.stride_tricks.as_strided(
        start,
        [problem.bounds[number] for number in dimensions],
        [int(strides[number]) for number in dimensions],
        writeable=False,
    )
    own = tuple(axis for axis, number in enumerate(dimensions) if number not in shared)
    summed: npt.NDArray[np.int64] = walked.sum(axis=own, dtype=np.int64)
    return summed
