"""The figures of a whole evaluation: levels, networks, compute units and their sums."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.engines.timeloop.figures.network_figures import NetworkFigures
from hwsim.engines.timeloop.figures.storage_figures import LevelFigures
from hwsim.engines.timeloop.sparse.sparse_tile import ComputeTile
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations


@dataclass
class Evaluation:
    """Everything.

    Parameters
    ----------
    problem, machine, mapping, sparse
        What was evaluated.
    levels : list of LevelFigures
        Storage, innermost first.
    networks : list of NetworkFigures
        Between levels, innermost first.
    compute : ComputeTile
        The compute units.
    compute_cycles, cycles : int
        Of the compute units; of the whole run.
    compute_energy : float
        pJ.
    waiting_cycles : int
        Of the run, for the first words of processing passes.
    mistaken : tuple of (int, int)
        Storage levels and data spaces of which Timeloop takes tiles for empty that never are.
    """

    problem: Problem
    machine: Machine
    mapping: LoopMapping
    sparse: SparseOptimizations
    levels: list[LevelFigures]
    networks: list[NetworkFigures]
    compute: ComputeTile
    compute_cycles: int
    cycles: int
    compute_energy: float
    waiting_cycles: int = 0
    mistaken: tuple[tuple[int, int], ...] = ()

    @property
    def energy_by_part(self) -> dict[str, float]:
        """What each part of the machine takes, pJ; nothing is in two parts.

        ``compute`` (operations), ``storage`` (accesses of all levels), ``address generation``,
        ``leakage`` (of all levels, over the run) and ``networks``.
        """
        return {
            "compute": self.compute_energy,
            "storage": sum(level.access_energy for level in self.levels),
            "address generation": sum(level.address_energy for level in self.levels),
            "leakage": sum(level.leakage for level in self.levels),
            "networks": sum(network.energy for network in self.networks),
        }

    @property
    def energy(self) -> float:
        """The sum of all parts, pJ: what Timeloop's summary calls Energy."""
        return sum(self.energy_by_part.values())

    @property
    def area(self) -> float:
        """Of all instances, um2."""
        compute = self.machine.compute.area * self.machine.compute.mesh.instances
        return compute + sum(level.area * level.mesh.instances for level in self.machine.levels)

    @property
    def utilization(self) -> float:
        """Operations over slots of all compute units, 0 to 1."""
        slots = self.machine.compute.mesh.instances
        return self.compute.busy / slots / self.cycles if self.cycles else 0.0

    @property
    def algorithmic_computes(self) -> int:
        """Operations of the dense problem."""
        return int(self.compute.dense)
