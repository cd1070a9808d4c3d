"""The flexible fabric put together: ports, multipliers in a row, reduction, bus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hwsim.engines.stonne.components.accumulators import Accumulator
from hwsim.engines.stonne.components.adders import AdderTree
from hwsim.engines.stonne.components.bus import BusLine
from hwsim.engines.stonne.components.distribution import Kind, PortTree
from hwsim.engines.stonne.components.fold_adders import FoldTree
from hwsim.engines.stonne.components.memory import Controller
from hwsim.engines.stonne.components.multipliers import row_of_multipliers
from hwsim.engines.stonne.components.wire import Wire
from hwsim.engines.stonne.files.report import CounterLine, StonneReport, Unbroken, wire_line
from hwsim.errors import InputError

#: Cycles in which nothing is sent and nothing received; the way through the fabric is shorter.
_PATIENCE: Final = 1000
_TREES: Final[Mapping[str, type[AdderTree]]] = {"ASNETWORK": AdderTree, "FENETWORK": FoldTree}


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
        self.lines = [BusLine(num_ms // rn_bw + 1) for _ in range(rn_bw)]
        tree = _TREES.get(reduction)
        self.tree = tree(num_ms) if tree else None
        self.accumulators: list[Accumulator] = []
        if self.tree is not None:
            self._wire_tree(self.tree, accumulates=accumulates)
        else:
            self._wire_multipliers()
        self.cycles = 0

    def _wire_tree(self, tree: AdderTree, *, accumulates: bool) -> None:
        for multiplier, wire in zip(self.multipliers, tree.leaves, strict=True):
            multiplier.output = wire
        lines = len(self.lines)
        for place, adder in enumerate(tree.exits):
            if place < tree.pairs:
                pair = place // 2
                adder.bus_line, adder.bus_input = pair % lines, 2 * (pair // lines) + place % 2
            else:
                single = place - tree.pairs
                adder.bus_line = place % lines
                adder.bus_input = tree.pairs // lines + 1 + single // lines
            way_out = self.lines[adder.bus_line].wires[adder.bus_input]
            adder.way_out = self._accumulated(way_out) if accumulates else way_out

    def _wire_multipliers(self) -> None:
        lines = len(self.lines)
        for place, multiplier in enumerate(self.multipliers):
            way_out = self.lines[place % lines].wires[place // lines]
            multiplier.output = self._accumulated(way_out)

    def _accumulated(self, way_out: Wire[int]) -> Wire[int]:
        accumulator = Accumulator()
        accumulator.output = way_out
        self.accumulators.append(accumulator)
        return accumulator.input

    @property
    def outputs(self) -> list[Wire[int]]:
        """The wires from the lines of the bus to the memory."""
        return [line.output for line in self.lines]

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
        if self.tree is not None:
            self.tree.configure(sizes, folds)

    def reset(self) -> None:
        """Forget the configuration."""
        for multiplier in self.multipliers:
            multiplier.reset()
        if self.tree is not None:
            self.tree.reset()

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
            for line in self.lines:
                line.cycle()
            for accumulator in self.accumulators:
                accumulator.cycle()
            if self.tree is not None:
                self.tree.cycle()
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
            "ASNetworkConfiguration": self._adder_configuration(),
            "MSNetworkConfiguration": {
                "MSwitchConfiguration": [{"VN": each.neuron} for each in self.multipliers]
            },
            "GlobalStats": {"N_cycles": cycles},
            "DSNetworkStats": {"DSTreeStats": [port.stats(cycles) for port in self.ports]},
            "MSNetworkStats": {"MSwitchStats": [each.stats(cycles) for each in self.multipliers]},
            "ASNetworkStats": self._adder_stats(),
            "SDMemoryStats": controller.stats(cycles),
            "CollectionBusStats": {
                "CollectionBusLineStats": [line.stats(cycles) for line in self.lines]
            },
        }
        return StonneReport(cycles, stats, self._counters(controller))

    def _adder_configuration(self) -> dict[str, Any]:
        if self.tree is None:
            return {}
        levels = [[each.configuration() for each in level] for level in self.tree.levels]
        return {"ASwitchConfiguration": levels}

    def _adder_stats(self) -> dict[str, Any]:
        stats: dict[str, Any] = {}
        if self.tree is not None:
            levels = [[each.stats(self.cycles) for each in level] for level in self.tree.levels]
            stats["ASwitchStats"] = levels
        if self.accumulators:
            each = [accumulator.stats(self.cycles) for accumulator in self.accumulators]
            stats["AccumulationBufferStats"] = Unbroken({"AccumulatorStats": each})
        return stats

    def _counters(self, controller: Controller) -> dict[str, list[CounterLine]]:
        ports = [wire_line("DN_WIRE", port.sent) for port in self.ports]
        links = [each.from_right.line("MN_WIRE") for each in self.multipliers[:-1]]
        reduction: list[CounterLine] = []
        if self.tree is not None:
            reduction += self.tree.wire_lines()
            reduction += [line for adder in self.tree for line in adder.lines()]
        reduction += [each.input.line("RN_WIRE") for each in self.accumulators]
        reduction += [line for each in self.accumulators for line in each.lines()]
        reads = sum(controller.reads[kind] for kind in Kind)
        return {
            "DSNetwork": ports + [line for port in self.ports for line in port.lines()],
            "MSNetwork": links + [line for each in self.multipliers for line in each.lines()],
            "ReduceNetwork": reduction,
            "GlobalBuffer": [
                CounterLine("GLOBALBUFFER", {"READ": reads, "WRITE": controller.writes})
            ],
            "CollectionBus": [line for each in self.lines for line in each.lines()],
        }
