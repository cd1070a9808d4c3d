"""Workers in this process: threads that share one bench."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from hwsim.engines import Engine
from hwsim.studies.machine import EngineName
from hwsim.studies.plan import Plan
from hwsim.studies.workers.bench import Bench, LayerOf, Lowered, Run, Simulated
from hwsim.studies.workers.protocol import Workers, worker_count


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
