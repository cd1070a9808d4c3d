"""Operations whose operands are both non-zero, counted on the tensors themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.density import FixedStructured
from hwsim.engines.timeloop.terms.problem import DataSpace, Problem, volume


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
