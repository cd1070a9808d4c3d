"""A process of its own: it answers, and what becomes of it is told."""

from __future__ import annotations

import os
import signal
import time

import pytest

from hwsim import child_process
from hwsim.child_process import ChildLostError, ChildProcess

pytestmark = pytest.mark.outside


def doubling(*shared):
    """Made in the child: doubles what it is asked, and tells of itself."""

    def answer(question):
        if question == "descriptors":
            return [os.fstat(each).st_ino for each in shared]
        if question == "leave":
            os._exit(5)
        return 2 * question

    return answer


ENTRY = f"{__name__}:doubling"


def test_it_answers_until_it_is_closed(tmp_path):
    with (tmp_path / "shared").open("w") as shared:
        child = ChildProcess(ENTRY, shared.fileno())
        assert child.ask(21) == 42
        assert child.ask("descriptors") == [os.fstat(shared.fileno()).st_ino]
    os.kill(child.process.pid, signal.SIGINT)  # Ctrl-C is not for it
    assert child.ask("a") == "aa"
    child.close()
    assert child.process.returncode == 0


def test_one_that_ends_is_told_with_its_exit_code():
    child = ChildProcess(ENTRY)
    with pytest.raises(ChildLostError, match=r"^exit code 5$"):
        child.ask("leave")


def test_one_that_is_killed_is_told_with_the_signal(monkeypatch):
    monkeypatch.setattr(child_process, "_PROGRAM", "import time; time.sleep(60)")
    child = ChildProcess(ENTRY)
    child.kill()
    with pytest.raises(ChildLostError, match=r"^signal 9$"):
        child.ask(1)


def test_without_work_it_ends():
    child = ChildProcess(ENTRY, idle_s=0.05)
    assert child.process.wait(30) == 0
    with pytest.raises(ChildLostError, match=r"^exit code 0$"):
        child.ask(1)


def test_one_that_does_not_listen_is_killed(monkeypatch):
    monkeypatch.setattr(child_process, "_PROGRAM", "import time; time.sleep(60)")
    monkeypatch.setattr(child_process, "_FAREWELL_S", 0.05)
    child = ChildProcess(ENTRY)
    start = time.monotonic()
    child.close()
    assert child.process.returncode == -signal.SIGKILL
    assert time.monotonic() - start < 30
