"""Entry points are read once, and a package that comes or goes is seen."""

import sys

import hwsim.entry_points
from hwsim.entry_points import registered


def test_they_are_read_once_for_all_groups(monkeypatch):
    registered("hwsim.engines")

    def read():
        raise AssertionError("they were read again")

    monkeypatch.setattr(hwsim.entry_points, "entry_points", read)
    assert "sigma" in registered("hwsim.engines")
    assert "dense" in registered("hwsim.schemes")


def test_a_package_that_is_installed_meanwhile_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    assert "late" not in registered("hwsim.engines")
    info = tmp_path / "late-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: late\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[hwsim.engines]\nlate = late:Late\n")
    assert registered("hwsim.engines")["late"].value == "late:Late"
    for file in info.iterdir():
        file.unlink()
    info.rmdir()
    assert "late" not in registered("hwsim.engines")
