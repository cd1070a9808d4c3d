"""Accumulators between the tree, or the multipliers, and the collection bus."""

from __future__ import annotations

from typing import Any

from hwsim.engines.stonne.components.queue import Queue
from hwsim.engines.stonne.components.wire import Wire
from hwsim.engines.stonne.files.report import LATE, CounterLine
from hwsim.errors import InputError


class Accumulator:
    """Adds up a number of sums of one virtual neuron.

    Attributes
    ----------
    sums : int
        How many make an output.
    """

    def __init__(self) -> None:
        self.sums = 0
        self.coming: Queue[int] = Queue()
        self.going: Queue[int] = Queue()
        self.input: Wire[int] = Wire()
        self.output: Wire[int] = Wire()
        self.added = self.written = self.received = self.sent = self.configurations = 0
        self._done = 0
        self._neuron = 0

    def configure(self, sums: int) -> None:
        """Say how many sums make an output."""
        self.sums = sums
        self.configurations += 1

    def cycle(self) -> None:
        """Take what has come, add one sum, and send what is whole."""
        if self.input.items:
            self.received += 1
            for neuron in self.input.take():
                self.coming.push(neuron)
        if self.coming:
            self._add(self.coming.pop())
        if self.going:
            self.sent += 1
            self.output.send([self.going.pop() for _ in range(len(self.going))])

    def _add(self, neuron: int) -> None:
        if self._done and neuron != self._neuron:
            raise InputError(
                f"an accumulator would add up the virtual neurons {self._neuron} and {neuron}: "
                "take another tile"
            )
        self.added += self._done > 0
        self.written += 1
        self._neuron = neuron
        self._done += 1
        if self._done == self.sums:
            self._done = 0
            self.going.push(neuron)

    def stats(self, cycles: int) -> dict[str, Any]:
        """Give what the ``.txt`` file says of it."""
        return {
            "Total_cycles": cycles,
            "N_adds": self.added,
            "N_memory_send": self.sent,
            "N_receives": self.received,
            "N_register_reads": self.added,
            "N_register_writes": self.written,
            "N_configurations": self.configurations,
            LATE + "InputFifo": self.coming.stats(),
            "OutputFifo": self.going.stats(),
        }

    def lines(self) -> list[CounterLine]:
        """Give its lines of the ``.counters`` file."""
        counted = {"READ": self.added, "WRITE": self.written, "ADD": self.added}
        return [CounterLine("ACCUMULATOR", counted), self.coming.line(), self.going.line()]
