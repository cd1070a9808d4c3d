"""Files that are there whole or not at all, also where nothing can be renamed."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from hwsim.errors import InputError
from hwsim.whole_file import whole_file


def _write(path: Path, text: str) -> None:
    with whole_file(path) as aside:
        aside.write_text(text)


def test_a_new_file_and_one_that_is_replaced(tmp_path: Path) -> None:
    for text in ("first", "second"):
        _write(tmp_path / "x.json", text)
        assert (tmp_path / "x.json").read_text() == text
    assert [file.name for file in tmp_path.iterdir()] == ["x.json"]


def test_a_failure_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    _write(tmp_path / "x.json", "first")
    with pytest.raises(RuntimeError), whole_file(tmp_path / "x.json") as aside:  # noqa: PT012
        aside.write_text("half")
        raise RuntimeError
    assert (tmp_path / "x.json").read_text() == "first"
    assert [file.name for file in tmp_path.iterdir()] == ["x.json"]


def test_a_device_is_written_to_and_stays_a_device(tmp_path: Path) -> None:
    _write(Path("/dev/null"), "anything")
    assert Path("/dev/null").is_char_device()


def test_a_pipe_gets_the_content(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_text()), daemon=True)
    reader.start()
    _write(pipe, "content")
    reader.join(10)
    assert found == ["content"]
    assert pipe.is_fifo()


def test_a_file_that_is_a_mount_point_gets_the_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path / "x.json", "a longer first one")

    def busy(self: Path, target: Path) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(Path, "replace", busy)
    _write(tmp_path / "x.json", "second")
    assert (tmp_path / "x.json").read_text() == "second"
    assert [file.name for file in tmp_path.iterdir()] == ["x.json"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "Is a directory"),
        ("no/x.json", "No such file or directory"),
        ("file/x.json", "Not a directory"),
        ("n" * 300, "File name too long"),
    ],
)
def test_what_cannot_be_written_is_named(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / name
    with pytest.raises(InputError) as caught:
        _write(path, "x")
    assert str(caught.value) == f"{path}: cannot be written: {reason}"
