"""The queues of a memory controller in front of its ports, and what it counts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import Any, Final

from hwsim.engines.stonne.components.distribution import Kind, Packet, PortTree
from hwsim.engines.stonne.components.wire import Wire

#: STONNE's words for the totals of a memory controller, in the order of printing.
_READS: Final = {
    Kind.WEIGHT: "N_SRAM_weight_reads",
    Kind.ACTIVATION: "N_SRAM_input_reads",
    Kind.PARTIAL_SUM: "N_SRAM_psum_reads",
}


class Controller(ABC):
    """What reads operands, sends them, and takes outputs.

    Parameters
    ----------
    ports : list of PortTree
        The read ports.
    outputs : list of Wire
        The wires from the lines of the collection bus.

    Attributes
    ----------
    finished : bool
        Whether the last output has been received.
    moves : int
        Packets sent and outputs taken.
    """

    def __init__(self, ports: list[PortTree], outputs: list[Wire[int]]) -> None:
        self._ports, self._outputs_of_lines = ports, outputs
        self.finished = False
        self.moves = 0
        self.reads = dict.fromkeys(Kind, 0)
        self.writes = self.reconfigurations = 0
        self.sent = {kind: [0] * len(ports) for kind in Kind}
        self.received_from = [0] * len(outputs)
        self._operands: list[deque[Packet]] = [deque() for _ in ports]
        self._sums: list[deque[Packet]] = [deque() for _ in ports]
        self._received: deque[tuple[int, int]] = deque()

    def cycle(self) -> None:
        """Put operands into the queues of the ports, take outputs, and send."""
        self.distribute()
        for line, wire in enumerate(self._outputs_of_lines):
            for neuron in wire.take():
                self._received.append((line, neuron))
        # STONNE's loop ends when it meets its own shrinking queue.
        for _ in range((len(self._received) + 1) // 2):
            line, neuron = self._received.popleft()
            self.moves += 1
            self.take(line, neuron)
        self.advance()
        self._send()

    @abstractmethod
    def distribute(self) -> None:
        """Put the operands of this cycle into the queues."""

    @abstractmethod
    def take(self, line: int, neuron: int) -> None:
        """Take an output."""

    @abstractmethod
    def advance(self) -> None:
        """Go on to the next state."""

    @abstractmethod
    def totals(self) -> dict[str, Any]:
        """Give what only this controller counts, under STONNE's words."""

    def may_send(self, packet: Packet) -> bool:
        """Whether the packet's turn has come."""
        return True

    def queue(self, packets: list[tuple[int, Packet]]) -> None:
        """Put packets into the queues of their ports."""
        for port, packet in packets:
            ends = self._sums if packet.kind is Kind.PARTIAL_SUM else self._operands
            ends[port].append(packet)

    def split(
        self, kind: Kind, multipliers: int, turn: int = 0, load: int = 0
    ) -> list[tuple[int, Packet]]:
        """Make a packet for each port below which a multiplier waits.

        Parameters
        ----------
        kind : Kind
            What it brings.
        multipliers : int
            Who waits for it, a bit each.
        turn : int
            When it may be sent.
        load : int
            Which load of stationary values it is of, or meant for.
        """
        leaves = self._ports[0].leaves
        mask = (1 << leaves) - 1
        found = []
        port = 0
        while multipliers:
            if here := multipliers & mask:
                found.append((port, Packet(kind, here, turn, load)))
            multipliers >>= leaves
            port += 1
        return found

    def _send(self) -> None:
        for number, (sums, operands) in enumerate(zip(self._sums, self._operands, strict=True)):
            if sums:
                packet = sums.popleft()
            elif operands and self.may_send(operands[0]):
                packet = operands.popleft()
            else:
                continue
            self.sent[packet.kind][number] += 1
            self.moves += 1
            self._ports[number].send(packet)

    def stats(self, cycles: int) -> dict[str, Any]:
        """Give what the ``.txt`` file says of it."""
        own = self.totals()
        return {
            "Total_cycles": cycles,
            **{_READS[kind]: count for kind, count in self.reads.items()},
            "N_SRAM_psum_writes": self.writes,
            "Dataflow": own["Dataflow"],
            "STA_sparsity": own.get("STA_sparsity", 0),
            "STR_sparsity": own.get("STR_sparsity", 0),
            "STA_vectors_at_once_avg": own.get("STA_vectors_at_once_avg", 0),
            "STA_vectors_at_once_max": own.get("STA_vectors_at_once_max", 0),
            "N_reconfigurations": self.reconfigurations,
            "N_SRAM_read_ports_weights_use": self.sent[Kind.WEIGHT],
            "N_SRAM_read_ports_inputs_use": self.sent[Kind.ACTIVATION],
            "N_SRAM_read_ports_psums_use": self.sent[Kind.PARTIAL_SUM],
            "N_SRAM_write_ports_use": self.received_from,
        }
