"""The flexible fabric put together: ports, multipliers in a row, reduction, bus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hwsim.engines.stonne.components.distribution import Kind, PortTree
from hwsim.engines.stonne.components.memory import Controller
from hwsim.engines.stonne.components.multipliers import row_of_multipliers
from hwsim.engines.stonne.components.reduction import Reduction
from hwsim.engines.stonne.components.wire import Wire
from hwsim.engines.stonne.files.report import CounterLine, StonneReport, wire_line
from hwsim.errors import InputError

#: Cycles in which nothing is sent and nothing received; the way through the fabric is shorter.
_PATIENCE: Final = 1000


class LinearFabric:
    """Multipliers in a row between trees of switches and a tree of adders.

    Parameters
    ----------
    num_ms : int
        Multipliers, a power of two.
    dn_bw, rn_bw : int
        Read and write ports.
    accumulates : bool
        Whether every adder has an accumulator.
    reduction : {"ASNETWORK", "FENETWORK", "TEMPORALRN"}
        A tree of adders, one whose nodes add up folds as well, or no adders and an accumulator for
        every multiplier.
    """

    def __init__(
        self,
        num_ms: int,
        dn_bw: int,
        rn_bw: int,
        *,
        accumulates: bool = False,
        reduction: str = "ASNETWORK",
    ) -> None:
        self.num_ms = num_ms
        self.ports = [PortTree(num_ms // dn_bw) for _ in range(dn_bw)]
        self.multipliers = row_of_multipliers(num_ms)
        inputs = [wire for port in self.ports for wire in port.outputs]
        for multiplier, wire in zip(self.multipliers, inputs, strict=True):
            multiplier.input = wire
        self.reduction = Reduction(num_ms, rn_bw, reduction, accumulates=accumulates)
        for multiplier, product in zip(self.multipliers, self.reduction.inputs, strict=True):
            multiplier.output = product
        self.cycles = 0

    @property
    def outputs(self) -> list[Wire[int]]:
        """The wires from the lines of the bus to the memory."""
        return self.reduction.outputs

    def configure(self, sizes: Sequence[int], *, folding: bool, folds: int = 1) -> None:
        """Set multipliers and adders for virtual neurons that lie side by side.

        Parameters
        ----------
        sizes : sequence of int
            Multipliers of each.
        folding : bool
            Whether the first multiplier of each always hands partial sums on.
        folds : int
            Products that each multiplier makes for an output.
        """
        multiplier = iter(self.multipliers)
        for neuron, size in enumerate(sizes):
            for place in range(size):
                each = next(multiplier)
                each.configure(neuron)
                each.folds, each.windows = folds, 1
                each.always_returns = folding and place == 0
        self.reduction.configure(sizes, folds)

    def reset(self) -> None:
        """Forget the configuration."""
        for multiplier in self.multipliers:
            multiplier.reset()
        self.reduction.reset()

    def run(self, controller: Controller) -> None:
        """Step until the controller has its last output.

        Raises
        ------
        InputError
            If nothing moves any more.
        """
        moved_at = moves = 0
        while not controller.finished:
            if controller.moves > moves:
                moved_at, moves = self.cycles, controller.moves
            elif self.cycles - moved_at > _PATIENCE:
                raise InputError(
                    "some outputs never come: values wait for others that are not sent; take "
                    "another tile"
                )
            controller.cycle()
            self.reduction.cycle()
            for multiplier in self.multipliers:
                if multiplier.neuron >= 0:
                    multiplier.cycle()
            for port in self.ports:
                port.cycle()
            self.cycles += 1

    def report(self, beginning: dict[str, Any], controller: Controller) -> StonneReport:
        """Say what every component did.

        Parameters
        ----------
        beginning : dict
            The first sections of the ``.txt`` file.
        controller : Controller
            That of the run.
        """
        cycles = self.cycles
        stats = {
            **beginning,
            "ASNetworkConfiguration": self.reduction.configuration(),
            "MSNetworkConfiguration": {
                "MSwitchConfiguration": [{"VN": each.neuron} for each in self.multipliers]
            },
            "GlobalStats": {"N_cycles": cycles},
            "DSNetworkStats": {"DSTreeStats": [port.stats(cycles) for port in self.ports]},
            "MSNetworkStats": {"MSwitchStats": [each.stats(cycles) for each in self.multipliers]},
            "ASNetworkStats": self.reduction.stats(cycles),
            "SDMemoryStats": controller.stats(cycles),
            "CollectionBusStats": self.reduction.bus_stats(cycles),
        }
        return StonneReport(cycles, stats, self._counters(controller))

    def _counters(self, controller: Controller) -> dict[str, list[CounterLine]]:
        ports = [wire_line("DN_WIRE", port.sent) for port in self.ports]
        links = [each.from_right.line("MN_WIRE") for each in self.multipliers[:-1]]
        reads = sum(controller.reads[kind] for kind in Kind)
        return {
            "DSNetwork": ports + [line for port in self.ports for line in port.lines()],
            "MSNetwork": links + [line for each in self.multipliers for line in each.lines()],
            "ReduceNetwork": self.reduction.counters(),
            "GlobalBuffer": [
                CounterLine("GLOBALBUFFER", {"READ": reads, "WRITE": controller.writes})
            ],
            "CollectionBus": self.reduction.bus_counters(),
        }
