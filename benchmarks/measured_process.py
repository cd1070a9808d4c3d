"""What a command costs in a process of its own: wall time, processor time, the most memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What one process took, with those that it started and waited for.

    ``wall`` and ``cpu`` [s]; ``peak`` is the most resident memory of any one of them [bytes], pages
    of mapped files among it; ``output`` what it printed.
    """

    wall: float
    cpu: float
    peak: float
    output: str


def measure(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command once. Linux: ``ru_maxrss`` is in KiB there.

    The kernel counts memory that a process had before it ran another program, too, so the caller
    has to stay small.
    """
    with tempfile.TemporaryFile() as printed:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=printed, env={**os.environ, **(environment or {})}
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{' '.join(command)}: exit code {process.returncode}")
        printed.seek(0)
        output = printed.read().decode()
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, output)


def compile_modules(python: str) -> None:
    """Compile the modules of a Python's hwsim, as an installation has them.

    A checkout where ``PYTHONDONTWRITEBYTECODE`` is set compiles all of them in each run.
    """
    code = "import compileall, hwsim; compileall.compile_dir(hwsim.__path__[0], quiet=2)"
    subprocess.run([python, "-P", "-c", code], check=True)


def written(name: str, path: Path) -> Path:
    """Write a network of :mod:`benchmarks.written_networks`, once, in a process of its own.

    This one has to stay small, see :func:`measure`.
    """
    if not path.exists():
        command = [sys.executable, "-m", "benchmarks.written_networks", name, str(path)]
        subprocess.run(command, check=True)
    return path


def best(costs: Sequence[Cost]) -> Cost:
    """Take the shortest times and the largest memory of several runs of the same command."""
    return Cost(
        min(cost.wall for cost in costs),
        min(cost.cpu for cost in costs),
        max(cost.peak for cost in costs),
        costs[0].output,
    )
