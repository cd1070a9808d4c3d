"""When a virtual neuron has all the products of a step.

A multiplier works in the cycle in which its activation arrives. Where multipliers hand activations
on, only the last one of a row of the filter gets new ones for the later columns of the output; the
others take that of their neighbour, a cycle after it worked with it. So the time of a multiplier
that is k places before the last is the longest of these ways:

- the last one's time k columns before, and k cycles;
- its own time, or that of one of its neighbours to the right, at the end of the first column (the
  *start* of the row), and a cycle for every step and every hand-over since.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.placement import Placement
from hwsim.engines.stonne.maeri.reduction import Reduction
from hwsim.engines.stonne.maeri.timing.streams import Streams

#: More cycles than from a port to the bus: no tree is as high.
_LONGEST_WAY: Final = 128


class Slot(NamedTuple):
    """A multiplier with a weight.

    Parameters
    ----------
    port : int
        Its read port.
    weight, first, later : int
        Place of its packet among those of the port in a step that sends weights, all activations,
        new columns.
    hops : int
        Adders between it and the bus.
    """

    port: int
    weight: int
    first: int
    later: int
    hops: int


class Step(NamedTuple):
    """Where a neuron is in the loops."""

    iteration: int
    row: int
    column: int
    fold: int


@dataclass
class Neuron:
    """The multipliers of a virtual neuron.

    Parameters
    ----------
    streams : Streams
        What the ports send.
    switched : int
        Cycles from a port to a multiplier.
    slots : list of Slot
        All that have a weight.
    chains : list of list of Slot
        The same by rows of the filter, in the order of columns.
    """

    streams: Streams
    switched: int
    slots: list[Slot]
    chains: list[list[Slot]]
    #: Times of each multiplier in the last fold of the first column of this row, of each chain.
    start: list[list[int]] = field(default_factory=list)
    #: Times of each multiplier in the last step of the row before.
    end: list[list[int]] = field(default_factory=list)
    #: For each port that sends new columns: its last packet of a step, and the longest way from it.
    reach: list[tuple[int, int, int]] = field(default_factory=list)
    #: Bound of the time of the products by ``start``, to which steps since then are added.
    start_reach: int = 0
    #: Ports that decided the last time that was asked for; -1 is a row's start or end.
    late_ports: list[int] = field(default_factory=list)
    #: Iteration and row, and up to which of its steps everything new has left the ports long ago.
    delivered: tuple[int, int, int] = (-1, -1, -1)

    def without_links(self) -> None:
        """Keep those slots of each port that may come last.

        Packets of a port leave at least a cycle apart, so one that is earlier by as many places
        or more than its way is longer never decides.
        """
        kept: list[Slot] = []
        for slot in sorted(self.slots, key=lambda slot: (slot.port, -slot.first, -slot.hops)):
            behind = kept and kept[-1].port == slot.port
            if not behind or slot.first + slot.hops > kept[-1].first + kept[-1].hops:
                kept.append(slot)
        self.slots = kept

    def _arrival(self, slot: Slot, step: Step) -> int:
        packet = self.streams.packet(slot.port, *step)
        packet += slot.later if step.column else slot.first
        return self.streams.sent(slot.port, packet) + self.switched

    def ready(self, step: Step, linked: bool, at_least: int) -> int:
        """Find the cycle in which the last adder of the neuron has the sum of a step.

        Parameters
        ----------
        step : Step
            Which; its iteration has begun.
        linked : bool
            Whether multipliers hand activations on.
        at_least : int
            When it has the partial sum, if that is part of the sum.
        """
        self.late_ports = []
        if self._early(step, linked, at_least):
            return at_least
        if not linked:
            times = [(self._arrival(slot, step) + slot.hops, slot.port) for slot in self.slots]
        else:
            worked = self._first_column if step.column == 0 else self._later_column
            times = [
                (time + slot.hops, port)
                for number, chain in enumerate(self.chains)
                for slot, (time, port) in zip(chain, worked(number, step), strict=True)
            ]
        latest = max(times)[0]
        if latest >= at_least:
            self.late_ports = [port for time, port in times if time == latest]
        return max(latest, at_least)

    def _early(self, step: Step, linked: bool, at_least: int) -> bool:
        """Whether all products are there before a cycle, by bounds that are quick to find."""
        if not at_least or (linked and step.column < len(self.chains[0])):
            return False
        streams = self.streams
        place = step.column * streams.folds + step.fold
        if linked and self.start_reach + place - streams.folds + 1 >= at_least:
            return False
        iteration, row, known = self.delivered
        if place <= known and row == step.row and iteration == step.iteration:
            return True
        ahead = streams.folds * streams.columns
        for port, last, hops in self.reach:
            later = streams.later[port]
            left = streams.packet(port, *step) + last + streams.offsets[port][-1]
            if left + hops >= at_least or not later:
                return False
            ahead = min(ahead, (at_least - _LONGEST_WAY - left) // later)
        self.delivered = step.iteration, step.row, place + ahead
        return True

    def _first_column(self, number: int, step: Step) -> list[tuple[int, int]]:
        """Find the times of a chain in a first column, each with the port, or -1, behind it."""
        worked = [(self._arrival(slot, step), slot.port) for slot in self.chains[number]]
        if not self.end:
            return worked
        since = 1 + step.fold
        return [
            max(way, (end + since, -1)) for way, end in zip(worked, self.end[number], strict=True)
        ]

    def _later_column(self, number: int, step: Step) -> list[tuple[int, int]]:
        """Find the times of a chain in another column, each with the port, or -1, behind it."""
        chain, start, folds = self.chains[number], self.start[number], self.streams.folds
        since = (step.column - 1) * folds + step.fold + 1  # steps since the start
        times = []
        for place in range(len(chain)):
            hand_overs = len(chain) - 1 - place
            columns_before = min(hand_overs, step.column)
            at = step._replace(column=step.column - columns_before)
            if at.column:
                time, port = self._arrival(chain[-1], at), chain[-1].port
            else:
                time, port = self._first_column(number, at)[place + columns_before]
            way = time + columns_before, port
            for passed in range(columns_before):
                way = max(way, (start[place + passed] + since - passed * (folds - 1), -1))
            times.append(way)
        return times

    def weights_come_early(self, step: Step) -> bool:
        """Whether weights of an iteration arrive before the row before it is worked through.

        Parameters
        ----------
        step : Step
            Any of the iteration.
        """
        return any(
            self._weights_arrive(slot, step.iteration) <= end
            for chain, ends in zip(self.chains, self.end, strict=True)
            for slot, end in zip(chain, ends, strict=True)
        )

    def _weights_arrive(self, slot: Slot, iteration: int) -> int:
        packet = iteration * self.streams.iteration[slot.port] + slot.weight
        return self.streams.sent(slot.port, packet) + self.switched

    def start_row(self, step: Step) -> None:
        """Remember when each multiplier worked last in the first column of a row."""
        self.start = self._times(self._first_column, step)
        latest = max(time for chain in self.start for time in chain)
        self.start_reach = latest + max(slot.hops for slot in self.slots)

    def end_row(self, step: Step) -> None:
        """Remember when each multiplier worked last in a row."""
        self.end = self._times(self._later_column, step) if step.column else self.start

    def _times(
        self, worked: Callable[[int, Step], list[tuple[int, int]]], step: Step
    ) -> list[list[int]]:
        return [[time for time, _ in worked(number, step)] for number in range(len(self.chains))]


def neurons(
    loops: Loops, placement: Placement, reduction: Reduction, streams: Streams
) -> list[Neuron]:
    """Make the neurons of a tile."""
    products, tile = loops.tile.products, loops.tile
    columns = zip(
        placement.port.tolist(),
        placement.weights.order.tolist(),
        placement.activations.order.tolist(),
        placement.new_column.order.tolist(),
        reduction.slot_hops.tolist(),
        strict=True,
    )
    slots = [Slot(*each) for each in columns]
    found = []
    for first in range(0, len(slots), products):
        own = slots[first : first + products]
        chains = [own[at : at + tile.S] for at in range(0, products, tile.S)]
        neuron = Neuron(streams, loops.machine.switched, own, chains)
        if not loops.forwards:
            neuron.without_links()
        neuron.reach = _reach(neuron, loops.forwards)
        found.append(neuron)
    return found


def _reach(neuron: Neuron, linked: bool) -> list[tuple[int, int, int]]:
    """Bound what each port may decide in a step of a later column."""
    sending = [chain[-1] for chain in neuron.chains] if linked else neuron.slots
    hops = max(slot.hops for slot in neuron.slots) + neuron.switched
    hops += len(neuron.chains[0]) - 1 if linked else 0
    last: dict[int, int] = {}
    for slot in sending:
        last[slot.port] = max(last.get(slot.port, 0), slot.later)
    return [(port, packet, hops) for port, packet in last.items()]
