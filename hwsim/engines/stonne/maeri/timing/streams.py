"""What the read ports send, and when: one packet a cycle, partial sums before everything else.

The controller queues a step a cycle, so a port that has a packet of every step is never without
work, and packet q leaves in cycle q + offset. The offset grows by one with each partial sum that
takes a packet's turn. A port that has packets only where all activations are sent waits between
the rows of the output.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.placement import Placement


@dataclass
class Streams:
    """The packets of all ports, counted from the first of the first iteration.

    Parameters
    ----------
    folds, columns : int
        Of the loops.
    weights, first, later : list of int
        Packets of each port in a step that sends weights, all activations, new columns.
    row, iteration : list of int
        Packets of each port for a row of the output, and for an iteration.
    generated : list of int
        First cycle of each iteration that has begun.
    """

    folds: int
    columns: int
    weights: list[int]
    first: list[int]
    later: list[int]
    row: list[int]
    iteration: list[int]
    generated: list[int] = field(default_factory=list)
    #: For each port offsets in time, and the packets from which on each holds.
    offsets: list[list[int]] = field(default_factory=list)
    starts: list[list[int]] = field(default_factory=list)

    @classmethod
    def of(cls, loops: Loops, placement: Placement) -> Streams:
        """Take the packets of a placement."""
        folds, columns = loops.folds, loops.columns
        weights = placement.weights.sent
        first, later = placement.activations.sent, placement.new_column.sent
        row = folds * (first + (columns - 1) * later)
        return cls(
            folds=folds,
            columns=columns,
            weights=weights.tolist(),
            first=first.tolist(),
            later=later.tolist(),
            row=row.tolist(),
            iteration=(folds * weights + loops.rows * row).tolist(),
            offsets=[[] for _ in range(loops.machine.dn_bw)],
            starts=[[] for _ in range(loops.machine.dn_bw)],
        )

    def packet(self, port: int, iteration: int, row: int, column: int, fold: int) -> int:
        """Find the first packet of a step on a port."""
        packet = iteration * self.iteration[port] + self.folds * self.weights[port]
        packet += row * self.row[port]
        if column == 0:
            return packet + fold * self.first[port]
        packet += self.folds * self.first[port]
        return packet + ((column - 1) * self.folds + fold) * self.later[port]

    def sent(self, port: int, packet: int) -> int:
        """Find the cycle in which a packet leaves, if no further partial sum takes its turn."""
        cycle = packet + self.offsets[port][bisect_right(self.starts[port], packet) - 1]
        if self.later[port]:
            return cycle
        iteration, within = divmod(packet, self.iteration[port])
        within -= self.folds * self.weights[port]
        if within < 0:
            return cycle
        row, within = divmod(within, self.row[port])
        queued = self.generated[iteration] + self.folds * (1 + row * self.columns)
        return max(cycle, queued + within)

    def begin(self, cycle: int, idle: bool) -> None:
        """Queue an iteration from a cycle on; ``idle`` if nothing before it can be waiting."""
        number = len(self.generated)
        self.generated.append(cycle)
        for port, offsets in enumerate(self.offsets):
            packet = number * self.iteration[port]
            if idle or not offsets or cycle - packet > offsets[-1]:
                self._delay(port, packet, cycle - packet)

    def give_way(self, port: int, cycle: int) -> None:
        """Let a partial sum take a cycle of a port."""
        past = len(self.generated) * self.iteration[port]
        packet = max(cycle - self.offsets[port][-1], self.starts[port][-1])
        while packet < past and self.sent(port, packet) < cycle:
            packet += 1
        if packet < past and self.sent(port, packet) == cycle:
            self._delay(port, packet, cycle + 1 - packet)

    def _delay(self, port: int, packet: int, offset: int) -> None:
        self.starts[port].append(packet)
        self.offsets[port].append(offset)
