import errno
import os
import subprocess

import pytest

from hwsim.errors import InputError
from hwsim.studies.folder import whole_folder


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_a_new_folder_with_its_parents(tmp_path):
    with whole_folder(tmp_path / "a" / "b") as aside:
        (aside / "x.csv").write_text("1")
        assert not (tmp_path / "a" / "b").exists()
    assert names(tmp_path / "a") == ["b"]
    assert names(tmp_path / "a" / "b") == ["x.csv"]


def test_a_folder_of_the_current_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with whole_folder("out") as aside:
        (aside / "x.csv").write_text("1")
    with whole_folder(".") as aside:
        (aside / "y.csv").write_text("2")
    assert names(tmp_path) == ["out", "y.csv"]


def test_other_files_stay_and_stale_ones_go(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "results.csv").write_text("old")
    (tmp_path / "summary.csv").write_text("old")
    with whole_folder(tmp_path, stale=("results.csv", "results.parquet")) as aside:
        (aside / "results.parquet").write_text("new")
        (aside / "summary.csv").write_text("new")
    assert names(tmp_path) == ["notes.txt", "results.parquet", "summary.csv"]
    assert (tmp_path / "summary.csv").read_text() == "new"


def test_a_failure_leaves_everything_as_it_was(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "summary.csv").write_text("old")
    for target in ("kept", "new/deep"):
        with pytest.raises(RuntimeError), whole_folder(tmp_path / target) as aside:  # noqa: PT012
            (aside / "summary.csv").write_text("half")
            raise RuntimeError
    assert names(tmp_path) == ["kept"]
    assert (tmp_path / "kept" / "summary.csv").read_text() == "old"


def test_a_full_disk_is_named(tmp_path):
    with pytest.raises(InputError) as error, whole_folder(tmp_path / "out"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert str(error.value) == (
        f"{tmp_path / 'out'}: cannot write the results here: No space left on device"
    )
    assert names(tmp_path) == []


@pytest.mark.parametrize("target", ["file", "file/below", "file/far/below"])
def test_a_file_in_the_way_is_named(tmp_path, target):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as error, whole_folder(tmp_path / target):
        pytest.fail("entered")
    assert str(error.value) == (
        f"{tmp_path / 'file'}: is a file, not a folder for results; choose another one"
    )


def test_a_folder_that_exists_is_written_from_inside(tmp_path):
    """It may be a mount point, and its parent read-only, as in a container."""
    (tmp_path / "out").mkdir()
    with whole_folder(tmp_path / "out") as aside:
        assert aside.parent == tmp_path / "out"
        (aside / "x.csv").write_text("1")
        assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["x.csv"]


def test_a_mount_point(tmp_path):
    target = tmp_path / "volume"
    target.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "none", target], capture_output=True)
    if mounted.returncode:
        pytest.skip("may not mount here")
    try:
        with whole_folder(target, stale=("x.csv",)) as aside:
            (aside / "x.csv").write_text("1")
        assert names(target) == ["x.csv"]
    finally:
        subprocess.run(["umount", target], check=True)
