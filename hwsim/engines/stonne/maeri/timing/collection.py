"""From the adders to the memory, cycle by cycle: bus lines, and a queue that halves.

A line takes one output a cycle, from its inputs in turn. The memory controller takes half of what
waits for it, rounded up.
"""

from __future__ import annotations

from collections import deque
from typing import Any


class Collection:
    """The collection bus and the queue of the memory.

    Parameters
    ----------
    line, bus_input : list of int
        Bus line of each virtual neuron (VN), and the input of that line.
    inputs : int
        Inputs of a line.
    """

    def __init__(self, line: list[int], bus_input: list[int], inputs: int) -> None:
        self._line, self._input, self._inputs = line, bus_input, inputs
        self._queues: dict[int, dict[int, deque[int]]] = {}
        self._turn: dict[int, int] = {}
        self._arriving: dict[int, list[int]] = {}
        self._sent: dict[int, list[int]] = {}
        self._waiting: deque[int] = deque()

    def put(self, vn: int, cycle: int) -> None:
        """Give a VN's output to the bus in a cycle to come."""
        self._arriving.setdefault(cycle, []).append(vn)

    def receive(self, cycle: int) -> list[int]:
        """Take the outputs that the memory receives in a cycle."""
        waiting = self._waiting
        waiting.extend(self._sent.pop(cycle, ()))
        return [waiting.popleft() for _ in range((len(waiting) + 1) // 2)]

    def serve(self, cycle: int) -> None:
        """Let each line take an output, for the memory's next cycle."""
        for vn in self._arriving.pop(cycle, ()):
            of_line = self._queues.setdefault(self._line[vn], {})
            of_line.setdefault(self._input[vn], deque()).append(vn)
        if not self._queues:
            return
        sent = []
        for line in sorted(self._queues):
            of_line = self._queues[line]
            turn = self._turn.get(line, 0)
            chosen = min(of_line, key=lambda each: (each - turn) % self._inputs)
            sent.append(of_line[chosen].popleft())
            self._turn[line] = (chosen + 1) % self._inputs
            if not of_line[chosen]:
                del of_line[chosen]
            if not of_line:
                del self._queues[line]
        self._sent[cycle + 1] = sent

    @property
    def busy(self) -> bool:
        """Whether the next cycle has something to do."""
        return bool(self._queues or self._waiting or self._sent)

    def next_arrival(self) -> int | None:
        """Find the next cycle in which the bus gets an output, if there is one on the way."""
        return min(self._arriving, default=None)

    def give_turns(self, turns: tuple[tuple[int, int], ...]) -> None:
        """Say whose turn it is, as :meth:`turns` told."""
        self._turn = dict(turns)

    def turns(self) -> tuple[tuple[int, int], ...]:
        """Say whose turn it is at each line that was ever used."""
        return tuple(sorted(self._turn.items()))

    @property
    def wiring(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Line of each VN, and the input of that line."""
        return tuple(self._line), tuple(self._input)

    def on_the_way(
        self,
    ) -> tuple[list[int], list[int], list[tuple[int, int, list[int]]], list[int]]:
        """Give the VNs that wait for the memory, are sent to it, queue by line, and arrive next."""
        queued = [
            (line, each, list(vns))
            for line, of_line in sorted(self._queues.items())
            for each, vns in sorted(of_line.items())
        ]
        sent = [vn for _, vns in sorted(self._sent.items()) for vn in vns]
        arriving = [vn for _, vns in sorted(self._arriving.items()) for vn in vns]
        return list(self._waiting), sent, queued, arriving

    def state(self, cycle: int) -> tuple[Any, ...]:
        """Describe everything that is on its way, relative to a cycle."""
        return (
            tuple(
                (line, each, tuple(queue))
                for line, of_line in sorted(self._queues.items())
                for each, queue in sorted(of_line.items())
            ),
            self.turns(),
            tuple((at - cycle, tuple(vns)) for at, vns in sorted(self._arriving.items())),
            tuple((at - cycle, tuple(vns)) for at, vns in sorted(self._sent.items())),
            tuple(self._waiting),
        )

    def shift(self, cycles: int) -> None:
        """Move everything that is on its way to later cycles."""
        self._arriving = {at + cycles: vns for at, vns in self._arriving.items()}
        self._sent = {at + cycles: vns for at, vns in self._sent.items()}
