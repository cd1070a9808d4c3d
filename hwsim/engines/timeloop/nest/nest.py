"""Nest analysis: tile sizes of every level and data space, and traffic, before bypassing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwsim.engines.timeloop.nest.multicast import Children
from hwsim.engines.timeloop.nest.reuse import OuterLoop, Traffic, tile_traffic
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import DataSpace, Ints, Problem


@dataclass
class LevelTraffic:
    """One data space at one storage level.

    Parameters
    ----------
    size : int
        Points of the level's tile.
    spread_size : float
        Points of the tiles of all children below one instance of the level.
    traffic : Traffic
        From one instance to its children.
    """

    size: int
    spread_size: float
    traffic: Traffic


@dataclass
class NestAnalysis:
    """What the loops ask of the machine if every level kept every data space.

    Parameters
    ----------
    levels : list of list of LevelTraffic
        By storage level (innermost first) and data space.
    instances : list of int
        Instances of each storage level that work.
    fanout : list of int
        Children of an instance of each storage level.
    compute_instances : int
        Compute units that work.
    compute_iterations : float
        Operations of one compute unit.
    temporal_iterations : int
        Product of all temporal factors.
    """

    levels: list[list[LevelTraffic]]
    instances: list[int]
    fanout: list[int]
    compute_instances: int
    compute_iterations: float
    temporal_iterations: int


@dataclass(frozen=True)
class _Placed:
    """A loop that iterates, and how many points of its dimension one iteration covers."""

    loop: Loop
    step: int


def analyse(problem: Problem, mapping: LoopMapping, machine: Machine) -> NestAnalysis:
    """Find tile sizes and traffic for a mapping whose factors divide.

    Parameters
    ----------
    problem : Problem
        What is computed.
    mapping : LoopMapping
        The loops.
    machine : Machine
        Its mesh sizes decide which children are neighbours.
    """
    extents = np.ones(len(problem.dimensions), dtype=np.int64)
    spatial: list[list[_Placed]] = []
    temporal: list[list[_Placed]] = []
    below: list[Ints] = []
    spread: list[Ints] = []
    above: list[Ints] = []
    for level in mapping.levels:
        below.append(extents.copy())
        spatial.append(_place(level.spatial, extents))
        spread.append(extents.copy())
        temporal.append(_place(level.temporal, extents))
        above.append(extents.copy())

    fanout = [_product(loops) for loops in spatial]
    instances = [int(np.prod(fanout[level + 1 :], dtype=np.int64)) for level in range(len(fanout))]
    iterations = int(np.prod([_product(loops) for loops in temporal], dtype=np.int64))
    levels = []
    for number in range(len(mapping.levels)):
        outer = [placed for loops in temporal[number:] for placed in loops]
        levels.append(
            [
                LevelTraffic(
                    space.size(above[number]),
                    space.size(spread[number]),
                    _traffic(space, index, number, mapping, machine, below, spatial, outer),
                )
                for index, space in enumerate(problem.data_spaces)
            ]
        )
    return NestAnalysis(
        levels, instances, fanout, instances[0] * fanout[0], float(iterations), iterations
    )


def _place(loops: tuple[Loop, ...], extents: Ints) -> list[_Placed]:
    """Give the loops that iterate their steps, and grow the extents by them."""
    placed = []
    for loop in loops:
        if loop.end > 1:
            placed.append(_Placed(loop, int(extents[loop.dimension])))
            extents[loop.dimension] *= loop.end
    return placed


def _product(loops: list[_Placed]) -> int:
    return int(np.prod([placed.loop.end for placed in loops], dtype=np.int64))


def _traffic(
    space: DataSpace,
    number: int,
    level: int,
    mapping: LoopMapping,
    machine: Machine,
    below: list[Ints],
    spatial: list[list[_Placed]],
    outer: list[_Placed],
) -> Traffic:
    here = mapping.levels[level]
    if level == 0 and not spatial[0]:
        return Traffic({(1, 1): [float(_product(outer)), 0.0, 0.0]})
    reuse = level > 0 and not mapping.levels[level - 1].no_temporal_reuse[number]
    loops = [OuterLoop(_stride(space, placed), placed.loop.end) for placed in outer]
    children = None
    if spatial[level]:
        columns, rows = mesh(spatial[level], *machine.fanout(level))
        children = Children(
            _offsets(space, spatial[level]),
            columns,
            rows,
            multicast=not here.no_multicast[number],
            links=not here.no_link_transfer[number],
        )
    return tile_traffic(space.box(below[level]), loops, children, reuse)


def mesh(spatial: list[_Placed], fanout_x: int, fanout_y: int) -> tuple[int, int]:
    """Columns and rows on which the children lie: the machine's, or the mapping's if larger."""
    columns = rows = 1
    for placed in spatial:
        if placed.loop.kind == "x":
            columns *= placed.loop.end
        else:
            rows *= placed.loop.end
    return max(columns, fanout_x), max(rows, fanout_y)


def _stride(space: DataSpace, placed: _Placed) -> tuple[int, ...]:
    return tuple((space.projection[:, placed.loop.dimension] * placed.step).tolist())


def _offsets(space: DataSpace, spatial: list[_Placed]) -> Ints:
    """Offset of each child's data, children counted with the outermost loop slowest."""
    offsets = np.zeros((1, len(space.projection)), dtype=np.int64)
    for placed in spatial:
        stride = space.projection[:, placed.loop.dimension] * placed.step
        steps = np.arange(placed.loop.end, dtype=np.int64)[:, None] * stride
        offsets = (steps[:, None, :] + offsets[None, :, :]).reshape(-1, len(stride))
    return offsets
