"""Workers that are processes on this machine: for engines that are Python more than arrays."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hwsim.child_process import ChildLostError, ChildProcess
from hwsim.studies.plan import Plan
from hwsim.studies.workers.calls import Call
from hwsim.studies.workers.parcel import pack
from hwsim.studies.workers.process_main import Delivery
from hwsim.studies.workers.protocol import WorkerLostError, worker_count
from hwsim.studies.workers.seats import Seat, SeatedWorkers
from hwsim.studies.workers.shared_file import SharedFile

_ENTRY: Final = "hwsim.studies.workers.process_main:working"


class ProcessWorkers(SeatedWorkers):
    """Processes, each for itself, so that one that dies takes no other with it.

    They start when the first job comes, a dead one is replaced when the next job comes for it, and
    they end with this process, even if that is killed.

    Parameters
    ----------
    count : int, optional
        Processes; as many as there are cores when not given.
    """

    def __init__(self, count: int | None = None) -> None:
        super().__init__()
        self._shared = SharedFile()
        self._deliveries: dict[str, Delivery] = {}
        self._seats = [
            _ProcessSeat(self._shared, self._deliveries) for _ in range(worker_count(count))
        ]

    @property
    def slots(self) -> int:
        """How many processes there may be."""
        return len(self._seats)

    def take(self, plan: Plan) -> None:
        """Write the plan's arrays down for those who will need it."""
        if plan.key in self._deliveries:
            return
        parcel, contents = pack(plan)
        places = {name: self._shared.put(name, content) for name, content in contents.items()}
        self._deliveries[plan.key] = Delivery(parcel, tuple(places[each] for each in parcel.arrays))
        for seat in self._seats:
            if seat not in self._threads:
                self.sit(seat)

    def stop(self) -> None:
        """Kill the processes."""
        self.leave()
        for seat in self._seats:
            seat.kill()

    def close(self) -> None:
        """Let the processes end, and give back what they shared."""
        self.leave()
        for thread in self._threads.values():
            thread.join()
        for seat in self._seats:
            seat.close()
        self._shared.close()


class _ProcessSeat(Seat):
    """The place of one worker process, whoever sits on it."""

    def __init__(self, shared: SharedFile, deliveries: Mapping[str, Delivery]) -> None:
        self._shared = shared
        self._deliveries = deliveries
        self._delivered: set[str] = set()
        self._worker: ChildProcess | None = None
        self._lock = threading.Lock()
        self._killed = False

    def ask(self, calls: Sequence[Call]) -> list[Any]:
        worker = self._present()
        try:
            for plan in {call.plan for call in calls} - self._delivered:
                worker.ask(self._deliveries[plan])
                self._delivered.add(plan)
            answers: list[Any] = worker.ask(calls)
        except ChildLostError as error:
            self._worker = None
            raise WorkerLostError(f"a worker process died ({error})") from error
        return answers

    def kill(self) -> None:
        with self._lock:
            self._killed = True
            if self._worker is not None:
                self._worker.kill()

    def close(self) -> None:
        """Let the process end."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _present(self) -> ChildProcess:
        if self._worker is None:
            with self._lock:
                if self._killed:
                    raise WorkerLostError("the worker processes were ended")
                self._worker = ChildProcess(_ENTRY, self._shared.descriptor)
                self._delivered = set()
        return self._worker
