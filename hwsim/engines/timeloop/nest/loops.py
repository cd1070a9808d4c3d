"""The loops of a batch of mappings as rows, in the order in which they run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.nest._rests import NestFactors, RestRows, find_rests
from hwsim.engines.timeloop.terms.mapping import Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import Ints

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class LoopNest:
    """The spatial or the temporal loops of one storage level, of all mappings.

    Parameters
    ----------
    level : int
        Storage level.
    spatial : bool
        Which of its nests.
    order : ndarray of int, shape (places, mappings)
        Dimension at each place, innermost first.
    factors : ndarray of int, shape (dimensions, mappings)
        Iterations.
    along_x : ndarray of bool, shape (places, mappings)
        Which places of a spatial nest lie along X.
    ends : ndarray of int, shape (places, mappings), or None
        Iterations of each place, where a dimension stands at several of them; the factors are then
        the products.
    """

    level: int
    spatial: bool
    order: Ints
    factors: Ints
    along_x: Bools
    ends: Ints | None = None


@dataclass
class LoopRow:
    """One place of a loop nest, of all mappings.

    Counts are whole numbers in double precision: exact up to 2**53.

    Parameters
    ----------
    dimension : ndarray of int, shape (mappings,)
        Which dimension stands there.
    end : ndarray of float, shape (mappings,)
        Iterations.
    step : ndarray of float, shape (mappings,)
        Points of the dimension that one iteration covers; 0 for a loop that does not iterate.
    outside : ndarray of float, shape (mappings,)
        For temporal loops, iterations of all temporal loops further out.
    """

    dimension: Ints
    end: Floats
    step: Floats
    outside: Floats


@dataclass
class LoopRows:
    """All loops.

    Parameters
    ----------
    temporal, spatial : list of list of LoopRow
        By storage level, then place, innermost first.
    below, spread, above : list of ndarray, shape (dimensions, mappings)
        Points of each dimension that a level's children, all its children together, and its own
        tile cover.
    columns, rows : list of ndarray of float
        What each level's spatial loops take along X and Y.
    instances, working : list of ndarray of float
        Instances of each level that work, and children of one that do; on average where factors
        leave rests.
    compute_instances, iterations : ndarray of float
        Compute units that work; product of all temporal factors.
    rests : list of RestRows
        Factors that do not divide; a mapping has each of its own in another entry.
    padded : list of ndarray, shape (dimensions, mappings)
        As ``above`` without the rests: what the loops would cover.
    """

    temporal: list[list[LoopRow]]
    spatial: list[list[LoopRow]]
    below: list[Floats]
    spread: list[Floats]
    above: list[Floats]
    columns: list[Floats]
    rows: list[Floats]
    instances: list[Floats]
    working: list[Floats]
    compute_instances: Floats
    iterations: Floats
    rests: list[RestRows] = field(default_factory=list)
    padded: list[Floats] = field(default_factory=list)

    @property
    def fanout(self) -> list[Floats]:
        """Children of an instance of each level."""
        return [columns * rows for columns, rows in zip(self.columns, self.rows, strict=True)]


def lay_out(
    levels: int,
    dimensions: int,
    mappings: int,
    nests: Iterable[LoopNest],
    bounds: Sequence[int] | None = None,
) -> LoopRows:
    """Lay out the loops.

    Parameters
    ----------
    levels, dimensions, mappings : int
        How many there are.
    nests : iterable of LoopNest
        Innermost first: of each level the spatial nest, where it has one, then the temporal one.
    bounds : sequence of int, optional
        Of each dimension, for mappings whose factors leave rests in space; without, factors divide.
    """
    nests = list(nests)
    one = np.ones(mappings)
    extents = np.ones((dimensions, mappings))
    limit = np.full((dimensions, 1), np.inf)
    if bounds is not None:
        limit = np.array(bounds, dtype=np.float64)[:, None]
    loops = LoopRows(
        temporal=[[] for _ in range(levels)],
        spatial=[[] for _ in range(levels)],
        below=[],
        spread=[],
        above=[],
        columns=[one] * levels,
        rows=[one] * levels,
        instances=[],
        working=[],
        compute_instances=one,
        iterations=one,
    )
    for nest in nests:
        factors = nest.factors.astype(np.float64)
        if len(loops.below) == nest.level:
            loops.below.append(np.minimum(extents, limit))
        rows = _rows(nest, factors, extents)
        if nest.spatial:
            loops.spatial[nest.level] = rows
            along_x = [
                np.where(here, row.end, 1.0) for here, row in zip(nest.along_x, rows, strict=True)
            ]
            columns = _product(along_x, one)
            loops.columns[nest.level] = columns
            loops.rows[nest.level] = _product([row.end for row in rows], one) / columns
        else:
            loops.spread.append(np.minimum(extents, limit))
            loops.temporal[nest.level] = rows
        extents = extents * factors
        if not nest.spatial:
            loops.above.append(np.minimum(extents, limit))
            loops.padded.append(extents)
    if bounds is not None:
        of_nests = [NestFactors(nest.level, nest.spatial, nest.factors) for nest in nests]
        loops.rests = find_rests(of_nests, bounds, mappings)
    _count_outside(loops, one)
    return loops


def _count_outside(loops: LoopRows, one: Floats) -> None:
    """Multiply up what lies outside of loops and levels."""
    outside = instances = one
    loops.working = _working(loops)
    for level in reversed(range(len(loops.temporal))):
        for row in reversed(loops.temporal[level]):
            row.outside = outside
            outside = outside * row.end
        loops.instances.insert(0, instances)
        instances = instances * loops.working[level]
    loops.iterations = outside
    loops.compute_instances = instances


def _working(loops: LoopRows) -> list[Floats]:
    """Children of an instance of each level that work on average."""
    found = []
    for level, children in enumerate(loops.fanout):
        for rest in loops.rests:
            share = np.where(rest.level == level, rest.mean / rest.end, 1.0)
            children = children * share
        found.append(children)
    return found


def mapping_loops(
    mapping: LoopMapping, dimensions: int, bounds: Sequence[int] | None = None
) -> LoopRows:
    """Lay out one mapping: a batch of one.

    Parameters
    ----------
    mapping : LoopMapping
        Whose factors divide, but for rests in space where ``bounds`` are given.
    dimensions : int
        Of the problem.
    bounds : sequence of int, optional
        Of each dimension.
    """
    nests = []
    for number, level in enumerate(mapping.levels):
        spatial = _nest(number, level.spatial, dimensions)
        if len(spatial.order):
            nests.append(spatial)
        nests.append(_nest(number, level.temporal, dimensions))
    return lay_out(len(mapping.levels), dimensions, 1, nests, bounds)


def _nest(level: int, loops: tuple[Loop, ...], dimensions: int) -> LoopNest:
    """Take the loops that iterate; the others move nothing."""
    iterating = [loop for loop in loops if loop.end > 1]
    factors = np.ones((dimensions, 1), dtype=np.int64)
    order = np.array([loop.dimension for loop in iterating], dtype=np.int64).reshape(-1, 1)
    ends = np.array([loop.end for loop in iterating], dtype=np.int64).reshape(-1, 1)
    np.multiply.at(factors[:, 0], order[:, 0], ends[:, 0])
    along_x = np.array([loop.kind == "x" for loop in iterating], dtype=bool).reshape(-1, 1)
    return LoopNest(level, any(loop.spatial for loop in iterating), order, factors, along_x, ends)


def _rows(nest: LoopNest, factors: Floats, extents: Floats) -> list[LoopRow]:
    order = nest.order
    columns = np.arange(order.shape[1])
    if nest.ends is None:
        ends, steps = factors[order, columns], extents[order, columns]
    else:
        ends, steps = nest.ends.astype(np.float64), np.empty(order.shape)
        covered = extents.copy()
        for place, dimensions in enumerate(order):
            steps[place] = covered[dimensions, columns]
            covered[dimensions, columns] *= ends[place]
    steps = np.where(ends > 1, steps, 0.0)
    return [
        LoopRow(order[place], ends[place], steps[place], ends[place]) for place in range(len(order))
    ]


def _product(factors: list[Floats], one: Floats) -> Floats:
    total = one
    for factor in factors:
        total = total * factor
    return total
