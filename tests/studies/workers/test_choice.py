"""Who evaluates what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hwsim.engines import load_engine
from hwsim.errors import InputError
from hwsim.studies.machine import Machine
from hwsim.studies.workers import choice
from hwsim.studies.workers.choice import Crew, workers_for
from hwsim.studies.workers.cluster import TlsFiles
from hwsim.studies.workers.protocol import worker_count
from hwsim.studies.workers.threads import ThreadWorkers
from tests.studies.small_cells import small_cells

pytestmark = pytest.mark.outside

SIGMA = small_cells(("dense",), (8,))[0].machine
MAPPED = replace(SIGMA, engine=load_engine("sparseloop"))


def named(machines: list[Machine], count: int | None) -> str:
    workers = workers_for(machines, count)
    workers.close()
    return f"{type(workers).__name__} {workers.slots}"


@pytest.mark.parametrize(
    ("machines", "count", "expected"),
    [
        ([], 2, "ThreadWorkers 2"),
        ([SIGMA] * 999, 2, "ThreadWorkers 2"),
        ([SIGMA] * 1000, 2, "ProcessWorkers 2"),
        ([SIGMA] * 1000, 3, "ThreadWorkers 3"),
        ([SIGMA] * 1000, 1, "ThreadWorkers 1"),
        ([MAPPED] * 39, 2, "ThreadWorkers 2"),
        ([MAPPED] * 40, 2, "ProcessWorkers 2"),
        ([*[MAPPED] * 20, *[SIGMA] * 500], 2, "ProcessWorkers 2"),
        ([*[MAPPED] * 20, *[SIGMA] * 499], 2, "ThreadWorkers 2"),
        ([*[SIGMA] * 1000, replace(SIGMA, sent=SIGMA.engine)], 2, "ThreadWorkers 2"),
    ],
)
def test_enough_work_starts_processes(machines: list[Machine], count: int, expected: str) -> None:
    assert named(machines, count) == expected


def test_a_crew_of_a_number_is_the_number() -> None:
    workers = workers_for([SIGMA], Crew(3))
    assert isinstance(workers, ThreadWorkers)
    assert workers.slots == 3
    workers.close()


def test_programs_of_other_tools_run_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(SIGMA.engine), "runs_program", True)
    assert named([SIGMA] * 1000, 2) == "ThreadWorkers 2"


@pytest.fixture
def clusters(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(choice, "ClusterWorkers", lambda *given: asked.append(given))
    return asked


def test_a_scheduler_has_workers_of_its_own(clusters: list[tuple[Any, ...]]) -> None:
    workers_for([SIGMA], Crew(1, "tcp://x:1"))
    files = TlsFiles(ca=None)
    workers_for([], Crew(None, "tls://x:1", files))
    assert clusters == [("tcp://x:1", TlsFiles()), ("tls://x:1", files)]
    assert clusters[1][1] is files


def test_an_object_does_not_travel(clusters: list[tuple[Any, ...]]) -> None:
    with pytest.raises(InputError) as caught:
        workers_for([SIGMA, replace(SIGMA, sent=SIGMA.engine)], Crew(scheduler="tcp://x:1"))
    assert str(caught.value) == (
        "engine 'sigma' is an object of this process, which cannot travel to a cluster; register "
        "it (CONTRIBUTING.md) and give its name"
    )
    assert clusters == []


@pytest.mark.parametrize("wrong", [-1, 1.5, "2"])
def test_no_number_of_workers(wrong: Any) -> None:
    with pytest.raises(InputError) as caught:
        workers_for([], wrong)
    assert str(caught.value) == (
        f"workers: expected a whole number, 0 (all cores) to 4096. Got {wrong!r}"
    )


def test_as_many_as_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {1, 4, 6}, raising=False)
    assert worker_count(None) == worker_count(0) == 3
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: 5)
    assert worker_count(None) == 5
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert worker_count(None) == 1
    assert worker_count(7) == 7
