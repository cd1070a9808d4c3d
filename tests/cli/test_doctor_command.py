"""``hwsim doctor``: exit code 0, whatever is found."""

import json

import pytest

from hwsim.installation import plugins
from hwsim.version import __version__


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("HWSIM_NO_CACHE", "")
    monkeypatch.setenv("HWSIM_CACHE_DIR", str(tmp_path / "cache"))
    shelf = tmp_path / "cache" / "mappings" / "ab"
    shelf.mkdir(parents=True)
    (shelf / "abcd.kept").write_bytes(bytes(2048))
    return tmp_path / "cache"


def test_json(cli, cache):
    outcome = cli("doctor", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    document = json.loads(outcome.out)
    assert document["version"] == __version__
    core, *others = document["extras"]
    assert (core["name"], core["installed"], core["advice"]) == ("core", True, "")
    for each in others:
        if not each["installed"] and each["name"] != "hwcomponents":
            assert each["advice"] == f"pip install 'hwsim[{each['name']}]'"
    assert [each["title"] for each in document["programs"]][:2] == ["STONNE", "Timeloop"]
    assert document["caches"][0] == {
        "holds": "mappings",
        "folder": str(cache / "mappings"),
        "entries": 1,
        "size": 2048,
    }
    assert document["plugins"] == []
    assert document["advice"] == []


@pytest.mark.parametrize("width", ["60", "100"])
def test_text(cli, cache, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.setenv("HWSIM_CACHE_DIR", "cache")
    outcome = cli("doctor")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[0].startswith(f"hwsim   {__version__}, ")
    assert max(map(len, lines)) <= int(width)
    assert any(line.startswith("mappings") and "cache/mappings" in line for line in lines)
    assert any(line.startswith("to do  nothing: what is missing above") for line in lines)


def test_without_a_cache_it_says_so(cli, monkeypatch):
    monkeypatch.setenv("HWSIM_NO_CACHE", "1")
    document = json.loads(cli("doctor", "--json").out)
    assert [each["folder"] for each in document["caches"]] == [None, None]
    assert document["advice"] == [
        "nothing is kept between runs: unset HWSIM_NO_CACHE, or give the user a home"
    ]


def test_what_another_package_adds_and_cannot_be_loaded(cli, cache, monkeypatch):
    from importlib.metadata import EntryPoint

    broken = EntryPoint("lanes", "no_such_package.engine:Lanes", "hwsim.engines")
    fine = EntryPoint("counted", "collections:Counter", "hwsim.engines")
    monkeypatch.setattr(plugins, "registered", lambda group: {"a": broken, "b": fine})
    monkeypatch.setattr(plugins, "GROUPS", {"hwsim.engines": "engine"})
    outcome = cli("doctor", "--json")
    document = json.loads(outcome.out)
    assert outcome.code == 0
    assert [(each["name"], bool(each["problem"])) for each in document["plugins"]] == [
        ("lanes", True),
        ("counted", False),
    ]
    (advice,) = document["advice"]
    assert advice.startswith("engine 'lanes' (entry point 'no_such_package.engine:Lanes')")
