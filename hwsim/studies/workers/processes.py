"""Workers that are processes on this machine: for engines that are Python more than arrays."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from hwsim.engines import Engine
from hwsim.studies.machine import EngineName
from hwsim.studies.plan import Plan
from hwsim.studies.workers.bench import Bench, LayerOf, Lowered, Simulated
from hwsim.studies.workers.parcel import read_parcel, write_parcel
from hwsim.studies.workers.protocol import Run, WorkerLostError, Workers, worker_count

_T = TypeVar("_T")


class ProcessWorkers(Workers):
    """Processes, each with a pool of its own, so that one that dies takes no other with it.

    They start when the first job comes, and a dead one is replaced by the next job for it.

    Parameters
    ----------
    count : int, optional
        Processes; as many as there are cores when not given.
    """

    def __init__(self, count: int | None = None) -> None:
        self.slots = worker_count(count)
        self._seats = [_Seat() for _ in range(self.slots)]
        self._where: WeakKeyDictionary[Future[Any], _Seat] = WeakKeyDictionary()
        self._folder: Path | None = None

    def take(self, plan: Plan) -> None:
        """Write the plan down for those who will need it."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="hwsim-"))
        path = self._folder / plan.key
        if not path.exists():
            write_parcel(plan, path)

    def lower(self, of: LayerOf, engines: Sequence[EngineName | Engine]) -> Future[Lowered]:
        """Lower where least is waiting."""
        seat = min(self._seats, key=lambda each: each.waiting)
        future = seat.submit(_lower, self._parcel(of), of, tuple(engines))
        self._where[future] = seat
        return future

    def simulate(
        self, of: LayerOf, runs: Sequence[Run], near: Future[Lowered]
    ) -> Future[tuple[Simulated | Exception, ...]]:
        """Simulate where the layer was lowered."""
        seat = self._where.get(near, self._seats[0])
        return seat.submit(_simulate, self._parcel(of), of, tuple(runs))

    def stop(self) -> None:
        """Kill the processes, and with them the programs that they run."""
        for seat in self._seats:
            seat.kill()

    def close(self) -> None:
        """Let the processes end, and remove what they shared."""
        for seat in self._seats:
            seat.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _parcel(self, of: LayerOf) -> Path:
        assert self._folder is not None
        return self._folder / of.plan


class _Seat:
    """The place of one worker process, whoever sits on it."""

    def __init__(self) -> None:
        self.waiting = 0
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def submit(self, function: Callable[..., _T], *arguments: object) -> Future[_T]:
        result: Future[_T] = Future()
        with self._lock:
            self.waiting += 1
        inner = self._submit(function, arguments)
        inner.add_done_callback(lambda done: self._pass_on(done, result))
        return result

    def _submit(self, function: Callable[..., _T], arguments: tuple[object, ...]) -> Future[_T]:
        if self._pool is not None:
            try:
                return self._pool.submit(function, *arguments)
            except BrokenProcessPool:
                self._pool.shutdown(wait=False)
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=spawn, initializer=_start)
        return self._pool.submit(function, *arguments)

    def _pass_on(self, done: Future[_T], result: Future[_T]) -> None:
        with self._lock:
            self.waiting -= 1
        if done.cancelled():
            result.cancel()
        elif isinstance(error := done.exception(), BrokenProcessPool):
            result.set_exception(WorkerLostError("a worker process died"))
        elif error is not None:
            result.set_exception(error)
        else:
            result.set_result(done.result())

    def kill(self) -> None:
        if self._pool is not None:
            for process in list((self._pool._processes or {}).values()):
                process.kill()
            self._pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()


_BENCH = Bench()


def _start() -> None:
    """Leave Ctrl-C to the main process, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _held(parcel: Path) -> Bench:
    if not _BENCH.holds(parcel.name):
        _BENCH.take(read_parcel(parcel))
    return _BENCH


def _lower(parcel: Path, of: LayerOf, engines: tuple[EngineName | Engine, ...]) -> Lowered:
    return _held(parcel).lower(of, engines)


def _simulate(
    parcel: Path, of: LayerOf, runs: tuple[Run, ...]
) -> tuple[Simulated | Exception, ...]:
    return _held(parcel).simulate(of, runs)
