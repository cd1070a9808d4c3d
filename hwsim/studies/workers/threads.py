"""Workers in this process: threads that share one bench."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, Self

from hwsim.engines import Engine
from hwsim.networks.network import Layer
from hwsim.studies.machine import EngineName, Machine
from hwsim.studies.plan import Plan
from hwsim.studies.workers.bench import Bench, Lowered, Run, Simulated
from hwsim.studies.workers.layer_of import LayerOf
from hwsim.studies.workers.protocol import Workers, worker_count

#: Weights of a layer, on average, from which arrays are most of its work, so that a second thread
#: helps; with fewer it waits for the interpreter's lock, which costs both a seventh of their time.
_WEIGHTS_OF_ARRAYS: Final = 1 << 16


class ThreadWorkers(Workers):
    """Threads, because array operations leave the interpreter's lock and weights are shared.

    Parameters
    ----------
    count : int, optional
        Threads; as many as there are cores when not given.
    """

    def __init__(self, count: int | None = None) -> None:
        self._count = worker_count(count)
        self._bench = Bench()
        self._pool = ThreadPoolExecutor(self._count)

    @classmethod
    def for_layers(
        cls, layers: Sequence[Layer], machines: Collection[Machine], wanted: int | None = None
    ) -> Self:
        """Make one thread for layers that are small and come many in a job.

        Parameters
        ----------
        layers : sequence of Layer
            What is to be evaluated.
        machines : collection of Machine
            On which.
        wanted : int, optional
            So many threads whatever the layers are.
        """
        weights = sum(layer.weight.size for layer in layers)
        small = weights < _WEIGHTS_OF_ARRAYS * len(layers)
        together = all(each.engine.side_by_side for each in machines)
        return cls(1 if wanted is None and small and together else wanted)

    @property
    def slots(self) -> int:
        """How many threads there are."""
        return self._count

    def take(self, plan: Plan) -> None:
        """Hold the plan; nothing travels."""
        self._bench.take(plan)

    def lower(
        self, layers: Sequence[LayerOf], engines: Sequence[EngineName | Engine]
    ) -> Future[tuple[Lowered | Exception, ...]]:
        """Lower in some thread."""
        return self._pool.submit(self._bench.lower, layers, engines)

    def simulate(
        self, runs: Sequence[Run], near: Future[Any]
    ) -> Future[tuple[Simulated | Exception, ...]]:
        """Simulate in some thread; all are near."""
        return self._pool.submit(self._bench.simulate, runs)

    def stop(self) -> None:
        """Begin nothing more and end the programs that run."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._bench.stop()

    def close(self) -> None:
        """Wait for the threads."""
        self._pool.shutdown()
