"""Measure the main job: ``hwsim run --arch sigma --model resnet18.npz``, start-up included.

Prints its wall time as a ratio to loading the weight file with numpy, the simulated cycles a second
against STONNE's, and the largest resident memory.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import hwsim
from hwsim.networks import save_network

#: Simulated cycles a second of STONNE (51,058 cycles in 128 s; see README.md).
STONNE_CYCLES_PER_SECOND = 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="weight file (default: a ResNet-18 is made)")
    parser.add_argument("--repeat", type=int, default=5, help="the best of so many counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or Path(folder) / "resnet18.npz"
        if options.model is None:
            save_network(hwsim.make_network("resnet18"), model)
        loading = min(seconds_to_load(model) for _ in range(options.repeat))
        runs = [run_command(model) for _ in range(options.repeat)]
    wall = min(seconds for seconds, _, _ in runs)
    memory = max(peak for _, peak, _ in runs)
    cycles = runs[0][2]
    print(f"main job on {os.cpu_count()} cores, best of {options.repeat}")
    print(f"  wall time                   {wall:8.2f} s")
    print(f"  loading the file with numpy {loading:8.2f} s")
    print(f"  ratio                       {wall / loading:8.1f}")
    print(f"  largest resident memory     {memory / 1e6:8.0f} MB")
    print(f"  simulated                   {cycles:12,} cycles, {cycles / wall:,.0f} a second")
    print(
        f"  against STONNE's {STONNE_CYCLES_PER_SECOND} a second: "
        f"{cycles / wall / STONNE_CYCLES_PER_SECOND:,.0f} times as many"
    )


def seconds_to_load(model: Path) -> float:
    start = time.perf_counter()
    with np.load(model, allow_pickle=False) as file:
        for name in file:
            file[name]
    return time.perf_counter() - start


def run_command(model: Path) -> tuple[float, int, int]:
    """Run the command once: wall time [s], peak resident memory [bytes], simulated cycles."""
    command = [sys.executable, "-m", "hwsim", "run", "--arch", "sigma", "--model", str(model)]
    start = time.perf_counter()
    process = subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    document = json.loads(process.stdout.read())
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        sys.exit("the main job failed")
    table = document["manifest"]["energy"]["table"]  # each energy table has rows of its own
    cycles = sum(
        row["cycles"]
        for row in document["totals"]
        if (row["scope"], row["energy_table"]) == ("network", table)
    )
    return wall, usage.ru_maxrss * 1024, cycles


if __name__ == "__main__":
    main()
