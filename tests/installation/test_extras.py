"""Extras as the package declares them."""

from importlib.metadata import metadata

import pytest

from hwsim.installation import Extra, Package, extras
from hwsim.installation.extras import CORE, PURPOSES, examine_extras


@pytest.fixture
def declared(monkeypatch):
    """Examine what a package declares where only some of it is installed."""

    def examine(requirements, installed):
        names = dict.fromkeys(
            each.rpartition("extra == ")[2].strip("'\"") for each in requirements if "extra" in each
        )
        monkeypatch.setattr(extras, "requires", lambda name: requirements)
        monkeypatch.setattr(extras, "_installed", installed.get)

        class Said:
            def get_all(self, key):
                return list(names) if key == "Provides-Extra" else None

        monkeypatch.setattr(extras, "metadata", lambda name: Said())
        return {each.name: each for each in examine_extras()}

    return examine


def test_every_extra_of_hwsim_has_a_purpose():
    assert set(metadata("hwsim").get_all("Provides-Extra")) == set(PURPOSES) - {CORE}


def test_here_the_core_is_whole():
    core, *_ = examine_extras()
    assert (core.name, core.problems, core.advice, core.broken) == ("core", (), "", False)
    assert {"numpy", "pandas", "typer"} <= {each.name for each in core.packages}


def test_what_is_missing_old_and_there(declared):
    found = declared(
        ["a>=1,<2", "b>=3; extra == 'torch'", "c>=1; extra == 'onnx'", "d; extra == 'onnx'"],
        {"a": "1.5", "b": "2.9", "d": "4"},
    )
    assert found["core"] == Extra("core", "hwsim itself", (Package("a", "<2,>=1", "1.5", ""),))
    assert found["torch"].packages == (Package("b", ">=3", "2.9", "too old or too new"),)
    assert (found["torch"].broken, found["torch"].advice) == (True, "pip install 'hwsim[torch]'")
    assert [each.problem for each in found["onnx"].packages] == ["missing", ""]
    assert not found["onnx"].broken  # only not installed


def test_a_core_without_a_package_is_broken(declared):
    core = declared(["a>=1"], {})["core"]
    assert (core.broken, core.advice) == (True, "pip install 'hwsim'")


def test_what_needs_another_python_cannot_be_had(declared):
    extra = declared(["a; (python_version >= '9.9') and extra == 'docs'"], {})["docs"]
    assert extra.packages[0].problem == 'needs python_version >= "9.9"'
    assert (extra.advice, extra.broken) == ("", False)


def test_a_version_before_its_release_will_do(declared):
    assert declared(["a>=1"], {"a": "2.0rc1"})["core"].problems == ()
