"""Jobs that wait for a worker, each by choice for the one that has what it needs."""

from __future__ import annotations

import threading
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
    """

    def __init__(self, most: int = 1) -> None:
        self._most = most
        self._seats = 1
        self._anybody: deque[Job] = deque()
        self._own: dict[Hashable, deque[Job]] = {}
        self._changed = threading.Condition()
        self._dismissed: set[Hashable] = set()
        self._closed = False

    def set_seats(self, count: int) -> None:
        """Say among how many what waits is to be shared."""
        self._seats = max(1, count)

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
                if source := self._source(seat):
                    return self._from(source)
                self._changed.wait()
            return []

    def dismiss(self, seat: Hashable) -> None:
        """Give a seat nothing more; what waits for it is for anybody."""
        with self._changed:
            self._dismissed.add(seat)
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
        return max(self._own.values(), key=len, default=None)

    def _from(self, source: deque[Job]) -> list[Job]:
        share = min(self._most, -(-len(source) // self._seats))
        jobs = [source.popleft()]
        while len(jobs) < share and not (jobs[0].alone or source[0].alone):
            jobs.append(source.popleft())
        return jobs
