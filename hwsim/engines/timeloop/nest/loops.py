"""The loops of a batch of mappings as rows, in the order in which they run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.nest._rests import NestFactors, RestRows, find_rests
from hwsim.engines.timeloop.terms.mapping import Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import Ints

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class LoopNests:
    """The loop nests of all mappings, innermost first.

    Of each storage level the spatial nest, where it has one, then the temporal one.

    Parameters
    ----------
    levels : sequence of int
        Storage level of each nest.
    spatial : sequence of bool
        Which of its nests.
    order : ndarray of int, shape (nests, places, mappings)
        Dimension at each place, innermost first.
    factors : ndarray of int, shape (nests, dimensions, mappings)
        Iterations.
    along_x : ndarray of bool, shape (nests, places, mappings)
        Which places of a spatial nest lie along X.
    ends : ndarray of int, shape (nests, places, mappings), or None
        Iterations of each place, where a dimension stands at several of them; the factors are then
        the products.
    """

    levels: Sequence[int]
    spatial: Sequence[bool]
    order: Ints
    factors: Ints
    along_x: Bools
    ends: Ints | None = None


@dataclass
class LoopStack:
    """Places of loop nests, innermost first, of all mappings.

    Counts are whole numbers in double precision: exact up to 2**53.

    Parameters
    ----------
    dimension : ndarray of int, shape (places, mappings)
        Which dimension stands there.
    end : ndarray of float, shape (places, mappings)
        Iterations.
    step : ndarray of float, shape (places, mappings)
        Points of the dimension that one iteration covers; 0 for a loop that does not iterate.
    """

    dimension: Ints
    end: Floats
    step: Floats

    def __len__(self) -> int:
        return len(self.end)

    @cached_property
    def kinds(self) -> LoopKinds:
        """What different loops iterate, and which of them each mapping has."""
        iterating = self.end > 1
        place = np.cumsum(iterating, axis=0) - 1
        depth = int(place.max(initial=-1)) + 1
        loop, mapping = np.nonzero(iterating)
        table = np.zeros((self.end.shape[1], depth, 3), dtype=np.int64)
        at = mapping, place[loop, mapping]
        for column, values in enumerate((self.dimension, self.end, self.step)):
            table[(*at, column)] = values[loop, mapping]
        contents, of_each = _contents(table)
        dimension, end, step = _rows(contents, table).transpose(2, 0, 1)
        # no loop ends with nothing but zeros, as its step is none
        names = [content.rstrip(b"\0") for content in contents]
        return LoopKinds(dimension, end, step, of_each, names)


@dataclass(frozen=True)
class LoopKinds:
    """The different loops of a stack, innermost first, without those that do not iterate.

    Parameters
    ----------
    dimension, end, step : ndarray of int, shape (kinds, loops)
        As of a :class:`LoopStack`; 0 where there are fewer loops.
    of_each : ndarray of int, shape (mappings,)
        Which kind each mapping has.
    names : list of bytes
        Of the kinds, by their loops: the same beside whatever others.
    """

    dimension: Ints
    end: Ints
    step: Ints
    of_each: Ints
    names: list[bytes]


def different_rows(table: Ints) -> tuple[Ints, Ints]:
    """Find the different ones along the first axis, and which of them is where."""
    contents, of_each = _contents(table)
    return _rows(contents, table), of_each


def _contents(table: Ints) -> tuple[list[bytes], Ints]:
    """Give the bytes of the different rows, and which of them is where."""
    # bytes in a dictionary: a fifth of the time of np.unique over rows
    content, length = table.tobytes(), table.itemsize * math.prod(table.shape[1:])
    if not length:
        return [b""][: len(table)], np.zeros(len(table), dtype=np.int64)
    numbers: dict[bytes, int] = {}
    of_each = [
        numbers.setdefault(content[start : start + length], len(numbers))
        for start in range(0, len(content), length)
    ]
    return list(numbers), np.array(of_each, dtype=np.int64)


def _rows(contents: Sequence[bytes], table: Ints) -> Ints:
    """Turn bytes of some rows of a table back into them."""
    flat = np.frombuffer(b"".join(contents), dtype=np.int64)
    return flat.reshape(len(contents), *table.shape[1:])


@dataclass
class LoopRows:
    """All loops; places where no mapping iterates are left out.

    Parameters
    ----------
    temporal : LoopStack
        Of all storage levels.
    spatial : list of LoopStack
        By storage level.
    level : ndarray of int, shape (places,)
        Storage level of each place of ``temporal``.
    start : list of int
        By storage level, how many places of ``temporal`` are of levels further in.
    outside : ndarray of float, shape (places, mappings)
        Iterations of all temporal loops further out than each place of ``temporal``.
    below, spread, above : ndarray of float, shape (levels, dimensions, mappings)
        Points of each dimension that a level's children, all its children together, and its own
        tile cover.
    columns, rows : ndarray of float, shape (levels, mappings)
        What each level's spatial loops take along X and Y.
    padded : ndarray of float, shape (levels, dimensions, mappings)
        As ``above`` without the rests: what the loops would cover.
    rests : list of RestRows
        Factors that do not divide; a mapping has each of its own in another entry.
    working, instances : ndarray of float, shape (levels, mappings)
        Children of an instance of each level that work, and instances that do; on average where
        factors leave rests.
    compute_instances, iterations : ndarray of float, shape (mappings,)
        Compute units that work; product of all temporal factors.
    """

    temporal: LoopStack
    spatial: list[LoopStack]
    level: Ints
    start: list[int]
    outside: Floats
    below: Floats
    spread: Floats
    above: Floats
    columns: Floats
    rows: Floats
    padded: Floats
    rests: list[RestRows]
    working: Floats = field(init=False)
    instances: Floats = field(init=False)
    compute_instances: Floats = field(init=False)
    iterations: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.working = self.fanout
        for rest in self.rests:
            here = np.arange(len(self.working))[:, None] == rest.level
            self.working = self.working * np.where(here, rest.mean / rest.end, 1.0)
        outwards = np.cumprod(self.working[::-1], axis=0)[::-1]
        self.compute_instances = outwards[0]
        self.instances = np.concatenate([outwards[1:], np.ones_like(outwards[:1])])
        self.iterations = self.runs_from(0)

    @property
    def fanout(self) -> Floats:
        """Children of an instance of each level."""
        return self.columns * self.rows

    def runs_from(self, level: int) -> Floats:
        """Multiply up the iterations of all temporal loops from a level on."""
        start = self.start[level]
        if start == len(self.temporal):
            return np.ones(self.outside.shape[1])
        runs: Floats = self.temporal.end[start] * self.outside[start]
        return runs


def lay_out(levels: int, nests: LoopNests, bounds: Ints | None = None) -> LoopRows:
    """Lay out the loops.

    Parameters
    ----------
    levels : int
        How many there are.
    nests : LoopNests
        The loops.
    bounds : ndarray of int, shape (dimensions, mappings or 1), optional
        Lengths of dimensions, for mappings whose factors leave rests in space; without, factors
        divide.
    """
    inside = _covered_inside(nests)
    ends, steps = _places(nests, inside)
    shown = _within(inside, bounds)
    in_time = _temporal_nests(nests)
    first = [nests.levels.index(level) for level in range(levels)]
    outer = [number + 1 for number in in_time]
    iterating = np.asarray((ends > 1).any(axis=2))
    temporal, of_place = _stack(nests, ends, steps, iterating, in_time)
    columns, rows = _mesh_factors(levels, nests)
    of_level = np.array([nests.levels[number] for number in of_place], dtype=np.int64)
    outside = np.ones_like(temporal.end)
    np.cumprod(temporal.end[:0:-1], axis=0, out=outside[-2::-1])
    return LoopRows(
        temporal=temporal,
        spatial=[
            _stack(nests, ends, steps, iterating, _spatial_nests(nests, level))[0]
            for level in range(levels)
        ],
        level=of_level,
        start=np.searchsorted(of_level, np.arange(levels)).tolist(),
        outside=outside,
        below=shown[first],
        spread=shown[in_time],
        above=shown[outer],
        columns=columns,
        rows=rows,
        padded=inside[outer],
        rests=[] if bounds is None else _rests(nests, bounds),
    )


def _covered_inside(nests: LoopNests) -> Floats:
    """Points of each dimension that the loops inside each nest cover, then all loops.

    Shape (nests + 1, dimensions, mappings).
    """
    count, dimensions, mappings = nests.factors.shape
    inside = np.ones((count + 1, dimensions, mappings))
    factors = nests.factors.astype(np.float64)
    for nest in range(count):  # nest by nest: an accumulation takes several times as long
        np.multiply(inside[nest], factors[nest], out=inside[nest + 1])
    return inside


def _within(extents: Floats, bounds: Ints | None) -> Floats:
    """Cut lengths to those of the problem, where factors leave rests."""
    if bounds is None:
        return extents
    return np.minimum(extents, bounds.astype(np.float64))


def _mesh_factors(levels: int, nests: LoopNests) -> tuple[Floats, Floats]:
    """Multiply up what each level's spatial loops take along X and along Y."""
    columns, rows = np.ones((2, levels, nests.factors.shape[2]))
    which = [number for number, spatial in enumerate(nests.spatial) if spatial]
    if which:
        at = [nests.levels[number] for number in which]
        ends = _ends_of(nests, which)
        columns[at] = np.where(nests.along_x[which], ends, 1.0).prod(axis=1)
        rows[at] = ends.prod(axis=1) / columns[at]
    return columns, rows


def _temporal_nests(nests: LoopNests) -> list[int]:
    return [number for number, spatial in enumerate(nests.spatial) if not spatial]


def _spatial_nests(nests: LoopNests, level: int) -> list[int]:
    return [
        number
        for number, spatial in enumerate(nests.spatial)
        if spatial and nests.levels[number] == level
    ]


def _stack(
    nests: LoopNests, ends: Floats, steps: Floats, iterating: Bools, of: Sequence[int]
) -> tuple[LoopStack, list[int]]:
    """Take the places of some nests where any mapping iterates; and the nest of each."""
    found = [(number, place) for number in of for place in np.flatnonzero(iterating[number])]
    nest, places = [number for number, _ in found], [place for _, place in found]
    if not found:
        none = ends[0, :0]
        return LoopStack(nests.order[0, :0], none, none), []
    return LoopStack(nests.order[nest, places], ends[nest, places], steps[nest, places]), nest


def _rests(nests: LoopNests, bounds: Ints) -> list[RestRows]:
    of_nests = [
        NestFactors(level, spatial, factors)
        for level, spatial, factors in zip(nests.levels, nests.spatial, nests.factors, strict=True)
    ]
    return find_rests(of_nests, np.broadcast_to(bounds, nests.factors.shape[1:]))


def _ends_of(nests: LoopNests, which: slice | list[int]) -> Floats:
    """Give the iterations of each place of some nests, shape (nests, places, mappings)."""
    if nests.ends is not None:
        return nests.ends[which].astype(np.float64)
    return _pick(nests.factors[which], nests.order[which]).astype(np.float64)


def _pick(values: npt.NDArray[Any], order: Ints) -> npt.NDArray[Any]:
    """Take what belongs to the dimension at each place."""
    nests, dimensions, mappings = values.shape
    rows = order + (np.arange(nests) * dimensions)[:, None, None]
    flat = values.reshape(nests * dimensions, mappings)
    found: npt.NDArray[Any] = flat[rows, np.arange(mappings)]
    return found


def _places(nests: LoopNests, inside: Floats) -> tuple[Floats, Floats]:
    """Give iterations and steps of each place, shape (nests, places, mappings)."""
    ends = _ends_of(nests, slice(None))
    if nests.ends is None:
        steps = _pick(inside[:-1], nests.order)
    else:
        steps = np.empty(ends.shape)
        covered = inside[:-1].copy()
        nest, columns = np.ogrid[: ends.shape[0], : ends.shape[2]]
        for place in range(ends.shape[1]):
            dimensions = nests.order[:, place]
            steps[:, place] = covered[nest, dimensions, columns]
            covered[nest, dimensions, columns] *= ends[:, place]
    return ends, np.where(ends > 1, steps, 0.0)


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
    levels, spatial, loops = [], [], []
    for number, level in enumerate(mapping.levels):
        for in_space, given in ((True, level.spatial), (False, level.temporal)):
            iterating = [loop for loop in given if loop.end > 1]  # the others move nothing
            if iterating or not in_space:
                levels.append(number)
                spatial.append(in_space)
                loops.append(iterating)
    lengths = None if bounds is None else np.array(bounds, dtype=np.int64)[:, None]
    return lay_out(len(mapping.levels), _nests(levels, spatial, loops, dimensions), lengths)


def _nests(
    levels: list[int], spatial: list[bool], loops: list[list[Loop]], dimensions: int
) -> LoopNests:
    shape = len(loops), max(map(len, loops)), 1
    order, ends = np.zeros(shape, dtype=np.int64), np.ones(shape, dtype=np.int64)
    along_x = np.zeros(shape, dtype=bool)
    factors = np.ones((len(loops), dimensions, 1), dtype=np.int64)
    for nest, of_nest in enumerate(loops):
        for place, loop in enumerate(of_nest):
            order[nest, place], ends[nest, place] = loop.dimension, loop.end
            along_x[nest, place] = loop.kind == "x"
            factors[nest, loop.dimension] *= loop.end
    return LoopNests(levels, spatial, order, factors, along_x, ends)
