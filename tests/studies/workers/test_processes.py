"""Worker processes: nothing is shared but a file, and who dies takes nothing along."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from hwsim.studies.evaluation import Evaluation
from hwsim.studies.machine import EngineName
from hwsim.studies.workers.bench import Run
from hwsim.studies.workers.layer_of import LayerOf
from hwsim.studies.workers.processes import ProcessWorkers
from hwsim.studies.workers.protocol import WorkerLostError
from tests.studies.small_cells import small_cells

pytestmark = pytest.mark.outside

CELL = small_cells(("dense", "binary"), (8,))[0]
FC = LayerOf(CELL.plan.key, "binary", "fc")
SIGMA = EngineName("sigma")


def soon(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def test_processes_find_what_threads_find_and_a_dead_one_is_replaced() -> None:
    with ProcessWorkers(1) as workers:
        assert (workers.slots, workers.ahead) == (1, 2)
        workers.take(CELL.plan)
        near = workers.lower([FC], [SIGMA])
        [lowered] = near.result(30)
        assert lowered.task == CELL.plan.lower("binary", "fc")[0]
        [found] = workers.simulate([Run(FC, SIGMA, CELL.machine.arch)], near).result(30)
        workload = CELL.plan.lower("binary", "fc")[1]
        assert found.activity == CELL.machine.engine.simulate(workload, CELL.machine.arch)

        [seat] = workers._seats
        assert seat._worker is not None
        first = seat._worker.process
        os.kill(first.pid, signal.SIGSTOP)  # busy for ever
        future = workers.lower([FC], [SIGMA])
        time.sleep(0.05)
        first.kill()
        with pytest.raises(WorkerLostError) as caught:
            future.result(30)
        assert str(caught.value) == "a worker process died (signal 9)"
        os.kill(os.getpid(), 0)
        again = workers.lower([FC], [SIGMA])
        assert again.result(30) == (lowered,)  # by another, which has the plan
        second = seat._worker.process
        assert second is not None
        assert second.pid != first.pid
        os.kill(second.pid, signal.SIGINT)  # Ctrl-C is not for it
        [lowered] = workers.lower([FC], []).result(30)
        assert lowered.keys == ()
    assert second.returncode == 0


def test_stopping_kills_and_cancels() -> None:
    workers = ProcessWorkers(1)
    workers.take(CELL.plan)
    workers.lower([FC], []).result(30)
    [seat] = workers._seats
    assert seat._worker is not None
    worker = seat._worker.process
    os.kill(worker.pid, signal.SIGSTOP)
    running = workers.lower([FC], [])
    time.sleep(0.05)
    waiting = workers.lower([FC], [])
    workers.stop()
    with pytest.raises(WorkerLostError):
        running.result(30)
    with pytest.raises(CancelledError):
        waiting.result(30)
    workers.close()
    assert worker.poll() == -signal.SIGKILL


def test_a_program_that_cannot_start_is_a_worker_that_died(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hwsim.child_process._PROGRAM", "raise SystemExit(3)")
    with ProcessWorkers(1) as workers:
        evaluation = Evaluation(small_cells(("dense",), (8,)))
        evaluation.run(workers)
    assert {str(each) for each in evaluation.failures.values()} == {
        "a worker process died (exit code 3)"
    }


ORPHAN = """
import os, sys
from hwsim.studies.workers.processes import ProcessWorkers
from tests.studies.workers.test_processes import CELL, FC
workers = ProcessWorkers(1)
workers.take(CELL.plan)
workers.lower([FC], []).result()
print(workers._seats[0]._worker.process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="states of processes are read in /proc")
def test_a_worker_ends_with_who_asked_and_leaves_nothing(tmp_path: Path) -> None:
    main = subprocess.Popen(
        [sys.executable, "-c", ORPHAN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert main.stdout is not None
    worker = int(main.stdout.readline())
    main.kill()
    main.communicate()

    def gone() -> bool:
        try:
            state = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        return state == "Z"

    assert soon(gone)
    assert list(tmp_path.iterdir()) == []
