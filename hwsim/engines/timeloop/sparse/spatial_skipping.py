"""Skipping in space: instances that would hold nothing are left out and others take their place.

Fewer instances are needed then, on average and at most; what holds at one level holds for the
levels inside it, down to the next one that skips by itself.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import takewhile

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

    space: str
    columns: list[int]
    rows: list[int]
    share: list[float]

    def narrow(self, level: int, loop: Loop, ratio: float) -> None:
        """Leave a share of the instances along one axis."""
        along = self.columns if loop.kind == "x" else self.rows
        along[level] = self._left(along[level], ratio)

    def narrow_inside(
        self, level: int, by_columns: float, by_rows: float, own: Container[int]
    ) -> None:
        """Leave as many of the levels inside one; shares only down to the next with its own."""
        for inner in range(level):
            self.columns[inner] = self._left(self.columns[inner], by_columns)
            self.rows[inner] = self._left(self.rows[inner], by_rows)
        for inner in takewhile(lambda inner: inner not in own, reversed(range(level))):
            self.share[inner] *= self.share[level]

    def _left(self, instances: int, ratio: float) -> int:
        left = int(instances * ratio)
        if left == 0:
            raise InputError(
                f"sparse_optimizations: skipping in space leaves no instance for {self.space}"
            )
        return left


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
        If none is left, or more than fit the machine.
    """
    wanted = [
        (level, saving.options[0])
        for level in sorted(sparse.savings)
        for saving in sparse.savings[level]
        if saving.kind == "skipping_spatial"
    ]
    if not wanted:
        return
    if extents.limit is not None:
        raise InputError(
            "sparse_optimizations: skipping in space is not modelled with factors that leave "
            "rests; choose factors that divide"
        )
    needed = [
        _held(space, tiles, compute, extents)
        for space, tiles in zip(problem.data_spaces, spaces, strict=True)
    ]
    for level, condition in wanted:
        _leave_out(level, condition, problem, spaces, extents, needed)
    for number, (tiles, instances) in enumerate(zip(spaces, needed, strict=True)):
        own = {level for level, condition in wanted if condition.target == number}
        _pass_inwards(tiles, instances, own)
        for tile, share in zip(tiles, instances.share[1:], strict=True):
            tile.instances = tile.dense.instances * share
        for level in own:
            savings.spatial[level, number] = 1 - instances.share[level]
    # what the data space that needs most needs; whole units, as Timeloop counts
    compute.columns = max(instances.columns[0] for instances in needed)
    compute.rows = max(instances.rows[0] for instances in needed)
    compute.instances = float(
        math.floor(max(compute.units * instances.share[0] for instances in needed))
    )
    _check_fanout(needed, machine)


def _spread(space: DataSpace, extents: LoopExtents, level: int) -> Iterator[tuple[Loop, Ints]]:
    """Go through the spatial loops of a level that walk a tensor, with the extents inside each."""
    inside = extents.extents[level - 1][-1] if level else np.ones_like(extents.extents[level][0])
    for loop, covered in zip(extents.loops[level], extents.extents[level], strict=True):
        if loop.spatial and loop.end > 1 and loop.dimension in space.dimensions:
            yield loop, inside
        inside = covered


def _held(
    space: DataSpace, tiles: list[SparseTile], compute: ComputeTile, extents: LoopExtents
) -> _Instances:
    """Instances that hold something, where a parent's metadata tell."""
    columns = [compute.columns, *(tile.columns for tile in tiles)]
    rows = [compute.rows, *(tile.rows for tile in tiles)]
    held = _Instances(space.name, columns, rows, share=[1.0] * len(columns))
    for level in range(len(tiles)):
        source = kept_from(tiles, level)
        if source is None or tiles[source].representation is None:
            continue
        for number, (loop, inside) in enumerate(_spread(space, extents, level)):
            if number == 0:
                held.share[level] = 1.0 - tiles[source].density.empty(space.box(inside))
            held.narrow(level, loop, _share_of_fiber(space, loop, inside, tiles[source]))
    _pass_inwards(tiles, held, {level for level, share in enumerate(held.share) if share != 1.0})
    return held


def _share_of_fiber(space: DataSpace, loop: Loop, inside: Ints, source: SparseTile) -> float:
    fiber = inside.copy()
    fiber[loop.dimension] *= loop.end
    return source.density.max_elements(space.box(fiber), space.box(inside)) / loop.end


def _pass_inwards(tiles: list[SparseTile], needed: _Instances, own: Container[int]) -> None:
    """Take over what tiles need at most, outermost first; levels inside need less in proportion.

    As in Timeloop what reaches a level from outside counts as its own when its turn comes, and
    shares are passed on only where fewer are needed at most.
    """
    for level, tile in reversed([*enumerate(tiles, start=1)]):
        columns, rows = needed.columns[level], needed.rows[level]
        by_columns, by_rows = columns / tile.columns, rows / tile.rows
        tile.columns, tile.rows = columns, rows
        if by_columns != 1.0 or by_rows != 1.0:
            needed.narrow_inside(level, by_columns, by_rows, own)


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
    kept_inside = any(tile.kept for tile in tiles[:level])
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
            if kept_inside and loop.dimension in problem.data_spaces[target].dimensions:
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


def _check_fanout(needed: list[_Instances], machine: Machine) -> None:
    for instances in needed:
        for level in range(len(machine.levels)):
            columns, rows = machine.fanout(level)
            wide = instances.columns[level] // instances.columns[level + 1]
            high = instances.rows[level] // instances.rows[level + 1]
            if wide > columns or high > rows:
                raise InputError(
                    f"{machine.levels[level].name}: {instances.space} needs {wide} x {high} "
                    f"instances below each even after skipping, but there are {columns} x {rows}"
                )
