"""Workers that are asked by threads, one for each place where somebody works."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from concurrent.futures import Future
from typing import Any, Final
from weakref import WeakKeyDictionary

from hwsim.arch import Arch
from hwsim.engines import Engine
from hwsim.studies.machine import EngineName
from hwsim.studies.workers.bench import Lowered, Run, Simulated
from hwsim.studies.workers.calls import Call, LowerCall, SimulateCall
from hwsim.studies.workers.job_queue import Job, JobQueue
from hwsim.studies.workers.layer_of import LayerOf
from hwsim.studies.workers.protocol import WorkerLostError, Workers

#: Jobs that are sent at a time at most: each sending costs the same.
_TOGETHER: Final = 32


class Seat(ABC):
    """A place where somebody works, one call after the other."""

    @property
    def place(self) -> Hashable:
        """Seats of one place share what they hold."""
        return self

    @abstractmethod
    def ask(self, calls: Sequence[Call]) -> list[Any]:
        """Have the first calls answered; see :func:`hwsim.studies.workers.calls.answer`.

        Raises
        ------
        WorkerLostError
            If the worker died of it, or while it had them.
        """


class SeatedWorkers(Workers):
    """Workers that sit on seats, each with a thread here that asks and waits.

    Jobs that a worker had when it died are done again, each by itself: it may have died of one.
    That one fails, and the others do not.

    Parameters
    ----------
    linger_s : float
        How long to wait for more jobs to send together, seconds.
    """

    def __init__(self, linger_s: float = 0.0) -> None:
        self._jobs = JobQueue(_TOGETHER, linger_s)
        self._where: WeakKeyDictionary[Future[Any], Hashable] = WeakKeyDictionary()
        self._archs: dict[int, tuple[Arch, bytes]] = {}
        self._threads: dict[Seat, threading.Thread] = {}

    @property
    def ahead(self) -> int:
        """As many as are sent together, twice."""
        return 2 * self.slots

    def lower(
        self, layers: Sequence[LayerOf], engines: Sequence[EngineName | Engine]
    ) -> Future[tuple[Lowered | Exception, ...]]:
        """Lower wherever somebody is free."""
        job = Job(LowerCall(tuple(layers), tuple(engines)))
        self._jobs.put(job)
        return job.result

    def simulate(
        self, runs: Sequence[Run], near: Future[Any]
    ) -> Future[tuple[Simulated | Exception, ...]]:
        """Simulate where the layers were lowered, or where nothing else is left to do."""
        packed = tuple((run.of, run.engine, self._packed(run.arch)) for run in runs)
        job = Job(SimulateCall(packed))
        self._jobs.put(job, self._where.get(near))
        return job.result

    def sit(self, seat: Seat) -> None:
        """Let somebody work from now on."""
        thread = threading.Thread(target=self._serve, args=(seat,), daemon=True)
        self._threads[seat] = thread
        self._jobs.add(seat.place)
        thread.start()

    def leave(self) -> None:
        """Let all go, and cancel what was not begun."""
        for job in self._jobs.close():
            job.result.cancel()

    def _packed(self, arch: Arch) -> bytes:
        if id(arch) not in self._archs:
            self._archs[id(arch)] = arch, arch.to_bytes()
        return self._archs[id(arch)][1]

    def _serve(self, seat: Seat) -> None:
        while jobs := self._jobs.take(seat.place):
            try:
                answers = seat.ask([job.call for job in jobs])
            except Exception as error:
                self._lost(jobs, error)
                continue
            for job, result in zip(jobs, answers, strict=False):
                self._where[job.result] = seat.place
                if isinstance(result, Exception):
                    job.result.set_exception(result)
                else:
                    job.result.set_result(result)
            self._jobs.put_back(jobs[len(answers) :])

    def _lost(self, jobs: list[Job], error: Exception) -> None:
        if isinstance(error, WorkerLostError) and len(jobs) > 1:
            for job in jobs:
                job.alone = True
            self._jobs.put_back(jobs)
            return
        for job in jobs:
            job.result.set_exception(error)
