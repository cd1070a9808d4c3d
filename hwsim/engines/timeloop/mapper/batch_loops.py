"""The loops of a batch of mappings as rows, in the order in which they run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.mapper.candidates import Candidates, Ints
from hwsim.engines.timeloop.mapper.mapspace import MapSpace

Floats = npt.NDArray[np.float64]


@dataclass
class LoopRow:
    """One place of a loop nest, of all candidates.

    Counts are whole numbers in double precision: exact up to 2**53.

    Parameters
    ----------
    dimension : ndarray of int, shape (candidates,)
        Which dimension stands there.
    end : ndarray of float, shape (candidates,)
        Iterations.
    step : ndarray of float, shape (candidates,)
        Points of the dimension that one iteration covers; 0 for a loop that does not iterate.
    outside : ndarray of float, shape (candidates,)
        For temporal loops, iterations of all temporal loops further out.
    """

    dimension: Ints
    end: Floats
    step: Floats
    outside: Floats


@dataclass
class BatchLoops:
    """All loops.

    Parameters
    ----------
    temporal, spatial : list of list of LoopRow
        By storage level, then place, innermost first.
    below, spread, above : list of ndarray, shape (dimensions, candidates)
        Points of each dimension that a level's children, all its children together, and its own
        tile cover.
    columns, rows : list of ndarray of float
        What each level's spatial loops take along X and Y.
    instances : list of ndarray of float
        Instances of each level that work; the last entry is that of the compute units.
    """

    temporal: list[list[LoopRow]]
    spatial: list[list[LoopRow]]
    below: list[Floats]
    spread: list[Floats]
    above: list[Floats]
    columns: list[Floats]
    rows: list[Floats]
    instances: list[Floats]
    compute_instances: Floats
    iterations: Floats


def batch_loops(space: MapSpace, candidates: Candidates) -> BatchLoops:
    """Lay out the loops.

    Parameters
    ----------
    space : MapSpace
        Says which nests there are.
    candidates : Candidates
        The mappings.
    """
    count = len(candidates)
    levels = len(space.machine.levels)
    one = np.ones(count)
    extents = np.ones((len(space.names), count))
    loops = BatchLoops(
        [[] for _ in range(levels)],
        [[] for _ in range(levels)],
        [],
        [],
        [],
        [one] * levels,
        [one] * levels,
        [],
        one,
        one,
    )
    for number, nest in enumerate(space.nests):
        factors = candidates.factors[number].astype(np.float64)
        if nest.kind == "spatial" or not space.machine.has_fanout(nest.level):
            loops.below.append(extents)
        if nest.kind == "temporal":
            loops.spread.append(extents)
        rows = _rows(candidates.order[number], factors, extents)
        if nest.kind == "spatial":
            loops.spatial[nest.level] = rows
            along_x = [
                np.where(place < candidates.split[number], row.end, 1.0)
                for place, row in enumerate(rows)
            ]
            columns = _product(along_x, one)
            loops.columns[nest.level] = columns
            loops.rows[nest.level] = _product([row.end for row in rows], one) / columns
        else:
            loops.temporal[nest.level] = rows
        extents = extents * factors
        if nest.kind == "temporal":
            loops.above.append(extents)
    outside = one
    for level in reversed(range(levels)):
        for row in reversed(loops.temporal[level]):
            row.outside = outside
            outside = outside * row.end
    loops.iterations = outside
    instances = one
    for level in reversed(range(levels)):
        loops.instances.insert(0, instances)
        instances = instances * loops.columns[level] * loops.rows[level]
    loops.compute_instances = instances
    return loops


def _rows(order: Ints, factors: Floats, extents: Floats) -> list[LoopRow]:
    columns = np.arange(order.shape[1])
    ends, steps = factors[order, columns], extents[order, columns]
    steps = np.where(ends > 1, steps, 0.0)
    return [
        LoopRow(order[place], ends[place], steps[place], ends[place]) for place in range(len(order))
    ]


def _product(factors: list[Floats], one: Floats) -> Floats:
    total = one
    for factor in factors:
        total = total * factor
    return total
