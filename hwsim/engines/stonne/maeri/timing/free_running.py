"""Neurons that wait for their partial sums alone: what is on its way recurs, and is looked up.

Where each multiplier has a port of its own, no partial sum delays an operand, and a product of the
next step follows every cycle. Partial sums take longer to come back, so that once each neuron has
found its product waiting it does so ever after. From then on what is on its way to adders, bus,
memory and ports decides alone what happens next, but for one thing: after the last fold a neuron
goes on at once. There are few such states where neurons are alike. Each is worked through once; of
a state it is then known which neurons put out a value in the next cycle, and in the next 2, 4, 8...
how many times each does.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Final, NamedTuple

from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.maeri.timing.event_loop import EventLoop
from hwsim.engines.stonne.maeri.timing.neurons import Step

#: States before a last fold, beyond which those of a run are taken not to recur: so many and a
#: quarter as many as there were last folds, and so many in all.
_VISITED_AT_FIRST: Final = 32
_MOST_VISITED: Final = 160
#: States of a network beyond which it begins anew.
_KEPT_STATES: Final = 8_000
#: Strides of up to 2**_LONGEST cycles at once.
_LONGEST: Final = 4
#: Bits of a neuron's number where those of all lie side by side in one, which is compared and
#: subtracted at once; and a number of outputs that none ever makes, of a neuron that has ended.
_LANE: Final = 32
_NEVER: Final = (1 << _LANE - 1) - 1
_KEPT: Final = 64

#: A value on its way: twice its neuron, and 1 more where it is of the last fold.
Value = int


class DriftError(Exception):
    """Neurons drift against one another, and nothing repeats for long.

    Parameters
    ----------
    positions : int
        That were worked through until that was seen.
    """

    def __init__(self, positions: int = 0) -> None:
        super().__init__(positions)
        self.positions = positions


class State(NamedTuple):
    """All that is on its way between two cycles.

    Parameters
    ----------
    waiting, sent : tuple of value
        In the memory's queue, and on the wires to it.
    queued : tuple of (line, input, values)
        At the lines of the bus.
    turns : tuple of (line, input)
        Which input comes first at each line that was ever used.
    arriving : tuple of value
        On the wires to the bus.
    due : tuple of (cycles, neuron)
        When neurons put out their next value.
    """

    waiting: tuple[Value, ...]
    sent: tuple[Value, ...]
    queued: tuple[tuple[int, int, tuple[Value, ...]], ...]
    turns: tuple[tuple[int, int], ...]
    arriving: tuple[Value, ...]
    due: tuple[tuple[int, int], ...]

    @property
    def empty(self) -> bool:
        """Whether nothing is on its way any more."""
        return not (self.waiting or self.sent or self.queued or self.arriving or self.due)


class _Stride(NamedTuple):
    """Some cycles without a last fold: the state after them, and the outputs, a lane a neuron."""

    state: int
    outputs: int


class Network:
    """The states of neurons that lie alike, and what follows each.

    Parameters
    ----------
    hops : tuple of int
        Adders between the multiplier that a neuron's partial sum returns to and its output.
    line, bus_input : tuple of int
        Of the bus, of each neuron.
    inputs : int
        Of a line.
    """

    def __init__(
        self, hops: tuple[int, ...], line: tuple[int, ...], bus_input: tuple[int, ...], inputs: int
    ) -> None:
        self._hops, self._line, self._input, self._inputs = hops, line, bus_input, inputs
        self._numbers: dict[State, int] = {}
        self._states: list[State] = []
        self._outputs: list[tuple[int, ...]] = []
        self._next: dict[tuple[int, tuple[int, ...], tuple[int, ...]], int] = {}
        self._strides: list[list[_Stride]] = []
        #: Held by whoever looks up: threads that simulate layers alike share the states, which
        #: are found one by one.
        self.lock = Lock()
        #: Whole runs by how they began: their cycles, and whose turn it was in the end.
        self.runs: dict[object, tuple[int, tuple[tuple[int, int], ...]]] = {}

    def begin_run(self) -> None:
        """Forget all states where there are many."""
        if len(self._states) > _KEPT_STATES:
            self._states.clear()
            self._outputs.clear()
            self._strides.clear()
            self._numbers.clear()
            self._next.clear()
            self.runs.clear()

    def number(self, state: State) -> int:
        """Give the number of a state."""
        if (known := self._numbers.get(state)) is not None:
            return known
        self._numbers[state] = number = len(self._states)
        self._states.append(state)
        self._outputs.append(tuple(vn for cycles, vn in state.due if cycles == 1))
        self._strides.append([])
        return number

    def state(self, number: int) -> State:
        """Give a state by its number."""
        return self._states[number]

    def outputs(self, number: int) -> tuple[int, ...]:
        """Give the neurons that put out a value in the cycle after a state."""
        return self._outputs[number]

    def following(self, number: int, last: tuple[int, ...], ended: tuple[int, ...]) -> int:
        """Give the state a cycle later.

        Parameters
        ----------
        number : int
            The state.
        last, ended : tuple of int
            Of the neurons that put out a value: those whose value is of the last fold, and those
            of them that have no further position.
        """
        key = number, last, ended
        if key not in self._next:
            self._next[key] = self.number(self._work(self._states[number], last, ended))
        return self._next[key]

    def stride(self, number: int, power: int) -> _Stride:
        """Give what ``2**power`` cycles without a last fold lead to."""
        strides = self._strides[number]
        while len(strides) <= power:
            if not strides:
                outputs = sum(1 << _LANE * vn for vn in self._outputs[number])
                strides.append(_Stride(self.following(number, (), ()), outputs))
                continue
            half = strides[-1]
            other = self.stride(half.state, len(strides) - 1)
            strides.append(_Stride(other.state, half.outputs + other.outputs))
        return strides[power]

    def _work(self, state: State, last: tuple[int, ...], ended: tuple[int, ...]) -> State:
        """Do what a cycle does: the memory first, then bus and adders."""
        waiting = [*state.waiting, *state.sent]
        taken = (len(waiting) + 1) // 2
        due = [(cycles - 1, vn) for cycles, vn in state.due if cycles > 1]
        due += [(self._hops[each // 2], each // 2) for each in waiting[:taken] if not each % 2]
        due += [(1, vn) for vn in last if vn not in ended]
        queued = {(line, each): list(values) for line, each, values in state.queued}
        for value in state.arriving:
            at_line = self._line[value // 2], self._input[value // 2]
            queued.setdefault(at_line, []).append(value)
        turns, sent = dict(state.turns), []
        for line in sorted({line for line, _ in queued}):
            turn = turns.get(line, 0)
            offered = (each for at, each in queued if at == line)
            chosen = min(offered, key=lambda each: (each - turn) % self._inputs)
            sent.append(queued[line, chosen].pop(0))
            turns[line] = (chosen + 1) % self._inputs
            if not queued[line, chosen]:
                del queued[line, chosen]
        outputs = sorted(vn for cycles, vn in state.due if cycles == 1)
        return State(
            waiting=tuple(waiting[taken:]),
            sent=tuple(sent),
            queued=tuple((*at, tuple(values)) for at, values in sorted(queued.items())),
            turns=tuple(sorted(turns.items())),
            arriving=tuple(2 * vn + (vn in last) for vn in outputs),
            due=tuple(sorted(due)),
        )


@lru_cache(maxsize=_KEPT)
def network_of(
    machine: MaeriMachine,
    hops: tuple[int, ...],
    line: tuple[int, ...],
    bus_input: tuple[int, ...],
) -> Network:
    """Give the states that are known of neurons that lie so, on any layer."""
    return Network(hops, line, bus_input, machine.bus_inputs)


def states_recur(loops: Loops) -> bool:
    """Tell whether states can be looked up once all neurons wait for their partial sums alone."""
    return loops.sums_return and loops.machine.leaves == 1 and loops.one_after_the_other


class FreeRun:
    """An event loop of one iteration that goes on by looking up states.

    Parameters
    ----------
    events : EventLoop
        Of a machine with a port for each multiplier, to which partial sums return.
    """

    def __init__(self, events: EventLoop) -> None:
        self._events, self._loops = events, events.loops
        #: Operands of a step arrive not later than so many cycles after it could first be sent: in
        #: tree and links, and handed on along a row of the filter.
        self._way = 2 * self._loops.machine.num_ms.bit_length() + self._loops.tile.S
        wiring = events.collection.wiring
        self._network = network_of(self._loops.machine, tuple(events.sum_hops), *wiring)

    @property
    def may_begin(self) -> bool:
        """Whether every neuron has found its product waiting, and so does ever after."""
        events, loops = self._events, self._loops
        waiting = {vn for _, vn in events.due}
        if not events.streams.generated or any(step.iteration for step in events.step):
            return False
        first = events.streams.generated[0] + loops.folds + self._way
        for vn, step in enumerate(events.step):
            least = events.sum_sent[vn] + events.sum_hops[vn]
            if vn not in waiting:  # its sum is on the way
                least = events.cycle + 1
            if least < first + self._position(step) * loops.folds + step.fold:
                return False
        return True

    def finish(self) -> int:
        """Go on to the last output, and give the cycle in which the memory receives it.

        Raises
        ------
        DriftError
            If states do not recur; the event loop is where it was.
        """
        events, folds = self._events, self._loops.folds
        left = sum(folds - step.fold << _LANE * vn for vn, step in enumerate(events.step))
        done = [self._position(step) for step in events.step]
        begin = self._present(), folds, self._loops.positions, left, tuple(done)
        with self._network.lock:
            if begin not in self._network.runs:
                self._network.runs[begin] = self._look_up(begin[0], left, done)
            cycles, turns = self._network.runs[begin]
        events.collection.give_turns(turns)
        return events.cycle + cycles

    def _look_up(
        self, present: State, left: int, done: list[int]
    ) -> tuple[int, tuple[tuple[int, int], ...]]:
        """Go on to the last output: cycles until then, and whose turn it is at the bus.

        Parameters
        ----------
        present : State
            What is on its way.
        left : int
            Outputs of the position that each neuron has left, a lane each.
        done : list of int
            Positions that each has done.
        """
        network, folds, positions = self._network, self._loops.folds, self._loops.positions
        ones = sum(1 << _LANE * vn for vn in range(len(done)))
        carry = ones << _LANE - 1  # stays in a lane from which no more is subtracted than is there
        network.begin_run()
        state, cycle = network.number(present), 0
        seen: dict[object, tuple[int, int]] = {}
        visited: set[int] = set()
        while min(done) < positions:
            for power in range(_LONGEST, -1, -1):
                stride = network.stride(state, power)
                while ((left | carry) - stride.outputs - ones) & carry == carry:
                    state, left, cycle = stride.state, left - stride.outputs, cycle + (1 << power)
                    stride = network.stride(state, power)
            visited.add(state)
            if len(visited) > min(_MOST_VISITED, _VISITED_AT_FIRST + sum(done) // 4):
                raise DriftError(max(done))
            outputs = network.outputs(state)
            last = tuple(vn for vn in outputs if left >> _LANE * vn & _NEVER == 1)
            ended = tuple(vn for vn in last if done[vn] == positions - 1)
            state, cycle = network.following(state, last, ended), cycle + 1
            left -= sum(1 << _LANE * vn for vn in outputs)
            for vn in last:
                done[vn] += 1
                left += (_NEVER if vn in ended else folds) << _LANE * vn
            if 0 in last:
                cycle += self._cut(seen, (state, left), done, cycle)
        while not network.state(state).empty:
            state, cycle = network.following(state, (), ()), cycle + 1
        return cycle, network.state(state).turns

    def _cut(
        self,
        seen: dict[object, tuple[int, int]],
        now: tuple[int, int],
        done: list[int],
        cycle: int,
    ) -> int:
        """Move all neurons on by whole periods, and give the cycles that these take."""
        position = done[0]
        key = *now, tuple(each - position for each in done)
        if key not in seen:
            seen[key] = position, cycle
            return 0
        before, then = seen[key]
        length = position - before
        times = max(0, (self._loops.positions - 1 - max(done)) // length)
        done[:] = [each + times * length for each in done]
        return times * (cycle - then)

    def _position(self, step: Step) -> int:
        return step.row * self._loops.columns + step.column

    def _present(self) -> State:
        """Describe what is on its way in the event loop."""
        events, folds = self._events, self._loops.folds
        came = list(events.received_folds)

        def value(vn: int) -> Value:
            came[vn] += 1
            return 2 * vn + (came[vn] % folds == 0)

        bus = events.collection
        waiting, sent, queued, arriving = bus.on_the_way()
        return State(
            waiting=tuple(value(vn) for vn in waiting),
            sent=tuple(value(vn) for vn in sent),
            queued=tuple(
                (line, each, tuple(value(vn) for vn in vns)) for line, each, vns in queued
            ),
            turns=bus.turns(),
            arriving=tuple(value(vn) for vn in arriving),
            due=tuple(sorted((events.ready(vn) - events.cycle, vn) for _, vn in events.due)),
        )
