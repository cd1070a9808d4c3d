"""From the products to the memory: adders, accumulators, and the collection bus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hwsim.engines.stonne.components.accumulators import Accumulator
from hwsim.engines.stonne.components.adders import AdderTree
from hwsim.engines.stonne.components.bus import BusLine
from hwsim.engines.stonne.components.fold_adders import FoldTree
from hwsim.engines.stonne.components.wire import Wire
from hwsim.engines.stonne.files.report import CounterLine, Unbroken

_TREES: Final[Mapping[str, type[AdderTree]]] = {"ASNETWORK": AdderTree, "FENETWORK": FoldTree}


class Reduction:
    """What adds up the products of ``num_ms`` multipliers and brings the sums to the memory.

    Parameters
    ----------
    num_ms : int
        Multipliers, a power of two.
    rn_bw : int
        Write ports, each with a line of the bus.
    network : {"ASNETWORK", "FENETWORK", "TEMPORALRN"}
        A tree of adders, one whose nodes add up folds as well, or no adders and an accumulator for
        every multiplier.
    accumulates : bool
        Whether every adder has an accumulator.

    Attributes
    ----------
    inputs : list of Wire
        The wires that multipliers put their products onto.
    lines : list of BusLine
        Of the collection bus.
    """

    def __init__(self, num_ms: int, rn_bw: int, network: str, *, accumulates: bool) -> None:
        self.lines = [BusLine(num_ms // rn_bw + 1) for _ in range(rn_bw)]
        self._accumulators: list[Accumulator] = []
        tree = _TREES.get(network)
        self._tree = tree(num_ms) if tree else None
        if self._tree is None:
            ways_out = [self._way_out(n % rn_bw, n // rn_bw) for n in range(num_ms)]
            self.inputs = [self._accumulated(way_out) for way_out in ways_out]
        else:
            self.inputs = self._tree.leaves
            self._wire(self._tree, accumulates=accumulates)

    def _wire(self, tree: AdderTree, *, accumulates: bool) -> None:
        lines = len(self.lines)
        for place, adder in enumerate(tree.exits):
            if place < tree.pairs:
                pair = place // 2
                adder.bus_line, adder.bus_input = pair % lines, 2 * (pair // lines) + place % 2
            else:
                single = place - tree.pairs
                adder.bus_line = place % lines
                adder.bus_input = tree.pairs // lines + 1 + single // lines
            way_out = self._way_out(adder.bus_line, adder.bus_input)
            adder.way_out = self._accumulated(way_out) if accumulates else way_out

    def _way_out(self, line: int, line_input: int) -> Wire[int]:
        return self.lines[line].wires[line_input]

    def _accumulated(self, way_out: Wire[int]) -> Wire[int]:
        accumulator = Accumulator()
        accumulator.output = way_out
        self._accumulators.append(accumulator)
        return accumulator.input

    @property
    def outputs(self) -> list[Wire[int]]:
        """The wires from the lines of the bus to the memory."""
        return [line.output for line in self.lines]

    def configure(self, sizes: Sequence[int], folds: int) -> None:
        """Set the adders for virtual neurons that lie side by side.

        Parameters
        ----------
        sizes : sequence of int
            Multipliers of each.
        folds : int
            Sums that make an output; for trees that add them up.
        """
        if self._tree is not None:
            self._tree.configure(sizes, folds)

    def accumulate(self, sums: int) -> None:
        """Tell the accumulators how many sums make an output."""
        for accumulator in self._accumulators:
            accumulator.configure(sums)

    def reset(self) -> None:
        """Forget how the adders are set."""
        if self._tree is not None:
            self._tree.reset()

    def cycle(self) -> None:
        """Do what a cycle allows; whoever receives goes first, so that everything takes one."""
        for line in self.lines:
            line.cycle()
        for accumulator in self._accumulators:
            accumulator.cycle()
        if self._tree is not None:
            self._tree.cycle()

    def configuration(self) -> dict[str, Any]:
        """Give what the ``.txt`` file says of how the adders are set."""
        if self._tree is None:
            return {}
        levels = [[each.configuration() for each in level] for level in self._tree.levels]
        return {"ASwitchConfiguration": levels}

    def stats(self, cycles: int) -> dict[str, Any]:
        """Give what the ``.txt`` file says of adders and accumulators."""
        stats: dict[str, Any] = {}
        if self._tree is not None:
            levels = [[each.stats(cycles) for each in level] for level in self._tree.levels]
            stats["ASwitchStats"] = levels
        if self._accumulators:
            each = [accumulator.stats(cycles) for accumulator in self._accumulators]
            stats["AccumulationBufferStats"] = Unbroken({"AccumulatorStats": each})
        return stats

    def bus_stats(self, cycles: int) -> dict[str, Any]:
        """Give what the ``.txt`` file says of the bus."""
        return {"CollectionBusLineStats": [line.stats(cycles) for line in self.lines]}

    def counters(self) -> list[CounterLine]:
        """Give the lines of adders and accumulators in the ``.counters`` file."""
        found: list[CounterLine] = []
        if self._tree is not None:
            found += self._tree.wire_lines()
            found += [line for adder in self._tree for line in adder.lines()]
        found += [each.input.line("RN_WIRE") for each in self._accumulators]
        found += [line for each in self._accumulators for line in each.lines()]
        return found

    def bus_counters(self) -> list[CounterLine]:
        """Give the lines of the bus in the ``.counters`` file."""
        return [line for each in self.lines for line in each.lines()]
