"""Skipping in space: instances that would hold nothing are left out and others take their place.

Fewer instances are needed then, on average and at most; what holds at one level holds for the
levels inside it, down to the next one that skips by itself.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator
from dataclasses import dataclass

import numpy as np

from hwsim.engines.timeloop.sparse.conditional_saving import Savings
from hwsim.engines.timeloop.sparse.sparse_tile import (
    ComputeTile,
    LoopExtents,
    SparseTile,
    kept_from,
)
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import Loop
from hwsim.engines.timeloop.terms.problem import DataSpace, Ints, Problem
from hwsim.engines.timeloop.terms.sparse_spec import Condition, SparseOptimizations
from hwsim.errors import InputError


@dataclass
class _Instances:
    """Of one data space, by architecture level: compute units first, then storage levels."""

    columns: list[int]
    rows: list[int]
    share: list[float]

    def narrow(self, level: int, loop: Loop, ratio: float) -> None:
        """Leave a share of the instances along one axis."""
        along = self.columns if loop.kind == "x" else self.rows
        along[level] = int(along[level] * ratio)

    def narrow_inside(
        self, level: int, by_columns: float, by_rows: float, own: Container[int]
    ) -> None:
        """Leave as many of the levels inside one; shares only down to the next with its own."""
        crossed = False
        for inner in range(level - 1, -1, -1):
            self.columns[inner] = int(self.columns[inner] * by_columns)
            self.rows[inner] = int(self.rows[inner] * by_rows)
            crossed |= inner in own
            if not crossed:
                self.share[inner] *= self.share[level]


def skip_in_space(
    problem: Problem,
    spaces: list[list[SparseTile]],
    compute: ComputeTile,
    extents: LoopExtents,
    sparse: SparseOptimizations,
    machine: Machine,
    savings: Savings,
) -> None:
    """Reduce the instances of all levels; changes tiles, compute and savings in place.

    Raises
    ------
    InputError
        If the instances that are left do not fit the machine.
    """
    wanted = [
        (level, saving.options[0])
        for level in sorted(sparse.savings)
        for saving in sparse.savings[level]
        if saving.kind == "skipping_spatial"
    ]
    if not wanted:
        return
    needed = [
        _held(space, tiles, compute, extents)
        for space, tiles in zip(problem.data_spaces, spaces, strict=True)
    ]
    masked: set[tuple[int, int]] = set()
    for level, condition in wanted:
        _leave_out(level, condition, problem, spaces, extents, needed)
        masked.add((level, condition.target))
    for space, instances in zip(problem.data_spaces, needed, strict=True):
        if 0 in instances.columns or 0 in instances.rows:
            raise InputError(
                f"sparse_optimizations: skipping in space leaves no instance for {space.name}"
            )
    _summarise(problem, spaces, compute, needed, masked, savings)
    compute.instances = float(math.floor(compute.instances))  # whole units, as Timeloop counts
    _check_fanout(problem, needed, machine)


def _spread(space: DataSpace, extents: LoopExtents, level: int) -> Iterator[tuple[Loop, Ints]]:
    """Go through the spatial loops of a level that walk a tensor, with the extents inside each."""
    inside = extents.extents[level - 1][-1] if level else np.ones_like(extents.extents[0][0])
    for loop, covered in zip(extents.loops[level], extents.extents[level], strict=True):
        if loop.spatial and loop.end > 1 and loop.dimension in space.dimensions:
            yield loop, inside
        inside = covered


def _held(
    space: DataSpace, tiles: list[SparseTile], compute: ComputeTile, extents: LoopExtents
) -> _Instances:
    """Instances that hold something, where a parent's metadata tell."""
    count = len(tiles)
    held = _Instances(
        columns=[compute.columns, *(tile.columns for tile in tiles)],
        rows=[compute.rows, *(tile.rows for tile in tiles)],
        share=[1.0] * (count + 1),
    )
    for level in range(count):
        source = kept_from(tiles, level)
        if source is None or tiles[source].representation is None:
            continue
        for number, (loop, inside) in enumerate(_spread(space, extents, level)):
            if number == 0:
                held.share[level] = 1.0 - tiles[source].density.empty(space.box(inside))
            held.narrow(level, loop, _share_of_fiber(space, loop, inside, tiles[source]))
    _pass_inwards(tiles, held)
    return held


def _share_of_fiber(space: DataSpace, loop: Loop, inside: Ints, source: SparseTile) -> float:
    fiber = inside.copy()
    fiber[loop.dimension] *= loop.end
    return source.density.max_elements(space.box(fiber), space.box(inside)) / loop.end


def _pass_inwards(tiles: list[SparseTile], held: _Instances) -> None:
    own = {level for level, share in enumerate(held.share) if share != 1.0}
    for level in range(len(tiles), 0, -1):
        tile = tiles[level - 1]
        columns, rows = held.columns[level], held.rows[level]
        by_columns, by_rows = columns / tile.columns, rows / tile.rows
        if by_columns == 1.0 and by_rows == 1.0:
            continue
        tile.columns, tile.rows = columns, rows
        tile.instances = tile.dense.instances * held.share[level - 1]
        held.narrow_inside(level, by_columns, by_rows, own)


def _leave_out(
    level: int,
    condition: Condition,
    problem: Problem,
    spaces: list[list[SparseTile]],
    extents: LoopExtents,
    needed: list[_Instances],
) -> None:
    target = condition.target
    tiles = spaces[target]
    child = next((here for here in range(level - 1, -1, -1) if tiles[here].kept), None)
    instances = needed[target]
    effective = 1.0
    for other in condition.condition_on:
        space = problem.data_spaces[other]
        held_at = kept_from(spaces[other], level)
        if held_at is None or spaces[other][held_at].representation is None:
            continue
        source = spaces[other][held_at]
        for number, (loop, covered) in enumerate(_spread(space, extents, level)):
            inside = covered.copy()
            if child is not None and loop.dimension in problem.data_spaces[target].dimensions:
                _cover_while_stationary(inside, level, tiles, problem, target, extents)
            if number == 0:
                effective *= 1 - source.density.empty(space.box(inside))
            instances.narrow(level, loop, _share_of_fiber(space, loop, inside, source))
    instances.share[level] = effective


def _cover_while_stationary(
    inside: Ints,
    level: int,
    tiles: list[SparseTile],
    problem: Problem,
    target: int,
    extents: LoopExtents,
) -> None:
    """Cover what runs while a target's tile stays, until the next loop in time that replaces it."""
    last = kept_from(tiles, level)
    for here in range(level, len(tiles) if last is None else last + 1):
        for loop in extents.loops[here]:
            if loop.spatial or loop.end == 1:
                continue
            if loop.dimension in problem.data_spaces[target].dimensions:
                return
            inside[loop.dimension] *= loop.end


def _summarise(
    problem: Problem,
    spaces: list[list[SparseTile]],
    compute: ComputeTile,
    needed: list[_Instances],
    masked: set[tuple[int, int]],
    savings: Savings,
) -> None:
    for number, (tiles, instances) in enumerate(zip(spaces, needed, strict=True)):
        before = [(tile.columns, tile.rows) for tile in tiles]
        own = {level for level, target in masked if target == number}
        for level in range(len(tiles), -1, -1):
            columns, rows = instances.columns[level], instances.rows[level]
            share = instances.share[level]
            by_columns = by_rows = 1.0
            if level:
                tile = tiles[level - 1]
                tile.columns, tile.rows = columns, rows
                tile.instances = tile.dense.instances * share
                by_columns = columns / before[level - 1][0]
                by_rows = rows / before[level - 1][1]
            else:
                units = compute.units * share
                if number == 0:
                    compute.columns, compute.rows, compute.instances = columns, rows, units
                else:
                    compute.columns = max(compute.columns, columns)
                    compute.rows = max(compute.rows, rows)
                    compute.instances = max(compute.instances, units)
            if level < len(tiles) and level in own:
                savings.spatial[level, number] = 1 - share
            if by_columns != 1.0 or by_rows != 1.0:
                instances.narrow_inside(level, by_columns, by_rows, own)


def _check_fanout(problem: Problem, needed: list[_Instances], machine: Machine) -> None:
    for space, instances in zip(problem.data_spaces, needed, strict=True):
        for level in range(len(machine.levels)):
            columns, rows = machine.fanout(level)
            wide = instances.columns[level] // max(instances.columns[level + 1], 1)
            high = instances.rows[level] // max(instances.rows[level + 1], 1)
            if wide > columns or high > rows:
                raise InputError(
                    f"{machine.levels[level].name}: {space.name} needs {wide} x {high} instances "
                    f"below each even after skipping, but there are {columns} x {rows}"
                )
