"""Whole periods cut out of an iteration: what has happened before, happens again.

Each time the first virtual neuron (VN) finishes a position of the tile, everything that is on its
way is described relative to that cycle and that position. When the description is one that was
seen before in the same row (or, at the end of a row, in the same iteration), what happened since
repeats until the row (or iteration) ends, if what is not in the description cannot interfere:

- A port that decided when some output was complete has to be as far ahead of the first VN as it
  was then. One that decided nothing may have got further ahead: it decides even less.
- So has the chain of multipliers that hand activations on, from the first column of a row.

Partial sums go before everything else at a port, so activations never delay them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from hwsim.engines.stonne.maeri.timing.event_loop import EventLoop
from hwsim.engines.stonne.maeri.timing.free_running import DriftError, FreeRun, states_recur
from hwsim.engines.stonne.maeri.timing.neurons import Step

#: A partial sum that was sent so many cycles ago decides nothing: no tree is as high.
_LONG_AGO = 64


class Mark(NamedTuple):
    """What the description leaves out, at one of the moments that are compared.

    Parameters
    ----------
    cycle, received : int
        When, and how many values the memory had received.
    step : Step
        The first VN's next step.
    late : tuple of int
        How often each port decided when an output was complete; last the chains.
    ahead : tuple of int
        For each port, cycles since the first packet of the first VN's next step left.
    offsets : tuple of int
        Of the ports.
    chains : tuple of int
        When each multiplier of a chain worked last in the first column and in the row before,
        relative to the cycle.
    """

    cycle: int
    received: int
    step: Step
    late: tuple[int, ...]
    ahead: tuple[int, ...]
    offsets: tuple[int, ...]
    chains: tuple[int, ...]


class Periods:
    """Looks for periods in an event loop and cuts them out.

    Parameters
    ----------
    events : EventLoop
        What is looked at.
    """

    def __init__(self, events: EventLoop) -> None:
        self._events = events
        streams = events.streams
        self._ports = [port for port, sent in enumerate(streams.iteration) if sent]
        self._in_row: dict[Any, Mark] = {}
        self._in_iteration: dict[Any, Mark] = {}
        self._seen = (-1, -1)  # iteration and row of the marks

    def look(self) -> None:
        """Compare the present moment with those before, and cut out what repeats."""
        events = self._events
        step = events.step[0]
        if step.iteration != self._seen[0]:
            self._in_iteration.clear()
        by_row = events.loops.forwards
        if step.iteration != self._seen[0] or (by_row and step.row != self._seen[1]):
            self._in_row.clear()
        self._seen = step.iteration, step.row
        if len(events.streams.generated) != step.iteration + 1:
            return
        if any(each.iteration != step.iteration for each in events.step):
            return
        if by_row and step.column == 0:
            self._compare(self._in_iteration, self._rows_left)
        elif not by_row or self._along_one_row(step.row):
            self._compare(self._in_row, self._columns_left)

    def _along_one_row(self, row: int) -> bool:
        least = self._events.loops.tile.S
        return all(each.row == row and each.column >= least for each in self._events.step)

    def _columns_left(self, step: Step) -> int:
        loops, by_row = self._events.loops, self._events.loops.forwards
        furthest = max(
            each.column if by_row else each.row * loops.columns + each.column
            for each in self._events.step
        )
        return (loops.columns if by_row else loops.positions) - 1 - furthest

    def _rows_left(self, step: Step) -> int:
        return self._events.loops.rows - 1 - max(each.row for each in self._events.step)

    def _compare(self, marks: dict[Any, Mark], left: Callable[[Step], int]) -> None:
        now, before = self._mark(), marks.get(state := self._state())
        if before is None or not self._repeats(before, now):
            marks[state] = now
            return
        times = left(now.step) // self._length(before, now)
        times = min(times, self._until_next_begins(before, now))
        if times > 0:
            self._cut(before, now, times)
        marks.clear()

    def _length(self, before: Mark, now: Mark) -> int:
        """Positions, or rows, of a period."""
        if self._whole_rows(now):
            return now.step.row - before.step.row
        columns = self._events.loops.columns
        rows = now.step.row - before.step.row
        return rows * columns + now.step.column - before.step.column

    def _whole_rows(self, now: Mark) -> bool:
        return self._events.loops.forwards and now.step.column == 0

    def _state(self) -> tuple[Any, ...]:
        events, cycle = self._events, self._events.cycle
        columns, first = events.loops.columns, events.step[0]
        due = {vn for _, vn in events.due}
        neurons = tuple(
            (
                (step.row - first.row) * columns + step.column - first.column,
                step.fold,
                folds,
                (events.ready(vn) - cycle, max(sent - cycle, -_LONG_AGO)) if vn in due else None,
            )
            for vn, (step, sent, folds) in enumerate(
                zip(events.step, events.sum_sent, events.received_folds, strict=True)
            )
        )
        returning = tuple((port, tuple(vns)) for port, vns in sorted(events.returning.items()))
        return neurons, returning, events.collection.state(cycle)

    def _mark(self) -> Mark:
        events, streams = self._events, self._events.streams
        step, cycle = events.step[0], events.cycle
        return Mark(
            cycle=cycle,
            received=events.received,
            step=step,
            late=tuple(events.late),
            ahead=tuple(
                cycle - streams.sent(port, streams.packet(port, *step)) for port in self._ports
            ),
            offsets=tuple(streams.offsets[port][-1] for port in self._ports),
            chains=tuple(
                time - cycle
                for neuron in events.neurons
                for times in (neuron.start, neuron.end)
                for chain in times
                for time in chain
            ),
        )

    def _repeats(self, before: Mark, now: Mark) -> bool:
        if self._length(before, now) <= 0:
            return False
        decided = [b != n for b, n in zip(before.late, now.late, strict=True)]
        for port, was, ahead in zip(self._ports, before.ahead, now.ahead, strict=True):
            if ahead != was and (decided[port] or ahead < was):
                return False
        if not self._events.loops.forwards:
            return True
        if self._whole_rows(now):
            if len(before.chains) != len(now.chains):
                return False
            if decided[-1]:
                return before.chains == now.chains
            return all(n <= b for b, n in zip(before.chains, now.chains, strict=True))
        steps = self._length(before, now) * self._events.loops.folds
        cycles = now.cycle - before.cycle
        return cycles == steps if decided[-1] else cycles >= steps

    def _until_next_begins(self, before: Mark, now: Mark) -> int:
        """Bound the periods so that no iteration would begin within them, and no port run dry."""
        events = self._events
        cycles, received = now.cycle - before.cycle, now.received - before.received
        iteration = len(events.streams.generated)
        until_queued = max(0, events.next_begin - 1 - now.cycle) // cycles
        if iteration >= events.iterations:
            return max(1, events.loops.positions)
        until_counted = (events.loops.needed(iteration) - 1 - now.received) // max(1, received)
        bound = max(until_queued, until_counted)
        streams = events.streams
        for port, was, offset in zip(self._ports, before.offsets, now.offsets, strict=True):
            if offset != was:
                packets_left = iteration * streams.iteration[port] - (now.cycle - offset)
                bound = min(bound, packets_left // max(1, cycles - (offset - was)))
        return bound

    def _cut(self, before: Mark, now: Mark, times: int) -> None:
        events, streams = self._events, self._events.streams
        cycles = times * (now.cycle - before.cycle)
        length = times * self._length(before, now)
        rows = self._whole_rows(now)
        events.cycle += cycles
        events.received += times * (now.received - before.received)
        events.sum_sent = [sent + cycles for sent in events.sum_sent]
        events.due = [(at + cycles, vn) for at, vn in events.due]
        events.collection.shift(cycles)
        events.step = [self._moved(step, length, rows) for step in events.step]
        for port, was, offset in zip(self._ports, before.offsets, now.offsets, strict=True):
            packets = cycles - times * (offset - was)
            past = len(streams.generated) * streams.iteration[port]
            later = [min(first + packets, past) for first in streams.starts[port][1:]]
            streams.starts[port] = [0, *later]
            streams.offsets[port] = [each + cycles - packets for each in streams.offsets[port]]
        if rows:
            for neuron in events.neurons:
                neuron.start = [[time + cycles for time in chain] for chain in neuron.start]
                neuron.end = [[time + cycles for time in chain] for chain in neuron.end]

    def _moved(self, step: Step, length: int, rows: bool) -> Step:
        if rows:
            return step._replace(row=step.row + length)
        columns = self._events.loops.columns
        row, column = divmod(step.row * columns + step.column + length, columns)
        return step._replace(row=row, column=column)


def last_receipt(events: EventLoop, most: int | None = None) -> int:
    """Run an event loop to its end and give the cycle of the last output.

    Parameters
    ----------
    events : EventLoop
        What is run.
    most : int, optional
        Outputs of neurons that are worked through at most.

    Raises
    ------
    DriftError
        If there are more before enough repeats.
    """
    if states_recur(events.loops):
        run, loops = FreeRun(events), events.loops
        while not (events.done or run.may_begin):
            events.go_on()
        if events.done:
            return events.cycle
        try:
            return run.finish()
        except DriftError:
            if most is not None and loops.positions * loops.folds * loops.tile.neurons > most:
                raise
    periods = Periods(events)
    while not events.done:
        if most is not None and events.outputs > most:
            raise DriftError
        events.go_on()
        if events.finished_position:
            periods.look()
    return events.cycle
