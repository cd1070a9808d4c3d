"""Whether a process that works on a store is alive."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from hwsim import process_identity
from hwsim.studies.store import owner as owner_module
from hwsim.studies.store.owner import Owner


def test_this_process_is_alive_and_each_opening_is_an_owner() -> None:
    mine = Owner()
    assert not mine.gone(beat=0.0)  # on its own machine a beat says nothing
    assert mine.id != Owner().id
    assert mine.pid == os.getpid()


def test_a_process_that_ended_is_gone() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    mine = replace(Owner(), pid=ended.pid)
    ended.wait()
    assert mine.gone(beat=1e12)


@pytest.mark.skipif(sys.platform != "linux", reason="where the system tells when processes began")
def test_a_process_that_nobody_has_buried_is_gone() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    assert replace(Owner(), pid=ended.pid).gone(beat=1e12)
    ended.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="where the system tells when processes began")
def test_another_process_of_the_same_number_is_another() -> None:
    mine = Owner()
    assert mine.began is not None
    assert replace(mine, began=mine.began - 1).gone(beat=1e12)


def test_where_nothing_is_known_of_its_beginning_its_number_counts() -> None:
    assert not replace(Owner(), began=None).gone(beat=0.0)


def test_a_process_of_somebody_else_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int, signal: int) -> None:
        assert signal == 0
        raise PermissionError

    monkeypatch.setattr(process_identity.os, "kill", refuse)
    assert not Owner().gone(beat=0.0)


@pytest.mark.parametrize(("silence", "gone"), [(60.0, False), (60.1, True)])
def test_on_another_machine_its_silence_counts(
    silence: float, gone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner_module.time, "time", lambda: 5000.0)
    assert replace(Owner(), host="elsewhere").gone(beat=5000.0 - silence) is gone


def test_containers_of_one_name_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_identity.Path, "readlink", lambda path: f"{path} 1")
    inside = Owner()
    monkeypatch.setattr(process_identity.Path, "readlink", lambda path: f"{path} 2")
    assert inside.host != Owner().host
    assert inside.gone(beat=0.0)  # by its silence


def test_a_system_without_such_names_has_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(path: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(process_identity.Path, "readlink", missing)
    assert Owner().host == process_identity.platform.node()
    assert not Owner().gone(beat=0.0)
