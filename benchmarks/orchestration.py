"""What the orchestration of a study costs a task: claims, messages, the store.

The same tasks as a plain loop over layers, schemes and machines, and through the store by threads,
processes, and a dask cluster on this machine. What a task takes more than in the loop is the
orchestration: time, a share of the loop's for each worker, and processor time of all processes (the
scheduler's, too), which says the same on a busy machine.

    python -m benchmarks.orchestration
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import psutil

import hwsim
from hwsim.engines.protocol import activity_of
from hwsim.studies.cells import Cell
from hwsim.studies.evaluation import Evaluation
from hwsim.studies.plan import Plan
from hwsim.studies.request import Request
from hwsim.studies.store.store import Store
from hwsim.studies.workers.cluster import ClusterWorkers
from hwsim.studies.workers.processes import ProcessWorkers
from hwsim.studies.workers.protocol import Workers
from hwsim.studies.workers.threads import ThreadWorkers

SIZES = (64, 128, 256)
LAYERS = "layer1.*"


def cells_of(schemes: Sequence[str], sizes: Sequence[int] = SIZES) -> list[Cell]:
    """Schemes by machines, on layers of a small network."""
    network = hwsim.make_network("resnet20-cifar")
    plan = Plan.of(Request(model=network, schemes=tuple(schemes), layers=LAYERS))
    cells = []
    for size in sizes:
        request = Request(model=network, arch="sigma", overrides={"num_ms": size})
        machine = request.load_machine(request.load_arch())
        cells += [Cell(plan, scheme, machine) for scheme in schemes]
    return cells


def schemes_of(levels: int) -> list[str]:
    return ["dense", *(f"pruned:sparsity={n / levels:.4f}" for n in range(1, levels))]


class Watch:
    """Time, and processor time of this process and those under it, in seconds."""

    def __init__(self) -> None:
        self._wall, self._busy = time.perf_counter(), self._processors()

    def seconds(self) -> tuple[float, float]:
        """Tell both since it was made."""
        return time.perf_counter() - self._wall, self._processors() - self._busy

    @staticmethod
    def _processors() -> float:
        this = psutil.Process()
        times = [each.cpu_times() for each in (this, *this.children(recursive=True))]
        return sum(each.user + each.system for each in times)


def loop(cells: Sequence[Cell]) -> tuple[float, float]:
    """Evaluate in a loop, equal activities once, and keep nothing."""
    watch = Watch()
    known = set()
    plan = cells[0].plan
    machines = list({id(cell.machine): cell.machine for cell in cells}.values())
    for scheme in plan.request.schemes:
        for layer in plan.chosen.layers:
            _, workload = plan.lower(scheme, layer.name)
            for machine in machines:
                key = (machine.key, machine.engine.key(workload))
                if key not in known:
                    known.add(key)
                    activity_of(machine.engine, workload, machine.arch)
    return watch.seconds()


def study(cells: Sequence[Cell], workers: Workers) -> tuple[float, float, int]:
    """Evaluate into a new store; workers have started and hold nothing of it."""
    Evaluation(cells_of(["dense"], [8])).run(workers)  # they start
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "x.db") as store:
        watch = Watch()
        evaluation = Evaluation(cells, store)
        tasks = len(evaluation.missing)
        evaluation.run(workers)
        return *watch.seconds(), tasks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--levels", type=int, default=57, help="schemes to evaluate")
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many counts")
    options = parser.parse_args()
    schemes = schemes_of(options.levels)
    wall, busy = map(
        min, zip(*(loop(cells_of(schemes)) for _ in range(options.repeat)), strict=True)
    )
    with ExitStack() as stack:
        ways: list[tuple[str, int, Callable[[], Workers]]] = [
            ("1 thread", 1, lambda: ThreadWorkers(1)),
            ("2 threads", 2, lambda: ThreadWorkers(2)),
            ("1 process", 1, lambda: ProcessWorkers(1)),
            ("2 processes", 2, lambda: ProcessWorkers(2)),
        ]
        try:
            from distributed import LocalCluster

            cluster = stack.enter_context(
                LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0")
            )
            ways.append(("dask, 2 workers", 2, lambda: ClusterWorkers(cluster.scheduler_address)))
        except ImportError:
            print("dask.distributed is not installed: no cluster")
        print(f"on {os.cpu_count()} cores, best of {options.repeat}; load {os.getloadavg()[0]:.1f}")
        print(f"  the loop: {wall:.2f} s, {busy:.2f} s of a core")
        for name, count, start in ways:
            found = []
            for _ in range(options.repeat):
                with start() as workers:
                    found.append(study(cells_of(schemes), workers))
            took, used, tasks = map(min, zip(*found, strict=True))
            more = (took - wall / min(count, os.cpu_count() or 1)) / tasks
            cost = (used - busy) / tasks
            print(
                f"  {name:16} {tasks:6} tasks {took:7.2f} s, {used:6.2f} s of a core: "
                f"orchestration takes {1e3 * more:6.2f} ms a task, {1e3 * cost:6.2f} ms of a core"
            )


if __name__ == "__main__":
    main()
