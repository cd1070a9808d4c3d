"""MAERI from event to event: for partial sums that return, and iterations that overlap.

The parts act in the order memory, bus, adders, multipliers, switches in every cycle, so that a
value takes a cycle for each but the switches, which it passes in one. Only the outputs of virtual
neurons (VN) are events: between them, times follow from what the ports send.
"""

from __future__ import annotations

import heapq
from collections import deque

from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.placement import Placement
from hwsim.engines.stonne.maeri.reduction import Reduction
from hwsim.engines.stonne.maeri.timing.collection import Collection
from hwsim.engines.stonne.maeri.timing.neurons import Step, neurons
from hwsim.engines.stonne.maeri.timing.streams import Streams
from hwsim.errors import InputError

#: Before the first cycle, so that nobody waits for it.
_LONG_AGO = -1_000


class EventLoop:
    """A tile on its machine, from the first cycle on.

    Parameters
    ----------
    loops, placement, reduction
        The tile, where it lies, and how its neurons are summed.
    iterations : int, optional
        How many of its iterations; all when not given.
    turns : tuple of (line, turn), optional
        Whose turn it is at the bus lines, in a machine that has worked before.
    """

    def __init__(
        self,
        loops: Loops,
        placement: Placement,
        reduction: Reduction,
        iterations: int | None = None,
        turns: tuple[tuple[int, int], ...] | None = None,
    ) -> None:
        self.loops = loops
        self.iterations = loops.iterations if iterations is None else iterations
        self.streams = Streams.of(loops, placement)
        self.neurons = neurons(loops, placement, reduction, self.streams)
        self.collection = Collection(
            reduction.line.tolist(), reduction.bus_input.tolist(), loops.machine.bus_inputs
        )
        self.collection.give_turns(turns or ())
        count = len(self.neurons)
        self.sum_hops = reduction.sum_hops.tolist()
        self.to_bus = reduction.to_bus.tolist()
        self.sum_port = [vn * loops.neuron_size // loops.machine.leaves for vn in range(count)]
        #: Folds after which the memory gets a value: all of them, or the last.
        self.first_fold = 0 if loops.sums_return else loops.folds - 1
        self.step = [Step(0, 0, 0, self.first_fold)] * count
        #: Cycle in which the multiplier of each VN's partial sum sends what comes next.
        self.sum_sent = [1 if turns is None else _LONG_AGO] * count
        self.received_folds = [0] * count
        self.returning: dict[int, deque[int]] = {}  # partial sums at ports
        self.due: list[tuple[int, int]] = []  # heap of (cycle, VN), not later than outputs are
        self.idle = set(range(count))  # VNs whose iteration has not begun
        self.received = 0
        #: Outputs of neurons that were worked through.
        self.outputs = 0
        self.next_begin = 1
        self.cycle = 0
        #: How often each port decided when an output was complete, and chains (the last).
        self.late = [0] * (loops.machine.dn_bw + 1)
        #: Whether the first VN has finished a position in this cycle.
        self.finished_position = False

    @property
    def done(self) -> bool:
        """Whether the memory has received the last output."""
        return self.received == self.loops.received * self.iterations

    def go_on(self) -> None:
        """Do everything of the next cycle in which something happens."""
        self.finished_position = False
        self.cycle = cycle = self._next_cycle()
        if self._may_begin() and cycle >= self.next_begin:
            self._begin()
        for vn in self.collection.receive(cycle):
            self._receive(vn)
        self._return_sums()
        self.collection.serve(cycle)
        while self.due and self.due[0][0] == cycle:
            self._output(heapq.heappop(self.due)[1])

    def _next_cycle(self) -> int:
        if self.collection.busy or self.returning:
            return self.cycle + 1
        cycles = [self.due[0][0]] if self.due else []
        coming = self.collection.next_arrival()
        if coming is not None:
            cycles.append(coming)
        if self._may_begin():
            cycles.append(max(self.next_begin, self.cycle + 1))
        return min(cycles)

    def _may_begin(self) -> bool:
        iteration = len(self.streams.generated)
        return iteration < self.iterations and self.loops.needed(iteration) <= self.received

    def _begin(self) -> None:
        self.streams.begin(self.cycle, idle=self.loops.one_after_the_other)
        self.next_begin = self.cycle + self.loops.folds + self.loops.steps
        begun = len(self.streams.generated)
        for vn in sorted(vn for vn in self.idle if self.step[vn].iteration < begun):
            self.idle.discard(vn)
            self._schedule(vn)

    def _receive(self, vn: int) -> None:
        self.received += 1
        if not self.loops.sums_return:
            return
        if self.received_folds[vn] < self.loops.folds - 1:
            self.received_folds[vn] += 1
            self.returning.setdefault(self.sum_port[vn], deque()).append(vn)
        else:
            self.received_folds[vn] = 0

    def _return_sums(self) -> None:
        for port in list(self.returning):
            sums = self.returning[port]
            vn = sums.popleft()
            if not sums:
                del self.returning[port]
            self.streams.give_way(port, self.cycle)
            self.sum_sent[vn] = self.cycle + self.loops.machine.switched
            self._schedule(vn)

    def _schedule(self, vn: int) -> None:
        heapq.heappush(self.due, (self.ready(vn), vn))

    def ready(self, vn: int) -> int:
        """Find the cycle of a VN's next output, as far as it is known."""
        sum_there = self.sum_sent[vn] + self.sum_hops[vn] if self.loops.sums_return else 0
        return self.neurons[vn].ready(self.step[vn], self.loops.forwards, sum_there)

    def _output(self, vn: int) -> None:
        """Send a VN's output to the bus, unless ports were delayed in the meantime."""
        ready = self.ready(vn)
        if ready > self.cycle:
            heapq.heappush(self.due, (ready, vn))
            return
        self.outputs += 1
        for port in self.neurons[vn].late_ports:
            self.late[port] += 1
        self.collection.put(vn, self.cycle + self.to_bus[vn])
        step = self.step[vn]
        if step.fold < self.loops.folds - 1:  # goes on when its partial sum is back
            self.step[vn] = step._replace(fold=step.fold + 1)
            return
        if self.loops.forwards:
            self._remember(vn, step)
        self.finished_position |= vn == 0
        self.sum_sent[vn] += 1  # a zero, right after the last partial sum
        self.step[vn] = following = self._following(step)
        if following.iteration < len(self.streams.generated):
            self._schedule(vn)
        else:
            self.idle.add(vn)

    def _remember(self, vn: int, step: Step) -> None:
        neuron = self.neurons[vn]
        if step.column == 0:
            if step.row == 0 and step.iteration and neuron.weights_come_early(step):
                raise InputError(
                    f"tile {self.loops.tile}: the next weights come before multipliers have "
                    "worked with the activations that their neighbours hand on: take T_N=1 and "
                    "T_X_ that divides the rows of the output, or T_S=1"
                )
            neuron.start_row(step)
        if step.column == self.loops.columns - 1:
            neuron.end_row(step)

    def _following(self, step: Step) -> Step:
        iteration, row, column = step.iteration, step.row, step.column + 1
        if column == self.loops.columns:
            row, column = row + 1, 0
        if row == self.loops.rows:
            iteration, row = iteration + 1, 0
        return Step(iteration, row, column, self.first_fold)
