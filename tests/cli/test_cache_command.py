"""``hwsim cache`` and ``--no-cache``: what is kept, and that results do not depend on it."""

from __future__ import annotations

import json
import os
import re
import time

import pytest

from tests.cli.conftest import started
from tests.engines.timeloop.layers.small_layers import TINY, write

VERSION = r"0\.1\.0 \(code [0-9a-f]{8}\)"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setenv("HWSIM_NO_CACHE", "")
    monkeypatch.setenv("HWSIM_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("hwsim.engines.timeloop.layers._layer_mapping.MAPPINGS._found", {})
    return write(tmp_path, TINY.replace("budget: 600", "budget: 40"))


@pytest.fixture
def forget(monkeypatch):
    """Let the process forget what it has found, as a new one would."""

    def forgotten():
        monkeypatch.setattr("hwsim.engines.timeloop.layers._layer_mapping.MAPPINGS._found", {})

    return forgotten


def tables(text):
    """The results of a run, without the command and the time."""
    document = json.loads(text)
    document["manifest"] = {
        key: each for key, each in document["manifest"].items() if key not in ("date", "command")
    }
    return document


def test_results_are_equal_with_without_and_after_the_cache(
    cli, machine, model, forget, monkeypatch, tmp_path
):
    command = ("run", "--arch", machine, "--model", model, "--json")
    first = cli(*command)
    forget()
    second = cli(*command)
    forget()
    without = cli(*command, "--no-cache")
    monkeypatch.setenv("HWSIM_NO_CACHE", "")
    assert [each.code for each in (first, second, without)] == [0, 0, 0]
    assert tables(first.out) == tables(second.out) == tables(without.out)
    assert (first.err, without.err) == ("", "")
    note = rf"note: \d+ mappings from {tmp_path / 'cache'}; --no-cache searches\n"
    assert re.fullmatch(note, second.err)


@pytest.mark.parametrize(
    "command", ["run", "sweep", "explore", "check", "validate", "validate published", "gemm"]
)
def test_commands_that_search_take_the_option(cli, command):
    assert "--no-cache" in cli(*command.split(), "--help").out


def test_show_and_clear(cli, machine, model, tmp_path):
    assert cli("cache", "show").out.splitlines()[:2] == [
        f"folder    {tmp_path / 'cache' / 'mappings'}",
        "entries   0 of 32,768 at most, 0.0 KB",
    ]
    cli("run", "--arch", machine, "--model", model, "--scheme", "dense", "--json")
    shown = json.loads(cli("cache", "show", "--json").out)
    files = list((tmp_path / "cache" / "mappings").rglob("*.kept"))
    size = sum(path.stat().st_size for path in files)
    assert re.fullmatch(VERSION, shown["version"])
    assert shown == {
        "folder": str(tmp_path / "cache" / "mappings"),
        "version": shown["version"],
        "entries": len(files),
        "bytes": size,
        "most_entries": 32768,
        "kept": [
            {
                "machine": "tiny",
                "version": shown["version"],
                "entries": len(files),
                "size": size,
            }
        ],
        "last_use": shown["last_use"],
    }
    text = cli("cache", "show").out
    assert f"version   {shown['version']}\n" in text
    assert re.search(rf"tiny +{VERSION} +{len(files)} +{size / 1024:.1f} KB", text)
    assert cli("cache", "clear", "--older-than", "1 h").out == "removed   0 entries, 0.0 KB\n"
    for path in files[:1]:
        os.utime(path, (time.time() - 3700,) * 2)
    assert cli("cache", "clear", "--older-than", "1h").out.startswith("removed   1 entries, ")
    assert cli("cache", "clear").out.startswith(f"removed   {len(files) - 1} entries, ")
    assert list((tmp_path / "cache").rglob("*.kept")) == []


def test_the_last_use_is_shown(cli, machine, model, forget, monkeypatch):
    command = ("run", "--arch", machine, "--model", model, "--scheme", "dense", "--json")
    assert json.loads(cli("cache", "show", "--json").out)["last_use"] is None
    cli(*command)
    first = json.loads(cli("cache", "show", "--json").out)["last_use"]
    assert first["command"] == f"hwsim {' '.join(map(str, command))}"
    assert first["found"] > 0 == first["taken"]
    forget()
    cli(*command)
    cli(*command, "--no-cache")  # leaves the cache alone
    monkeypatch.setenv("HWSIM_NO_CACHE", "")
    second = json.loads(cli("cache", "show", "--json").out)["last_use"]
    assert (second["taken"], second["found"]) == (first["found"], 0)
    line = rf"last use  {first['found']} mappings from here, 0 searched: hwsim run .+\(20.+ UTC\)"
    assert re.search(line, cli("cache", "show").out)
    cli("cache", "clear")
    assert json.loads(cli("cache", "show", "--json").out)["last_use"] is None


def test_what_another_version_has_kept_is_no_more_used(cli, machine, model, monkeypatch):
    cli("run", "--arch", machine, "--model", model, "--scheme", "dense", "--json")
    monkeypatch.setattr("hwsim.engines.timeloop.layers.kept_mappings._code", lambda: "another")
    assert re.search(rf"tiny +{VERSION}, no more used ", cli("cache", "show").out)


def test_off_is_shown(cli, monkeypatch):
    monkeypatch.setenv("HWSIM_NO_CACHE", "1")
    assert cli("cache", "show").out.startswith("folder    none: HWSIM_NO_CACHE is set\n")
    assert json.loads(cli("cache", "show", "--json").out)["folder"] is None


def test_a_time_that_is_none_is_refused(cli):
    refused = cli("cache", "clear", "--older-than", "30")
    assert (refused.code, refused.err) == (
        2,
        "error: --older-than: should be a positive number and its unit (min or h or d). Got '30'\n",
    )


def test_a_folder_that_cannot_be_written_is_one_note(cli, machine, model, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("hwsim.engines.timeloop.layers.kept_mappings.KEPT_MAPPINGS._warned", False)
    monkeypatch.setenv("HWSIM_CACHE_DIR", str(tmp_path / "file"))
    done = cli("run", "--arch", machine, "--model", model, "--json")
    assert done.code == 0
    assert done.err == (
        f"note: {tmp_path / 'file'}: mappings cannot be kept for the next run: Not a directory; "
        "HWSIM_CACHE_DIR names another folder, HWSIM_NO_CACHE=1 keeps none\n"
    )


@pytest.mark.outside
def test_two_runs_at_once_and_one_that_is_killed(process, machine, model, tmp_path):
    """Both write what both find; the next run takes it, whoever of them has been killed."""
    command = ("run", "--arch", machine, "--model", model, "--json")
    alone = process(*command, "--no-cache")
    with started(*command) as killed, started(*command) as other:
        while not list((tmp_path / "cache").rglob("*.kept")):
            assert killed.poll() is None or other.poll() is None
            time.sleep(0.01)
        killed.kill()
        out, _ = other.communicate(timeout=60)
    after = process(*command)
    assert tables(out) == tables(after.out) == tables(alone.out)
    assert "mappings from" in after.err
