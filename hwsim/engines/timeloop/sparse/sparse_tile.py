"""Tiles with what the sparse analysis adds to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hwsim.engines.timeloop.density.density import Density
from hwsim.engines.timeloop.nest.nest import NestRows
from hwsim.engines.timeloop.nest.tile import Tile
from hwsim.engines.timeloop.terms.formats import RankOccupancy, Representation
from hwsim.engines.timeloop.terms.machine import STORAGE_ACTIONS
from hwsim.engines.timeloop.terms.mapping import Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import Box, Ints, Problem

#: Accesses to metadata and to payloads of each rank, innermost first.
FormatCounts = list[list[float]]

_DATA_ACTIONS: Final = tuple(name for name in STORAGE_ACTIONS if "metadata" not in name)
_METADATA_ACTIONS: Final = tuple(name for name in STORAGE_ACTIONS if "metadata" in name)


@dataclass(frozen=True)
class Fibertree:
    """How the loops of a tile are laid onto the ranks of its representation.

    Parameters
    ----------
    loops : tuple of tuple of Loop
        Of each rank, innermost rank first, and its innermost loop first.
    boxes : tuple of tuple of int
        Subtile below each rank, then the tile of the outermost: one more than ranks.
    fibers : tuple of int
        Coordinates of a fiber of each rank.
    subtiles : tuple of tuple of int, or None
        What a coordinate of each rank covers, then the tile, by the loops of the ranks; None where
        windows slide, so that coordinates overlap. Not the boxes, which are Timeloop's: those of
        ranks of several loops leave some of the loops out.
    once : tuple of float, or None
        Share of each rank's coordinates that no window outside repeats; None if all count.
    """

    loops: tuple[tuple[Loop, ...], ...]
    boxes: tuple[Box, ...]
    fibers: tuple[int, ...]
    subtiles: tuple[Box, ...] | None = None
    once: tuple[float, ...] | None = None


@dataclass
class SparseTile:
    """One data space at one storage level.

    Parameters
    ----------
    dense : Tile
        Without sparsity.
    box : tuple of int
        Lengths of the tile; of a bypassed one nothing.
    density : Density
        Of the tensor.
    representation : Representation or None
        None is plain.
    fibertree : Fibertree or None
        Where any data space is represented.
    occupancy, expected_density : float
        Non-zeros of a tile on average, and their share.
    entries : float
        Entries that it has for a non-zero, where that is expected: see
        :mod:`hwsim.engines.timeloop.sparse.run_lengths`.
    mean_size : float
        Points of a tile on average; fewer than its size where factors leave a rest.
    working : float
        Share of columns x rows that work on average, where factors leave rests.
    ranks : list of RankOccupancy
        Metadata of a tile on average.
    instances, columns, rows : float and int
        Instances that hold a tile on average; those needed at most, along each axis.
    counts : dict
        Scalar accesses by action.
    formats : dict
        Metadata accesses by action.
    """

    dense: Tile
    box: Box
    density: Density
    representation: Representation | None
    occupancy: float
    instances: float
    columns: int
    rows: int
    expected_density: float = 1.0
    mean_size: float = 0.0
    working: float = 1.0
    entries: float = 1.0
    fibertree: Fibertree | None = None
    ranks: list[RankOccupancy] = field(default_factory=list)
    counts: dict[str, float] = field(default_factory=dict)
    formats: dict[str, FormatCounts] = field(default_factory=dict)
    format_reads: FormatCounts = field(default_factory=list)
    format_fills: FormatCounts = field(default_factory=list)
    format_updates: FormatCounts = field(default_factory=list)

    @property
    def kept(self) -> bool:
        """Whether the level stores the data space."""
        return self.dense.kept

    @property
    def compressed(self) -> bool:
        """Whether it stores no zeros."""
        return self.representation is not None and self.representation.compressed

    @property
    def rank_count(self) -> int:
        """Ranks of its metadata."""
        return len(self.representation.ranks) if self.representation else 0


@dataclass
class ComputeTile:
    """The compute units.

    Parameters
    ----------
    units : float
        That work; on average where factors leave rests.
    operations : float
        Of one unit, dense.
    dense : float
        Of all units, dense.
    temporal_iterations : int
        Steps of the loop nest.
    instances, columns, rows : float and int
        As of a :class:`SparseTile`.
    counts : dict
        Operations by action.
    """

    units: float
    operations: float
    dense: float
    temporal_iterations: int
    instances: float
    columns: int
    rows: int
    counts: dict[str, float] = field(default_factory=dict)

    @property
    def busy(self) -> float:
        """Operations that take a unit's time: those that happen, and gated ones."""
        return self.counts["random_compute"] + self.counts["gated_compute"]


@dataclass
class LoopExtents:
    """The loops of each level, trivial ones included, and what they have covered.

    Parameters
    ----------
    loops : list of tuple of Loop
        By level, innermost first.
    extents : list of list of ndarray
        Lengths along all dimensions after each loop.
    limit : ndarray or None
        Lengths of the problem, where factors leave rests that are counted; without, what the
        loops cover is taken to be there.
    """

    loops: list[tuple[Loop, ...]]
    extents: list[list[Ints]]
    limit: Ints | None = None

    @property
    def divide(self) -> bool:
        """Whether all factors divide what they split."""
        return all(loop.end == loop.residual for loops in self.loops for loop in loops)


def kept_from(tiles: Sequence[SparseTile], level: int) -> int | None:
    """Find the first level that keeps the data space, from one outwards."""
    return next((here for here in range(level, len(tiles)) if tiles[here].kept), None)


def loop_extents(problem: Problem, mapping: LoopMapping, one: Ints) -> LoopExtents:
    """Follow all loops outwards."""
    covered = one.copy()
    limit = np.array(problem.bounds, dtype=np.int64) if mapping.counts_rests else None
    loops, extents = [], []
    for level in mapping.levels:
        here = []
        for loop in level.loops:
            if loop.end > 1:
                covered = covered.copy()
                covered[loop.dimension] *= loop.end
            here.append(covered if limit is None else np.minimum(covered, limit))
        loops.append(level.loops)
        extents.append(here)
    return LoopExtents(loops, extents, limit)


def dense_tiles(
    problem: Problem,
    tiles: Sequence[Sequence[Tile]],
    extents: LoopExtents,
    representations: Sequence[Sequence[Representation | None]],
) -> list[list[SparseTile]]:
    """Wrap the tiles of the dense analysis, as if nothing were sparse.

    Returns
    -------
    list of list of SparseTile
        By data space, then storage level.
    """
    expansion = _expansion(extents)
    wrapped = []
    for number, space in enumerate(problem.data_spaces):
        row = []
        for level, tile in enumerate(tiles[number]):
            columns, rows = expansion[level + 1]
            sparse = SparseTile(
                dense=tile,
                box=space.box(extents.extents[level][-1]) if tile.kept else (0,),
                density=problem.densities[number],
                representation=representations[number][level] if tile.kept else None,
                occupancy=float(tile.size),
                mean_size=float(tile.size),
                working=tile.instances / (columns * rows) if extents.limit is not None else 1.0,
                instances=float(tile.instances),
                columns=columns,
                rows=rows,
                counts=dict.fromkeys(_DATA_ACTIONS, 0),
                formats={name: [] for name in _METADATA_ACTIONS},
            )
            sparse.counts["random_read"] = tile.reads
            sparse.counts["random_fill"] = tile.fills
            sparse.counts["random_update"] = tile.updates
            row.append(sparse)
        wrapped.append(row)
    return wrapped


def dense_compute(nest: NestRows, extents: LoopExtents, which: int = 0) -> ComputeTile:
    """Wrap the compute level of the dense analysis, of one mapping."""
    columns, rows = _expansion(extents)[0]
    units, operations = float(nest.compute_instances[which]), float(nest.operations[which])
    if extents.limit is None:
        units = int(units)
        total = units * operations
    else:
        total = float(round(units * operations))
    return ComputeTile(
        units=units,
        operations=operations,
        dense=total,
        temporal_iterations=int(nest.iterations[which]),
        instances=float(units),
        columns=columns,
        rows=rows,
        counts={"random_compute": int(total), "gated_compute": 0, "skipped_compute": 0},
    )


def _expansion(extents: LoopExtents) -> list[tuple[int, int]]:
    """Columns and rows in use of the compute units, then of each storage level."""
    columns = rows = 1
    found = [(1, 1)]
    for loops in reversed(extents.loops):
        for loop in loops:
            if loop.kind == "x":
                columns *= loop.end
            elif loop.kind == "y":
                rows *= loop.end
        found.append((columns, rows))
    found.reverse()
    return found
