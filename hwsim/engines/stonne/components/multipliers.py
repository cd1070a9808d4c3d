"""The multipliers in a row, each with its queues and a link to its left neighbour."""

from __future__ import annotations

import itertools
from typing import Any

from hwsim.engines.stonne.components.distribution import Arrival, Kind
from hwsim.engines.stonne.components.queue import Queue
from hwsim.engines.stonne.components.wire import Wire
from hwsim.engines.stonne.files.report import LATE, CounterLine
from hwsim.errors import InputError

#: Of a multiplier that works for no virtual neuron.
UNUSED = -1


class Multiplier:
    """A multiplier; or, where it is told so, what hands partial sums from the buffer on.

    Operands are known by the load of weights that they belong to.

    Attributes
    ----------
    neuron : int
        The virtual neuron that it works for, or :data:`UNUSED`.
    folds, windows : int
        Products of an output one after the other; outputs of a row.
    returns, always_returns : bool
        Whether it hands partial sums on: after a first one of nothing, or always.
    takes, gives : bool
        Whether its right neighbour hands activations to it, and it hands its own to the left.
    """

    def __init__(self) -> None:
        self.activations: Queue[int] = Queue()
        self.handed_in: Queue[int] = Queue()
        self.handed_out: Queue[int] = Queue()
        self.weights: Queue[int] = Queue()
        self.products: Queue[int] = Queue()
        self.input: Wire[Arrival] = Wire()
        self.from_right: Wire[int] = Wire()
        self.to_left: Wire[int] = Wire()
        self.output: Wire[int] = Wire()
        self.multiplications = self.flushes = self.sums_received = self.sums_sent = 0
        self.handed = self.received_handed = self.inputs = self.weights_received = 0
        self.configurations = 0
        self._default()

    def _default(self) -> None:
        self.neuron, self.folds, self.windows = UNUSED, 0, 0
        self.returns = self.always_returns = self.takes = self.gives = False
        self._window = self._fold = 0

    def configure(self, neuron: int) -> None:
        """Let it work for a virtual neuron."""
        self.neuron = neuron
        self.configurations += 1

    def reset(self) -> None:
        """Forget the configuration and all that waits."""
        self._default()
        for queue in (
            self.weights, self.activations, self.products, self.handed_out, self.handed_in
        ):  # fmt: skip
            queue.clear()

    def cycle(self) -> None:
        """Do what a cycle allows."""
        if self.always_returns:
            self._hand_sum_on()
        elif self.returns and self._fold > 0:
            if self._hand_sum_on():
                self._next_fold()
        elif self.returns:
            self._put_out()
            self._next_fold()
        else:
            self._multiply()

    def _hand_sum_on(self) -> bool:
        self._receive()
        if not self.activations:
            return False
        self.activations.pop()
        self.sums_sent += 1
        self._put_out()
        return True

    def _multiply(self) -> None:
        self._receive()
        source = self.activations
        if self.takes:
            for load in self.from_right.take():
                self.received_handed += 1
                self.handed_in.push(load)
            if self._window > 0:
                source = self.handed_in
        if not source or len(self.weights) < self.folds:
            return
        activation = source.pop()
        if self.weights.turn() != activation:
            raise InputError(
                "the controller sends weights before all outputs of those before them are done: "
                "take a tile that divides the output, or one input (N = 1)"
            )
        self.multiplications += 1
        self._put_out()
        if self.gives and self._window < self.windows - 1:
            self.handed_out.push(activation)
            self.to_left.send([self.handed_out.pop()])
            self.handed += 1
        if self._next_fold():
            self._window = (self._window + 1) % self.windows

    def _next_fold(self) -> bool:
        self._fold += 1
        if self._fold < self.folds:
            return False
        self._fold = 0
        return True

    def _put_out(self) -> None:
        self.products.push(self.neuron)
        self.output.send([self.products.pop()])

    def _receive(self) -> None:
        for kind, load in self.input.take():
            if kind is Kind.WEIGHT:
                if len(self.weights) == self.folds:
                    self.weights.clear()
                    self.flushes += 1
                self.weights_received += 1
                self.weights.push(load)
            else:
                self.activations.push(load)
                self.inputs += kind is Kind.ACTIVATION
                self.sums_received += kind is Kind.PARTIAL_SUM

    def stats(self, cycles: int) -> dict[str, Any]:
        """Give what the ``.txt`` file says of it."""
        return {
            "Total_cycles": cycles,
            "Idle_cycles": cycles - self.multiplications - self.sums_sent,
            "N_multiplications": self.multiplications,
            "N_input_forwardings_send": self.handed,
            "N_input_forwardings_receive": self.received_handed,
            "N_inputs_receive_from_memory": self.inputs,
            "N_weights_receive_from_memory": self.weights_received,
            "N_weight_fifo_flush": self.flushes,
            "N_psums_receive": self.sums_received,
            "N_psum_forwarding_send": self.sums_sent,
            "N_configurations": self.configurations,
            LATE + "ActivationFifo": self.activations.stats(),
            "WeightFifo": self.weights.stats(),
            "PsumFifo": self.products.stats(),
            "ForwardingInputFifo": self.handed_in.stats(),
            "ForwardingOutputFifo": self.handed_out.stats(),
        }

    def lines(self) -> list[CounterLine]:
        """Give its lines of the ``.counters`` file."""
        counted = {
            "MULTIPLICATION": self.multiplications,
            "FORWARD_PSUM": self.sums_received,
            "CONFIGURATION": self.configurations,
        }
        queues = self.activations, self.handed_in, self.handed_out, self.weights, self.products
        return [CounterLine("MULTIPLIER", counted), *(queue.line() for queue in queues)]


def row_of_multipliers(number: int) -> list[Multiplier]:
    """Make multipliers, each linked with the one on its left."""
    row = [Multiplier() for _ in range(number)]
    for left, right in itertools.pairwise(row):
        left.from_right = right.to_left
    return row
