"""Who takes which jobs."""

from __future__ import annotations

import threading
import time

import pytest

from hwsim.studies.workers.calls import LowerCall
from hwsim.studies.workers.job_queue import Job, JobQueue
from hwsim.studies.workers.layer_of import LayerOf

pytestmark = pytest.mark.outside


def jobs(count: int) -> list[Job]:
    return [Job(LowerCall((LayerOf("plan", "dense", f"layer{n}"),), ())) for n in range(count)]


def queue_of(*seats: str, most: int = 4, linger_s: float = 0.0) -> JobQueue:
    queue = JobQueue(most, linger_s)
    for seat in seats:
        queue.add(seat)
    return queue


def test_what_waits_for_anybody_is_shared_evenly() -> None:
    queue, waiting = queue_of("a", "b"), jobs(5)
    for job in waiting:
        queue.put(job)
    assert queue.take("a") == waiting[:3]
    assert queue.take("b") == waiting[3:4]
    assert queue.take("a") == waiting[4:]


def test_no_more_than_most_is_taken() -> None:
    queue, waiting = queue_of("a"), jobs(6)
    for job in waiting:
        queue.put(job)
    assert queue.take("a") == waiting[:4]
    assert queue.take("a") == waiting[4:]


def test_ones_own_comes_first_and_anothers_last() -> None:
    queue, waiting = queue_of("a", "b", "c"), jobs(5)
    queue.put(waiting[0])
    queue.put(waiting[1], "a")
    queue.put(waiting[2], "b")
    queue.put(waiting[3], "c")
    queue.put(waiting[4], "c")
    assert queue.take("b") == [waiting[2]]
    assert queue.take("b") == [waiting[0]]
    assert queue.take("b") == [waiting[3]]  # of the longest of the others'
    assert queue.take("a") == [waiting[1]]
    assert queue.take("a") == [waiting[4]]


def test_equals_share_what_is_theirs_with_one_who_waits() -> None:
    queue, waiting = queue_of("a", "a", "a", "b"), jobs(4)
    for job in waiting:
        queue.put(job, "a")
    assert queue.take("a") == waiting[:2]
    assert queue.take("b") == waiting[2:3]  # of another's, among all four
    assert queue.take("a") == waiting[3:]


def test_a_suspect_is_alone() -> None:
    queue, waiting = queue_of("a"), jobs(4)
    waiting[1].alone = True
    for job in waiting:
        queue.put(job)
    assert [queue.take("a") for _ in range(3)] == [waiting[:1], waiting[1:2], waiting[2:]]


def test_what_is_put_back_comes_first_in_order() -> None:
    queue, waiting = queue_of("a"), jobs(4)
    queue.put(waiting[3])
    queue.put_back(waiting[:3])
    assert queue.take("a") == waiting


def test_who_is_dismissed_gets_nothing_and_his_jobs_are_anybodys() -> None:
    queue, waiting = queue_of("a", "b"), jobs(4)
    queue.put(waiting[2])
    queue.put(waiting[0], "a")
    queue.put(waiting[1], "a")
    queue.dismiss("a")
    queue.put(waiting[3], "a")  # it lowered something before it went
    assert queue.take("a") == []
    assert queue.take("b") == waiting


def test_closing_lets_go_and_gives_what_is_left() -> None:
    queue, waiting = queue_of("a", "b"), jobs(2)
    taken: list[list[Job]] = []
    thread = threading.Thread(target=lambda: taken.append(queue.take("a")))
    thread.start()
    assert queue.close() == []
    thread.join(5)
    assert taken == [[]]
    other = queue_of("a", "b")
    other.put(waiting[0])
    other.put(waiting[1], "b")
    assert other.close() == waiting
    assert other.take("a") == []


def test_one_waits_for_more_to_go_together() -> None:
    queue, waiting = queue_of("a", most=2, linger_s=5.0), jobs(2)
    taken: list[list[Job]] = []
    thread = threading.Thread(target=lambda: taken.append(queue.take("a")))
    thread.start()
    queue.put(waiting[0])
    time.sleep(0.01)
    start = time.monotonic()
    queue.put(waiting[1])
    thread.join(5)
    assert taken == [waiting]
    assert time.monotonic() - start < 2  # and no longer than until there are enough


def test_one_waits_no_longer_than_was_said() -> None:
    queue, waiting = queue_of("a", most=2, linger_s=0.01), jobs(1)
    queue.put(waiting[0])
    assert queue.take("a") == waiting
