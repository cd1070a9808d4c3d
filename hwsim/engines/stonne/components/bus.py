"""The collection bus: lines that take one output a cycle in turn."""

from __future__ import annotations

from typing import Any

from hwsim.engines.stonne.components.queue import Queue
from hwsim.engines.stonne.components.wire import Wire
from hwsim.engines.stonne.files.report import LATE, CounterLine


class BusLine:
    """A line with several inputs.

    Parameters
    ----------
    inputs : int
        How many.

    Attributes
    ----------
    turn : int
        The input that is looked at first.
    """

    def __init__(self, inputs: int) -> None:
        self.wires: list[Wire[int]] = [Wire() for _ in range(inputs)]
        self.queues: list[Queue[int]] = [Queue() for _ in range(inputs)]
        self.output: Wire[int] = Wire()
        self.conflicts = self.waited = 0
        self.turn = 0
        self._waiting = 0

    def cycle(self) -> None:
        """Take what has come, and send the first that waits, from the input after the last one."""
        for wire, queue in zip(self.wires, self.queues, strict=True):
            for neuron in wire.take():
                queue.push(neuron)
                self._waiting += 1
        if not self._waiting:
            return
        trying = sum(len(queue) > 0 for queue in self.queues)
        self.waited += trying
        self.conflicts += trying > 1
        while not self.queues[self.turn]:
            self.turn = (self.turn + 1) % len(self.queues)
        self.output.send([self.queues[self.turn].pop()])
        self._waiting -= 1
        self.turn = (self.turn + 1) % len(self.queues)

    def stats(self, cycles: int) -> dict[str, Any]:
        """Give what the ``.txt`` file says of it."""
        return {
            "Total_cycles": cycles,
            "N_Times_conflicts": self.conflicts,
            "N_Conflicts_Average": self.waited // cycles,
            "N_sends": self.output.writes,
            "n_inputs_receive": [queue.pushes for queue in self.queues],
            LATE + "input_fifos_stats": [queue.stats() for queue in self.queues],
        }

    def lines(self) -> list[CounterLine]:
        """Give its lines of the ``.counters`` file."""
        wires = [wire.line("CB_WIRE") for wire in self.wires]
        queues = [queue.line() for queue in self.queues]
        return [*wires, *queues, self.output.line("CB_WIRE")]
