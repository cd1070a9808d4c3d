"""Workers in this process: threads that share one bench."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self

from hwsim.engines import Engine
from hwsim.studies.machine import EngineName, Machine
from hwsim.studies.plan import Plan
from hwsim.studies.workers.bench import Bench, Lowered, Run, Simulated
from hwsim.studies.workers.layer_of import LayerOf
from hwsim.studies.workers.protocol import Workers, worker_count
from hwsim.workload.workload import Workload


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
    def for_machines(cls, machines: Collection[Machine], wanted: int | None = None) -> Self:
        """Make the threads of a run; one for engines that simulate layers side by side.

        Such an engine's arrays are worked through in short steps, between which a second thread
        waits for the interpreter's lock: on two cores a quarter of the evaluation overlapped, at a
        quarter more of work, and runs of VGG-16, ViT-B/16 and a decoder of 1.2 billion weights
        ended hardly sooner, if at all (docs/performance.md).

        Parameters
        ----------
        machines : collection of Machine
            On which layers are to be evaluated.
        wanted : int, optional
            So many threads whatever the machines are.
        """
        together = all(each.engine.side_by_side for each in machines)
        return cls(1 if wanted is None and together else wanted)

    @property
    def slots(self) -> int:
        """How many threads there are."""
        return self._count

    def take(self, plan: Plan) -> None:
        """Hold the plan; nothing travels."""
        self._bench.take(plan)

    def foresee(self, outlines: Iterable[Workload], machine: Machine) -> None:
        """Let the engine know: what it finds is of this process."""
        machine.engine.foresee([*outlines], machine.arch)

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
