"""SIGMA's controller: it packs fibers, and streams every vector past each configuration."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.components.distribution import Kind, Packet
from hwsim.engines.stonne.components.linear_fabric import LinearFabric
from hwsim.engines.stonne.components.memory import Controller


class _State(Enum):
    CONFIGURING = auto()
    STATIONARY = auto()
    STREAMING = auto()
    WAITING = auto()
    DONE = auto()


class SparseController(Controller):
    """Runs stationary fibers against streaming ones.

    Parameters
    ----------
    fabric : LinearFabric
        What it controls.
    stationary, streaming : ndarray of bool, shapes (fibers, K) and (vectors, K)
        Where the operands are marked as present.
    dataflow : str
        STONNE's name for which of them ``MK`` is.
    """

    def __init__(
        self,
        fabric: LinearFabric,
        stationary: NDArray[np.bool_],
        streaming: NDArray[np.bool_],
        dataflow: str,
    ) -> None:
        super().__init__(fabric.ports, fabric.outputs)
        self.fabric = fabric
        self._fibers = [np.flatnonzero(fiber).tolist() for fiber in stationary]
        self._vectors = [frozenset(np.flatnonzero(vector).tolist()) for vector in streaming]
        self._stationary, self._streaming = stationary, streaming
        self.dataflow = dataflow
        self._state = _State.CONFIGURING
        self._fiber = self._begin = self._end = self._vector = self._outputs = 0
        self._sizes: list[int] = []
        self._folds = False
        self._at_once: list[int] = []

    def distribute(self) -> None:
        """Configure, send the stationary values, or those of a vector."""
        if self._state is _State.CONFIGURING:
            self._configure()
        elif self._state is _State.STATIONARY:
            self._send_stationary()
        elif self._state is _State.STREAMING:
            self._send_vector()

    def _configure(self) -> None:
        """Take whole fibers while they fit, or a piece of one that does not."""
        K, num_ms = self._stationary.shape[1], self.fabric.num_ms
        #: Values of the configuration: (multiplier, k).
        self._placed: list[tuple[int, int]] = []
        self._folds = self._begin > 0
        self._sizes, used = [], int(self._folds)
        fiber = self._fiber
        while fiber < len(self._fibers):
            values = [k for k in self._fibers[fiber] if k >= self._begin]
            room = num_ms - used
            if len(values) > room and self._sizes:
                break
            piece = values[:room]
            self._placed += [(used + place, k) for place, k in enumerate(piece)]
            self._sizes.append(len(piece) + self._folds)
            used += len(piece)
            self._end = K if len(piece) == len(values) else piece[-1] + 1
            fiber += 1
            if self._folds or self._end < K or used == num_ms:
                break
        if len(self._sizes) > 1:
            self._end = K
        self._at_once.append(len(self._sizes))
        self.reconfigurations += 1
        self.fabric.reset()
        self.fabric.configure(self._sizes, folding=self._folds)
        waiting: dict[int, int] = {}
        for multiplier, k in self._placed:
            waiting[k] = waiting.get(k, 0) | 1 << multiplier
        self._packets: list[tuple[int, list[tuple[int, Packet]]]] = [
            (k, self.split(Kind.ACTIVATION, waiting.get(k, 0)))
            for k in range(self._begin, self._end)
        ]

    def _send_stationary(self) -> None:
        for multiplier, _ in self._placed:
            self.reads[Kind.WEIGHT] += 1
            self.queue(self.split(Kind.WEIGHT, 1 << multiplier))

    def _send_vector(self) -> None:
        if self._folds:
            self.reads[Kind.PARTIAL_SUM] += 1
            self.queue(self.split(Kind.PARTIAL_SUM, 1))
        present = self._vectors[self._vector]
        for k, packets in self._packets:
            self.reads[Kind.ACTIVATION] += k in present
            self.queue(packets)
        self._vector += 1

    def take(self, line: int, neuron: int) -> None:
        """Count an output."""
        self.writes += 1
        self._outputs += 1

    def advance(self) -> None:
        """Go on to the next state."""
        if self._state is _State.CONFIGURING:
            self._state = _State.STATIONARY
        elif self._state is _State.STATIONARY:
            self._state = _State.STREAMING
        elif self._state is _State.STREAMING:
            if self._vector == len(self._vectors):
                self._state = _State.WAITING
        elif self._outputs == len(self._sizes) * len(self._vectors):
            self._outputs = self._vector = 0
            self._next_fibers()

    def _next_fibers(self) -> None:
        if len(self._sizes) == 1 and self._end < self._stationary.shape[1]:
            self._begin = self._end
        else:
            self._fiber += len(self._sizes)
            self._begin = 0
        self.finished = self._fiber >= len(self._fibers)
        self._state = _State.DONE if self.finished else _State.CONFIGURING

    def totals(self) -> dict[str, Any]:
        """Give how sparse the operands are, and how many fibers were there at once."""
        elements, streamed = self._stationary.size, self._streaming.size
        zeros = elements - self.reads[Kind.WEIGHT]
        streamed_zeros = streamed - int(np.count_nonzero(self._streaming))
        return {
            "Dataflow": self.dataflow,
            "STA_sparsity": 100 * zeros // elements,
            "STR_sparsity": 100 * streamed_zeros // streamed,
            "STA_vectors_at_once_avg": sum(self._at_once) // len(self._at_once),
            "STA_vectors_at_once_max": max(self._at_once),
        }
