"""Position skipping: units side by side take the positions of a tile that hold a non-zero.

Loops in space below a level hand each unit a position of the level's tile of a data space. With
position skipping they hand out the positions that are not empty, as many at a time as there are
units, and the last time what is left: a tile of 21 non-zeros takes 16 units two rounds, which work
at 21/32. Dual-side tensor cores do that for both operands (Sparseloop, MICRO 2022, its artifact's
figures 13 and 15). Of an operation at an empty position nothing is left, and what the other
operand's words are read for again is a round fewer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwsim.engines.timeloop.sparse.rounding import Rounding
from hwsim.engines.timeloop.sparse.sparse_tile import ComputeTile, LoopExtents, SparseTile
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError


@dataclass(frozen=True)
class PositionSkip:
    """The rounds in which the positions of a data space are handed out.

    Parameters
    ----------
    level, space : int
        Whose tile it is.
    working : float
        Share of the units that a round has work for, averaged over the tiles that hold anything.
    rounds : int
        Of the dense tile.
    left : float
        Share of them that is left on average.
    passes : float
        Tiles that a unit of the level goes through, one after the other.
    """

    level: int
    space: int
    working: float
    rounds: int
    left: float
    passes: float


def position_skips(
    problem: Problem,
    spaces: list[list[SparseTile]],
    compute: ComputeTile,
    extents: LoopExtents,
    sparse: SparseOptimizations,
    machine: Machine,
) -> list[PositionSkip]:
    """Find all rounds.

    Parameters
    ----------
    problem, spaces, compute, extents, sparse, machine
        Of the evaluation; ``spaces`` are its tiles by data space and level.

    Raises
    ------
    InputError
        If a level skips positions of a data space that it does not keep or hands on to another
        memory, or if units side by side choose positions of two such data spaces at once.
    """
    found = []
    taken: dict[int, str] = {}
    for level, numbers in sparse.position_skips.items():
        where = machine.levels[level].name
        for number in numbers:
            space, tile = problem.data_spaces[number], spaces[number][level]
            if not tile.kept:
                raise InputError(
                    f"{where} skips positions of {space.name}, which the mapping does not keep "
                    "there"
                )
            if any(inner.kept for inner in spaces[number][:level]):
                raise InputError(
                    f"{where} skips positions of {space.name}, which another memory keeps inside "
                    "it; positions are handed out to compute units"
                )
            loops = [loop for inside in extents.loops[: level + 1] for loop in inside]
            own = [loop for loop in loops if loop.end > 1 and loop.dimension in space.dimensions]
            units = [loop for loop in own if loop.spatial]
            for loop in units:
                name = problem.dimensions[loop.dimension]
                other = taken.setdefault(loop.dimension, space.name)
                if other != space.name:
                    raise InputError(
                        f"{where}: units side by side along {name} would take positions of {other} "
                        f"and of {space.name} at once; skip those of one of them"
                    )
            side_by_side = math.prod(loop.end for loop in units)
            steps = math.prod(loop.end for loop in loops if not loop.spatial)
            passes = compute.temporal_iterations / steps
            found.append(PositionSkip(level, number, *_rounds(tile, side_by_side), passes))
    return found


def _rounds(tile: SparseTile, units: int) -> tuple[float, int, float]:
    """Find the units at work in a round, the rounds of a dense tile, and the share that is left."""
    dense = math.ceil(tile.dense.size / units)
    occupancies, chances = tile.density.distribution(tile.box)
    rounds = np.ceil(occupancies / units)
    some = occupancies > 0
    working = 1.0
    if some.any():
        filled = occupancies[some] / (units * rounds[some])
        working = float((chances[some] * filled).sum() / chances[some].sum())
    return working, dense, float((chances * rounds).sum() / dense)


def skip_positions(
    skips: Sequence[PositionSkip],
    spaces: list[list[SparseTile]],
    compute: ComputeTile,
    rounding: Rounding,
) -> None:
    """Take off reads that a round fewer of another operand leaves out, and the units without work.

    ``spaces`` and ``compute`` are changed in place.
    """
    for skip in skips:
        compute.instances *= skip.working
        for number, tiles in enumerate(spaces):
            if number != skip.space and _read_every_round(tiles, skip):
                counts = tiles[skip.level].counts
                left = counts["random_read"] * skip.left
                counts["random_read"] = round(left) if rounding.rounds else left


def _read_every_round(tiles: Sequence[SparseTile], skip: PositionSkip) -> bool:
    """Tell whether a level reads each word of another data space in every round of a pass."""
    tile = tiles[skip.level]
    if not tile.kept or any(inner.kept for inner in tiles[: skip.level]):
        return False
    each = tile.dense.reads / (tile.dense.size * skip.passes)
    return each >= skip.rounds and each % skip.rounds == 0
