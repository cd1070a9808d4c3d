"""A pytest plugin that writes one line a test: its id, what it took, and whether it failed.

What it took is time of the processor, of children that have ended, too: on a busy machine the
clock would make every test seem slow, and the slow ones are not tried.
"""

import json
import os
import resource
from collections.abc import Generator
from pathlib import Path

import pytest

#: The environment variable that names the file to append to.
RECORD = "HWSIM_MUTATION_RECORD"
_SECONDS = "seconds of the processor"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Meter())
    if not hasattr(config, "workerinput"):  # the controller hears of every worker's tests
        config.pluginmanager.register(_Record(os.environ[RECORD]))


class _Meter:
    def __init__(self) -> None:
        self._before = _processor_seconds()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        now = _processor_seconds()
        report.user_properties = [*report.user_properties, (_SECONDS, now - self._before)]
        self._before = now
        return report


class _Record:
    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        seconds = dict(report.user_properties)[_SECONDS]
        line = {"test": report.nodeid, "seconds": seconds, "failed": report.failed}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _processor_seconds() -> float:
    spent = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)
