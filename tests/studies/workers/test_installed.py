"""What is compared between two processes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from hwsim.studies.workers import installed as installed_module
from hwsim.studies.workers.installed import installed
from hwsim.version import __version__

pytestmark = pytest.mark.outside


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    installed.cache_clear()
    yield
    installed.cache_clear()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.py").write_text("1\n")
    (tmp_path / "b" / "c.py").write_text("2\n")
    monkeypatch.setattr(installed_module, "_PACKAGE", tmp_path)
    return tmp_path


def version() -> str:
    installed.cache_clear()
    return installed()["hwsim"]


def test_hwsim_has_its_version_and_a_hash_of_its_code(package: Path) -> None:
    first = version()
    assert re.fullmatch(rf"{re.escape(__version__)} \(code [0-9a-f]{{8}}\)", first)
    (package / "notes.txt").write_text("no code")
    assert version() == first


@pytest.mark.parametrize("change", ["edited", "moved", "added", "joined"])
def test_other_code_has_another_hash(package: Path, change: str) -> None:
    first = version()
    if change == "edited":
        (package / "b" / "c.py").write_text("3\n")
    elif change == "moved":
        (package / "b" / "c.py").rename(package / "c.py")
    elif change == "added":
        (package / "d.py").write_text("")
    else:
        (package / "a.py").write_text("1\n2\n")
        (package / "b" / "c.py").write_text("")
    assert version() != first


def test_it_is_the_package_that_runs() -> None:
    import hwsim

    assert Path(hwsim.__file__).parent == installed_module._PACKAGE


def test_packages_that_bring_engines_or_schemes_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def entry(name: str, number: str) -> SimpleNamespace:
        return SimpleNamespace(dist=SimpleNamespace(name=name, version=number))

    points = {
        "hwsim.engines": [entry("hwsim", "0"), entry("lanes", "2"), SimpleNamespace(dist=None)],
        "hwsim.schemes": [entry("halves", "3")],
    }
    monkeypatch.setattr(installed_module, "entry_points", lambda group: points[group])
    found = installed()
    assert found.keys() == {"hwsim", "lanes", "halves"}
    assert (found["lanes"], found["halves"]) == ("2", "3")
    assert "code" in found["hwsim"]
