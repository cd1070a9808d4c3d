"""A writer that is killed before any of its steps leaves the old result or the new one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hwsim.aside import aside_name, remove_abandoned
from hwsim.errors import InputError
from hwsim.studies.folder import finish, whole_folder
from hwsim.whole_file import whole_file

pytestmark = pytest.mark.outside

KILLED = 9
#: What changes a file system.
STEPS = ("rename", "replace", "unlink", "mkdir", "rmdir")
OLD = {"manifest.json": "old", "results.csv": "old", "summary.csv": "old"}
NEW = {"manifest.json": "new", "results.parquet": "new", "summary.csv": "new", "more.csv": "new"}
STALE = ("results.csv", "results.parquet")


def _killed_at(step: int, write) -> bool:
    """Write in a child that dies before its step of that number; False if it came to the end."""
    pid = os.fork()
    if pid == 0:
        counted = itertools.count()
        for name in STEPS:
            real = getattr(os, name)

            def dying(*arguments, real=real, **options):
                if next(counted) == step:
                    os._exit(KILLED)
                return real(*arguments, **options)

            setattr(os, name, dying)
        try:
            write()
        except BaseException:
            os._exit(70)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, KILLED)
    return code == KILLED


def _save(folder: Path, files: dict[str, str]) -> None:
    with whole_folder(folder, stale=STALE) as aside:
        for name, text in files.items():
            (aside / name).write_text(text)


def _content(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir() if file.is_file()}


def test_a_run_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    outcomes = set()
    for step in range(100):
        folder = tmp_path / f"{step}"
        _save(folder, OLD)
        (folder / "notes.txt").write_text("mine")
        killed = _killed_at(step, lambda folder=folder: _save(folder, NEW))
        finish(folder)  # what a reader does first
        found = _content(folder)
        assert found.pop("notes.txt") == "mine"
        assert found in (OLD, NEW)
        outcomes.add(found["manifest.json"])
        _save(folder, NEW)  # and the next run leaves nothing of it
        assert {entry.name for entry in folder.iterdir()} == {*NEW, "notes.txt"}
        if not killed:
            break
    assert step > len(NEW)
    assert outcomes == {"old", "new"}


def test_a_new_folder_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    for step in range(100):
        folder = tmp_path / f"{step}" / "out"
        killed = _killed_at(step, lambda folder=folder: _save(folder, NEW))
        assert not folder.exists() or _content(folder) == NEW
        _save(folder, NEW)
        assert [entry.name for entry in folder.parent.iterdir()] == ["out"]
        if not killed:
            break
    assert step >= 2


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    def write(path: Path, text: str) -> None:
        with whole_file(path) as aside:
            aside.write_text(text)

    for step in range(100):
        path = tmp_path / f"{step}" / "x.json"
        path.parent.mkdir()
        write(path, "old")
        killed = _killed_at(step, lambda path=path: write(path, "new"))
        assert path.read_text() == ("old" if killed and step == 0 else "new")
        write(path, "next")
        assert [entry.name for entry in path.parent.iterdir()] == ["x.json"]
        if not killed:
            break
    assert step >= 1


def test_two_writers_at_once_leave_one_of_their_results(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    with whole_folder(folder) as one, whole_folder(folder) as other:
        for aside, word in ((one, "one"), (other, "other")):
            for name in OLD:
                (aside / name).write_text(word)
    assert set(_content(folder).values()) == {"one"}  # whose block ended last
    assert {entry.name for entry in folder.iterdir()} == set(OLD)


def test_a_writer_that_was_committed_is_finished_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".hwsim-complete").mkdir()
    (tmp_path / ".hwsim-complete" / "summary.csv").write_text("of another")
    _save(tmp_path, {"manifest.json": "mine"})
    assert _content(tmp_path) == {"summary.csv": "of another", "manifest.json": "mine"}


def test_a_folder_from_elsewhere_cannot_name_files_outside(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    (folder / ".hwsim-complete").mkdir(parents=True)
    (folder / ".hwsim-complete" / ".stale.json").write_text('["../precious.txt"]')
    (tmp_path / "precious.txt").write_text("mine")
    finish(folder)
    assert (tmp_path / "precious.txt").read_text() == "mine"
    (folder / ".hwsim-complete").mkdir()
    (folder / ".hwsim-complete" / ".stale.json").write_text("[")
    with pytest.raises(InputError, match="its writer was killed before all results were in place"):
        finish(folder)


@contextmanager
def _ended_process() -> Iterator[int]:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    yield pid


def test_only_what_ended_processes_left_is_removed(tmp_path: Path) -> None:
    mine = aside_name("out")
    with _ended_process() as pid:
        gone = mine.replace(f"-{os.getpid()}-", f"-{pid}-")
    elsewhere = f".out-00000000-{pid}-5-00000000"
    for name in (mine, gone, elsewhere, ".out-other", ".outer"):
        (tmp_path / name).mkdir()
    remove_abandoned(tmp_path, "out")
    assert {entry.name for entry in tmp_path.iterdir()} == {mine, elsewhere, ".out-other", ".outer"}


def test_names_aside_are_never_too_long() -> None:
    assert len(os.fsencode(aside_name("ü" * 120))) <= 255
