"""Which tests run which line, and how long they take: one run of the tests without a fault."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

from tests.mutation.mutants import Mutant
from tests.mutation.record import RECORD

#: Tests that look at engines and energies, beside those of tests/ itself (kept figures, tasks that
#: travel); the others cost time and find nothing here.
FOLDERS = ("arch", "cli", "energy", "engines", "reports", "studies", "workload")
_NO_BYTE_CODE = "PYTHONDONTWRITEBYTECODE"
#: Slower tests come after all that are faster, however near they are.
_FAST_S = 2.0
#: What the tests of one mutant may take when nothing is wrong.
_LIMIT_S = 60.0


@dataclass(frozen=True)
class Coverage:
    """The tests of every line.

    Parameters
    ----------
    lines : dict of str to dict of int to list of str
        {module: {line: ids of tests}}.
    seconds : dict of str to float
        What each test takes of the processor, its children too.
    """

    lines: dict[str, dict[int, list[str]]]
    seconds: dict[str, float]

    def tests_of(self, mutant: Mutant) -> list[str]:
        """Order the tests that run a mutated line: the nearest first, slow ones last.

        What runs when a module is imported, a function that makes its constants, too, is run by
        every test of the module; where that is all there is (a table of declarations), coverage
        names no test, and the nearest are tried.
        """
        lines = self.lines.get(mutant.path, {})
        wanted = range(mutant.line, mutant.end + 1) if mutant.in_function else lines
        found = {test for line in wanted for test in lines.get(line, [])}
        if not found and (not mutant.in_function or any(line in lines for line in wanted)):
            found = {test for tests in lines.values() for test in tests} or set(self.seconds)
        chosen, total = [], 0.0
        for test in sorted(found, key=lambda test: self._rank(test, mutant.path)):
            total += self.seconds[test]
            if total > _LIMIT_S and chosen:
                break
            chosen.append(test)
        return chosen

    def _rank(self, test: str, module: str) -> tuple[bool, int, float, str]:
        file = "/".join(part.removeprefix("test_") for part in test.split("::")[0].split("/")[1:])
        # test_fit.py is of fit.py and of _fit.py
        ours = [part.removeprefix("_") for part in module.removeprefix("hwsim/").split("/")]
        common = 0
        for mine, theirs in zip(ours, file.split("/"), strict=False):
            if mine != theirs:
                break
            common += 1
        seconds = self.seconds[test]
        return seconds > _FAST_S, -common, seconds, test

    def save(self, path: Path) -> None:
        """Keep it for another run over the same code."""
        path.write_text(json.dumps([self.lines, self.seconds]), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Coverage:
        """Read what :meth:`save` wrote."""
        lines, seconds = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            {
                module: {int(line): tests for line, tests in of.items()}
                for module, of in lines.items()
            },
            seconds,
        )


def measure(copy: Path, sources: Iterable[str], workers: int) -> Coverage:
    """Run the tests in a copy of the repository.

    Parameters
    ----------
    copy : Path
        The copy.
    sources : iterable of str
        Folders whose lines are of interest.
    workers : int
        Processes.

    Raises
    ------
    RuntimeError
        If they cannot be run.
    """
    config = copy / "coverage-of-tests.rc"
    config.write_text("[run]\nrelative_files = true\n", encoding="utf-8")
    record = copy / "record.jsonl"
    record.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(workers), "-p", "no:cacheprovider"]
    command += ["-p", "tests.mutation.record", f"--cov-config={config}", "--cov-context=test"]
    command += [f"--cov={source}" for source in sources] + ["--cov-report="]
    command += [f"tests/{folder}" for folder in FOLDERS if (copy / "tests" / folder).is_dir()]
    command += sorted(f"tests/{file.name}" for file in (copy / "tests").glob("test_*.py"))
    environment = test_environment(copy) | {RECORD: str(record)}
    done = subprocess.run(command, cwd=copy, env=environment, check=False)
    seconds: dict[str, float] = defaultdict(float)
    failed = set()
    for line in record.read_text(encoding="utf-8").splitlines():
        report = json.loads(line)
        seconds[report["test"]] += report["seconds"]
        if report["failed"]:
            failed.add(report["test"])
    if done.returncode not in (0, 1):
        raise RuntimeError(f"pytest ended with exit code {done.returncode}")
    for test in sorted(failed):
        print(f"left out, it fails without a fault: {test}", flush=True)
    return read_coverage(copy, failed, dict(seconds))


def read_coverage(copy: Path, failed: set[str], seconds: dict[str, float]) -> Coverage:
    """Read what pytest-cov left in a copy."""
    data = CoverageData(str(copy / ".coverage"))
    data.read()
    lines: dict[str, dict[int, list[str]]] = {}
    for file in data.measured_files():
        lines[Path(file).as_posix()] = {
            number: sorted({name.split("|")[0] for name in names if name} - failed)
            for number, names in data.contexts_by_lineno(file).items()
        }
    return Coverage(lines, seconds)


def test_environment(copy: Path) -> dict[str, str]:
    """Give the environment in which Python finds the copy's hwsim and not an installed one."""
    own = {"PYTHONPATH": str(copy), "COVERAGE_CORE": "ctrace", "OMP_NUM_THREADS": "1"}
    # A mutant's tests find all other modules compiled.
    return {name: os.environ[name] for name in os.environ.keys() - {_NO_BYTE_CODE}} | own
