"""A study whose processes are killed at random moments, in a process of its own.

    python -m tests.studies.disturbing FOLDER SEED

It starts others by ``fork``, which costs no imports, and so must have no threads itself. Prints
what happened as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from hwsim.studies.cells import Cell
from hwsim.studies.evaluation import Evaluation
from hwsim.studies.store.store import Store
from hwsim.studies.workers.bench import Bench
from hwsim.studies.workers.processes import ProcessWorkers
from hwsim.studies.workers.protocol import Workers
from hwsim.studies.workers.threads import ThreadWorkers
from hwsim.workload import AlikeWorkloads
from tests.studies.small_cells import small_cells

SCHEMES = ("dense", "binary", *(f"pruned:sparsity=0.{n:02}" for n in range(5, 95, 5)))
KILLS_OF_MAINS = 15
KILLS_OF_WORKERS = 5


def start(work: Callable[[], None]) -> int:
    """Do something in another process."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def ended(pid: int) -> bool:
    """Whether a process that was started has ended, by itself and well."""
    found, status = os.waitpid(pid, os.WNOHANG)
    assert status == 0
    return found == pid


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def children(pid: int) -> list[int]:
    files = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in files for child in file.read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def evaluate(cells: Sequence[Cell], store: Path, workers: Callable[[], Workers]) -> None:
    with Store(store) as kept, workers() as crew:
        evaluation = Evaluation(cells, kept, attempts=3)
        evaluation.run(crew)


def count_simulations(log: Path) -> None:
    """Have every simulation of this process and those it forks leave a byte."""
    file = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    simulated = Bench._simulated

    def counted(bench: Bench, groups: Sequence[AlikeWorkloads], *on: object) -> object:
        os.write(file, b"." * sum(map(len, groups)))
        return simulated(bench, groups, *on)  # type: ignore[arg-type]

    Bench._simulated = counted  # type: ignore[assignment, method-assign]


def main(folder: Path, seed: int) -> None:
    draw = random.Random(seed)
    cells = small_cells(SCHEMES, (8, 16, 32))
    for cell in cells:
        cell.tasks()  # keys are made once for all
    said: dict[str, int] = {}

    def threads() -> ThreadWorkers:
        return ThreadWorkers(2)

    log = folder / "simulations"
    count_simulations(log)

    def counted(work: Callable[[], None]) -> int:
        before = log.stat().st_size
        work()
        return log.stat().st_size - before

    def calm() -> None:
        evaluate_at_last("calm.db")

    def killed() -> None:
        kills = interrupted = 0
        while kills < KILLS_OF_MAINS:
            pid = start(lambda: evaluate(cells, folder / "killed.db", threads))
            time.sleep(draw.uniform(0, whole / (KILLS_OF_MAINS / 2)))  # together less than it takes
            interrupted += not ended(pid) and kill(pid) is None
            kills += 1
        said["interrupted"] = interrupted
        evaluate_at_last("killed.db")

    def evaluate_at_last(store: str) -> None:
        pid = start(lambda: evaluate(cells, folder / store, threads))
        assert os.waitpid(pid, 0)[1] == 0

    def together() -> None:
        pids = [start(lambda: evaluate(cells, folder / "two.db", threads)) for _ in range(2)]
        assert [os.waitpid(pid, 0)[1] for pid in pids] == [0, 0]

    begun = time.monotonic()
    said["calm"] = counted(calm)
    whole = time.monotonic() - begun
    said["killed"] = counted(killed)
    said["together"] = counted(together)
    said["stores"], said["orphans"] = kill_workers(cells, folder, draw)
    for number in range(said["stores"]):
        evaluate_at_last(f"workers{number}.db")
    print(json.dumps(said))


def kill_workers(cells: Sequence[Cell], folder: Path, draw: random.Random) -> tuple[int, int]:
    """Kill worker processes, then the process that asks them, on one store after the other.

    Returns
    -------
    (int, int)
        Stores, and processes that have outlived the one that asked them.
    """
    kills = stores = orphans = 0
    while kills < KILLS_OF_WORKERS:
        store = folder / f"workers{stores}.db"
        pid = start(lambda: evaluate(cells, store, lambda: ProcessWorkers(2)))  # noqa: B023  now
        stores += 1
        while not (over := ended(pid)) and kills < KILLS_OF_WORKERS:
            time.sleep(draw.uniform(0, 0.5))
            if workers := children(pid):
                os.kill(draw.choice(workers), signal.SIGKILL)
                kills += 1
        if not over:
            left = children(pid)
            kill(pid)
            wait_until(lambda: not any(map(alive, left)))  # noqa: B023  now
            orphans += sum(map(alive, left))
    return stores, orphans


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.01)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
