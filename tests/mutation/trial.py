"""One mutant against its tests, in a copy of the repository."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.coverage_of_tests import Coverage, test_environment
from tests.mutation.mutants import Mutant, mutated_text

#: A mutant that takes this many times as long, and the time that a start takes, runs for ever.
_PATIENCE, _START_S = 5.0, 60.0


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant.

    Parameters
    ----------
    killed : bool
        Whether a test failed.
    how : str
        The test, ``time`` when it ran for too long, ``start`` when nothing could be run;
        ``no test`` or ``survived``.
    seconds : float
        What finding out took.
    """

    killed: bool
    how: str
    seconds: float


def copy_repository(root: Path, copy: Path) -> None:
    """Copy what git knows or would take up, so that no mutant is ever in the checkout."""
    shutil.rmtree(copy, ignore_errors=True)
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listing.split("\0")):
        if (root / name).is_file():
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target)


def try_mutant(mutant: Mutant, copy: Path, coverage: Coverage) -> Verdict:
    """Put the fault into the copy, run the tests of its line, take it out again."""
    tests = coverage.tests_of(mutant)
    start = time.monotonic()
    if not tests:
        return Verdict(False, "no test", 0.0)
    module = copy / mutant.path
    original, times = module.read_bytes(), module.stat()
    arguments = copy / "tests-of-mutant.txt"
    arguments.write_text("\n".join(tests), encoding="utf-8")
    expected = sum(coverage.seconds[test] for test in tests)
    try:
        module.write_text(mutated_text(mutant, copy), encoding="utf-8")
        how = _run(copy, arguments, _START_S + _PATIENCE * expected)
    finally:
        module.write_bytes(original)
        os.utime(module, ns=(times.st_atime_ns, times.st_mtime_ns))
        # Byte code knows the age of its module to the second, so no two mutants share one.
        time.sleep(max(0.0, 1.0 - (time.monotonic() - start)))
    return Verdict(how != "survived", how, time.monotonic() - start)


def _run(copy: Path, arguments: Path, seconds: float) -> str:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "--hypothesis-seed=0"]
    command += ["-p", "no:cacheprovider", "-p", "no:xdist", f"@{arguments.name}"]
    output = copy / "output-of-mutant.txt"
    with output.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command,
            cwd=copy,
            env=test_environment(copy),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            # Children of tests, and a pytest that hangs.
            if process.poll() is None or code is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if code == 0:
        return "survived"
    if code is None:
        return "time"
    failed = [
        line.split(" ")[1]
        for line in output.read_text(encoding="utf-8", errors="replace").splitlines()
        if line.startswith(("FAILED ", "ERROR "))
    ]
    return failed[0] if failed else "start"
