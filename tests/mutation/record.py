"""A pytest plugin that writes one line a test: its id, what it took, and whether it failed."""

import json
import os
from pathlib import Path

import pytest

#: The environment variable that names the file to append to.
RECORD = "HWSIM_MUTATION_RECORD"


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the controller hears of every worker's tests
        config.pluginmanager.register(_Record(os.environ[RECORD]))


class _Record:
    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        line = {"test": report.nodeid, "seconds": report.duration, "failed": report.failed}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
