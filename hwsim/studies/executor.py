"""Run many tasks, each distinct one once, on as many cores as there are."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, Self, TypeVar

from hwsim.activity import Activity
from hwsim.arch import Arch
from hwsim.engines import Engine
from hwsim.engines.protocol import activity_of
from hwsim.studies.workers.protocol import worker_count
from hwsim.workload.workload import Workload

#: What a task results in: an activity, or a comparison of two.
_R = TypeVar("_R")


class Executor(Generic[_R]):
    """A pool of threads that runs tasks, each distinct one once.

    Two layers of one shape without zeros are one task, so dense, binary and every repetition of a
    block together cost one evaluation. Threads, because array operations leave the interpreter's
    lock and threads share the weights instead of copying them.

    Parameters
    ----------
    task : callable
        Turns a workload into its result; it must be safe to call from several threads.
    key : callable
        Gives equal keys to workloads with one result.
    stop : callable
        Ends what runs, when the block that submits raises or Ctrl-C is pressed.
    workers : int, optional
        Threads; as many as there are cores when not given.
    """

    def __init__(
        self,
        task: Callable[[Workload], _R],
        key: Callable[[Workload], Hashable],
        stop: Callable[[], None] = lambda: None,
        *,
        workers: int | None = None,
    ) -> None:
        self._task = task
        self._key = key
        self._stop = stop
        self._pool = ThreadPoolExecutor(max_workers=worker_count(workers))
        # Of this process; results that outlive it would be looked up here, by the same keys.
        self._results: dict[Hashable, Future[_R]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._stop()  # another tool's program would run on, perhaps for hours
        self._pool.shutdown(cancel_futures=kind is not None)

    def submit(
        self, workload: Workload, on_done: Callable[[str], None] = lambda _: None
    ) -> Future[_R]:
        """Ask for the result of a workload.

        Parameters
        ----------
        workload : Workload
            What to run; it is let go when it has been.
        on_done : callable, optional
            Called with the layer's name when the result is there, from any thread.

        Returns
        -------
        Future
            The one of an equal workload if there was one.
        """
        name, key = workload.layer, self._key(workload)
        if key not in self._results:
            self._results[key] = self._pool.submit(self._task, workload)
        future = self._results[key]
        future.add_done_callback(lambda _: on_done(name))
        return future

    def settle(self) -> None:
        """Wait for what was asked so far, so that the weights in memory do not pile up."""
        wait(self._results.values())


def engine_executor(engine: Engine, arch: Arch, workers: int | None = None) -> Executor[Activity]:
    """Make the executor that finds activities.

    Parameters
    ----------
    engine : Engine
        Which evaluates.
    arch : Arch
        The machine.
    workers : int, optional
        Threads; as many as there are cores when not given.
    """
    return Executor(
        lambda workload: activity_of(engine, workload, arch),
        engine.key,
        engine.stop,
        workers=workers,
    )
