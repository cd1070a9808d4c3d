"""What mappings ask of a machine, zeros aside: analysed together, looked at one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hwsim.engines.timeloop.figures.network_figures import (
    NetworkFigures,
    NetworkLoads,
    network_figures,
    network_loads,
)
from hwsim.engines.timeloop.figures.ramp_up import PassLoads
from hwsim.engines.timeloop.nest.loops import Bools
from hwsim.engines.timeloop.nest.nest import NestRows
from hwsim.engines.timeloop.nest.tile import Tile, tiles_of
from hwsim.engines.timeloop.nest.tiles import TileRows
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LevelMapping
from hwsim.engines.timeloop.terms.problem import Ints, Problem


@dataclass(frozen=True)
class DenseAnalysis:
    """A batch of mappings.

    Parameters
    ----------
    nest : NestRows
        The analysis of the loops.
    loads : PassLoads
        What units wait for.
    rows : list of list of TileRows
        By data space and storage level, without bypassed levels.
    uneven : ndarray of int, shape (mappings,)
        1 + the level whose network cannot split its multicasts, else 0.
    problem, machine
        What is computed, and where.
    """

    nest: NestRows
    loads: PassLoads
    rows: list[list[TileRows]]
    uneven: Ints
    problem: Problem
    machine: Machine

    @classmethod
    def of(
        cls,
        problem: Problem,
        machine: Machine,
        nest: NestRows,
        denied: Sequence[LevelMapping],
        keep: Bools,
    ) -> DenseAnalysis:
        """Take it from the analysis of the loops, which is changed in place.

        Parameters
        ----------
        problem, machine
            What is computed, and where.
        nest : NestRows
            The analysis.
        denied, keep
            As of :meth:`NestRows.tiles`.
        """
        loads = PassLoads.of(machine.ramp_up, nest, [space.name for space in problem.data_spaces])
        rows, uneven = nest.tiles(problem, machine, denied, keep)
        return cls(nest, loads, rows, uneven, problem, machine)

    @cached_property
    def networks(self) -> NetworkLoads:
        """What networks carry."""
        return network_loads(self.problem, self.rows, self.machine)

    def at(self, which: int) -> Analysed:
        """Look at one of the mappings."""
        return Analysed(self, which)


@dataclass(frozen=True)
class Analysed:
    """One mapping of a batch."""

    batch: DenseAnalysis
    which: int

    @property
    def nest(self) -> NestRows:
        """The analysis of the loops."""
        return self.batch.nest

    @property
    def uneven(self) -> int:
        """1 + the level whose network cannot split its multicasts, else 0."""
        return int(self.batch.uneven[self.which])

    @property
    def networks(self) -> list[NetworkFigures]:
        """What networks carry, and its energy."""
        return network_figures(self.batch.networks, self.which)

    @property
    def tiles(self) -> list[list[Tile]]:
        """Tiles by data space and storage level."""
        return [
            tiles_of(levels, space.read_write, self.which)
            for space, levels in zip(self.batch.problem.data_spaces, self.batch.rows, strict=True)
        ]

    def waiting(self, left: Mapping[str, float]) -> int:
        """Cycles in which units wait; ``left`` of the words is what formats leave."""
        return int(self.batch.loads.waiting(left)[self.which])
