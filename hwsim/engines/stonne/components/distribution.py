"""The trees of switches between the read ports and the multipliers."""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

from hwsim.engines.stonne.components.wire import Wire
from hwsim.engines.stonne.files.report import CounterLine, wire_line


class Kind(Enum):
    """What a packet brings."""

    WEIGHT = 0
    ACTIVATION = 1
    PARTIAL_SUM = 2


class Packet(NamedTuple):
    """A value on its way from a port to multipliers.

    Parameters
    ----------
    kind : Kind
        What it is.
    leaves : int
        Which multipliers of the port it goes to, a bit each.
    turn : int
        The controller sends it when so many sets of outputs are done.
    load : int
        Which load of stationary values it is of, or meant for.
    """

    kind: Kind
    leaves: int
    turn: int = 0
    load: int = 0


class Arrival(NamedTuple):
    """What a multiplier gets of a packet."""

    kind: Kind
    load: int


class Switch:
    """A node of a tree: how often it sent to the left, to the right, and to both."""

    __slots__ = ("both", "left", "right")

    def __init__(self) -> None:
        self.left = self.right = self.both = 0

    def stats(self, cycles: int) -> dict[str, int]:
        """Give what the ``.txt`` file says of it."""
        one_way = self.left + self.right - 2 * self.both
        return {
            "Total_cycles": cycles,
            "Idle_cycles": cycles - one_way - self.both,
            "N_broadcasts": self.both,
            "N_unicasts": one_way,
            "N_left_sends": self.left,
            "N_right_sends": self.right,
        }

    def line(self) -> CounterLine:
        """Give its line of the ``.counters`` file."""
        one_way = self.left + self.right - 2 * self.both
        return CounterLine("SWITCH", {"ROUTE_UNICAST": one_way, "ROUTE_BROADCAST": self.both})


class PortTree:
    """A read port with its tree; without switches a packet is at its multiplier at once.

    Parameters
    ----------
    leaves : int
        Multipliers of the port.
    """

    def __init__(self, leaves: int) -> None:
        self.leaves = leaves
        self.sent = 0
        self.levels: list[list[Switch]] = []
        width = leaves
        while width > 1:
            self.levels.append([Switch() for _ in range(leaves // width)])
            width //= 2
        self.outputs: list[Wire[Arrival]] = [Wire() for _ in range(leaves)]
        self._packet: Packet | None = None

    def send(self, packet: Packet) -> None:
        """Put a packet onto the port."""
        self.sent += 1
        if self.levels:
            self._packet = packet
        else:
            self.outputs[0].send([Arrival(packet.kind, packet.load)])

    def cycle(self) -> None:
        """Lead a packet through all switches."""
        if self._packet is not None:
            self._route(self._packet, 0, 0, self.leaves)
            self._packet = None

    def _route(self, packet: Packet, level: int, place: int, width: int) -> None:
        if width == 1:
            self.outputs[place].send([Arrival(packet.kind, packet.load)])
            return
        half = width // 2
        switch = self.levels[level][place]
        ways = [bool(packet.leaves >> (2 * place + way) * half & (1 << half) - 1) for way in (0, 1)]
        switch.left += ways[0]
        switch.right += ways[1]
        switch.both += all(ways)
        for way in (0, 1):
            if ways[way]:
                self._route(packet, level + 1, 2 * place + way, half)

    def stats(self, cycles: int) -> dict[str, Any]:
        """Give what the ``.txt`` file says of it."""
        return {"DSwitchStats": [[each.stats(cycles) for each in level] for level in self.levels]}

    def lines(self) -> list[CounterLine]:
        """Give the lines of its wires below the port, and of its switches."""
        switches = [switch for level in self.levels for switch in level]
        wires = [
            wire_line("DN_WIRE", sent) for each in switches for sent in (each.left, each.right)
        ]
        return [*wires, *(switch.line() for switch in switches)]
