"""Jobs that wait for a worker, each by choice for the one that has what it needs."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from hwsim.studies.workers.calls import Call


@dataclass(eq=False)
class Job:
    """A call and its result to be.

    Parameters
    ----------
    call : Call
        What to do.
    result : Future
        What came of it.
    alone : bool
        Whether it is not to be done with others, because a worker died that had it.
    """

    call: Call
    result: Future[Any] = field(default_factory=Future)
    alone: bool = False


class JobQueue:
    """Jobs that wait. Who has none of his own takes one of anybody's, and of another's in the end.

    Parameters
    ----------
    most : int
        How many jobs are taken at a time at most.
    linger_s : float
        How long to wait for more of them when there is one, seconds.
    """

    def __init__(self, most: int = 1, linger_s: float = 0.0) -> None:
        self._most = most
        self._linger_s = linger_s
        self._seats: dict[Hashable, int] = {}
        self._anybody: deque[Job] = deque()
        self._own: dict[Hashable, deque[Job]] = {}
        self._changed = threading.Condition()
        self._dismissed: set[Hashable] = set()
        self._closed = False

    def add(self, seat: Hashable) -> None:
        """Have one more share in what waits; what is his own he shares with his equals."""
        with self._changed:
            self._seats[seat] = self._seats.get(seat, 0) + 1

    def put(self, job: Job, seat: Hashable = None) -> None:
        """Add a job, for a seat or for anybody."""
        with self._changed:
            anybody = seat is None or seat in self._dismissed
            mine = self._anybody if anybody else self._own.setdefault(seat, deque())
            mine.append(job)
            self._changed.notify_all()

    def put_back(self, jobs: list[Job]) -> None:
        """Add jobs that were taken and not done, before all others."""
        with self._changed:
            self._anybody.extendleft(reversed(jobs))
            self._changed.notify_all()

    def take(self, seat: Hashable) -> list[Job]:
        """Take jobs, waiting for one; none when the queue is closed or the seat is dismissed."""
        with self._changed:
            while not self._closed and seat not in self._dismissed:
                if self._source(seat) is None:
                    self._changed.wait()
                    continue
                if self._linger_s:
                    self._linger(seat)
                if source := self._source(seat):  # nobody else has taken it meanwhile
                    return self._from(source, seat)
            return []

    def dismiss(self, seat: Hashable) -> None:
        """Give a seat nothing more; what waits for it is for anybody."""
        with self._changed:
            self._dismissed.add(seat)
            self._seats.pop(seat, None)
            self._anybody.extendleft(reversed(self._own.pop(seat, ())))
            self._changed.notify_all()

    def close(self) -> list[Job]:
        """Let everybody go who waits, and give what is left."""
        with self._changed:
            self._closed = True
            left = [job for each in (self._anybody, *self._own.values()) for job in each]
            self._anybody.clear()
            self._own.clear()
            self._changed.notify_all()
            return left

    def _source(self, seat: Hashable) -> deque[Job] | None:
        if self._own.get(seat):
            return self._own[seat]
        if self._anybody:
            return self._anybody
        return max(filter(None, self._own.values()), key=len, default=None)

    def _linger(self, seat: Hashable) -> None:
        end = time.monotonic() + self._linger_s
        while not self._closed and (left := end - time.monotonic()) > 0:
            source = self._source(seat)
            if source is not None and len(source) >= self._most * self._among(source, seat):
                return
            self._changed.wait(left)

    def _among(self, source: deque[Job], seat: Hashable) -> int:
        """Tell how many share a queue."""
        if source is self._own.get(seat):
            return max(1, self._seats[seat] - 1)  # one of several at a place is the next in turn
        return max(1, sum(self._seats.values()))

    def _from(self, source: deque[Job], seat: Hashable) -> list[Job]:
        share = min(self._most, -(-len(source) // self._among(source, seat)))
        jobs = [source.popleft()]
        while len(jobs) < share and not (jobs[0].alone or source[0].alone):
            jobs.append(source.popleft())
        return jobs
