"""Workers and the main process are killed at random moments; the store ends up the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.studies.disturbing import KILLS_OF_MAINS, KILLS_OF_WORKERS
from tests.studies.store.rows import everything

pytestmark = pytest.mark.outside

#: Threads, two jobs in flight for each, the five layers of the network a job, three machines.
IN_FLIGHT = 2 * 2 * 5 * 3


@pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
def test_a_store_is_the_same_whatever_is_killed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.studies.disturbing", str(tmp_path), "11"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    calm = everything(tmp_path / "calm.db")
    assert len(calm["activities"]) == said["calm"] > 200
    assert KILLS_OF_MAINS + KILLS_OF_WORKERS == 20
    assert said["interrupted"] >= 10  # and not after it was all done
    assert everything(tmp_path / "killed.db") == calm
    assert said["killed"] <= said["calm"] + said["interrupted"] * IN_FLIGHT
    assert everything(tmp_path / "two.db") == calm
    assert said["together"] == said["calm"]  # nothing twice
    assert said["stores"] > 0
    for number in range(said["stores"]):
        assert everything(tmp_path / f"workers{number}.db") == calm
    assert said["orphans"] == 0
