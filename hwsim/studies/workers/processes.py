"""Workers that are processes on this machine: for engines that are Python more than arrays."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any, Final

from hwsim.studies.plan import Plan
from hwsim.studies.workers.calls import Call
from hwsim.studies.workers.parcel import pack
from hwsim.studies.workers.process_main import Delivery
from hwsim.studies.workers.protocol import WorkerLostError, worker_count
from hwsim.studies.workers.seats import Seat, SeatedWorkers
from hwsim.studies.workers.shared_file import SharedFile

#: Not by multiprocessing, which would run the user's script once more in every worker.
_PROGRAM: Final = (
    "import sys; sys.path[:] = sys.argv[3:]; "
    "from hwsim.studies.workers.process_main import main; main(*map(int, sys.argv[1:3]))"
)
_STDERR: Final = 2
#: How long a worker may take to end when nothing is left to do [s].
_FAREWELL_S: Final = 5.0


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
        self._worker: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None
        self._lock = threading.Lock()
        self._killed = False

    def ask(self, calls: Sequence[Call]) -> list[Any]:
        line = self._connected()
        try:
            for plan in {call.of.plan for call in calls} - self._delivered:
                line.send(self._deliveries[plan])
                self._delivered.add(plan)
            line.send(calls)
            answers: list[Any] = line.recv()
        except (EOFError, OSError) as error:
            raise WorkerLostError(f"a worker process died ({self._last_words()})") from error
        return answers

    def kill(self) -> None:
        with self._lock:
            self._killed = True
            if self._worker is not None:
                self._worker.kill()

    def close(self) -> None:
        """Hang up, at which the process ends."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._worker is not None:
            try:
                self._worker.wait(_FAREWELL_S)
            except subprocess.TimeoutExpired:
                self._worker.kill()
                self._worker.wait()
            self._worker = None

    def _connected(self) -> Connection:
        if self._line is None:
            with self._lock:
                if self._killed:
                    raise WorkerLostError("the worker processes were ended")
                self._line = self._start()
        return self._line

    def _start(self) -> Connection:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            given = theirs.fileno(), self._shared.descriptor
            self._worker = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, *map(str, given), *sys.path],
                pass_fds=given,
                stdin=subprocess.DEVNULL,
                stdout=_STDERR,  # what an engine prints is no part of a report
                process_group=0,  # Ctrl-C at the terminal is for this process alone
            )
            self._delivered = set()
            return Connection(ours.detach())

    def _last_words(self) -> str:
        assert self._worker is not None
        worker = self._worker
        self.close()
        code = worker.returncode
        return f"signal {-code}" if code < 0 else f"exit code {code}"
