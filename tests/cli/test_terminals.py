"""Streams, terminals and environments as they may be, and names that speak to them."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from rich.text import Text

from hwsim.cli.encoding import PlainStream
from hwsim.cli.output import print_report
from hwsim.networks import save_network
from tests.cli.conftest import CHECKOUT
from tests.studies.networks import tiny_network

pytestmark = pytest.mark.outside

RED = "\x1b[31m[/bold]=1+1"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def loud(tmp_path):
    """A network whose layers have names that colour a terminal and are markup."""
    network = tiny_network()
    layers = (replace(network.layers[-1], name=f"=fc{RED}"),)
    path = tmp_path / "loud.npz"
    save_network(replace(network, name=f"net{RED}", layers=layers, quantized_layers=()), path)
    return path


def test_names_never_speak_to_the_terminal(cli, loud):
    for command in (("network", "show", loud), ("run", "--model", loud, "--energy", "stonne")):
        result = cli(*command)
        assert result.code == 0, result.err
        assert r"\x1b[31m" in result.out
        assert "\x1b" not in result.out


def test_nor_where_colours_are(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", PlainStream(screen))
    monkeypatch.setenv("TERM", "xterm")
    print_report(Text(RED, style="bold"))
    print(RED)
    first, second, _ = screen.getvalue().split("\n")
    assert first == "\x1b[1m" + r"\x1b[31m[/bold]=1+1" + "\x1b[0m"
    assert second == r"\x1b[31m[/bold]=1+1"


def test_nor_does_a_message(cli):
    result = cli("run", "--model", f"{RED}.npz")
    assert result.code == 2
    assert result.err == r"error: \x1b[31m[/bold]=1+1.npz: no such file" + "\n"


def test_names_in_tables_are_no_formulas(cli, loud, tmp_path):
    out = tmp_path / "out"
    assert cli("run", "--model", loud, "--energy", "stonne", "-o", out).code == 0
    assert f"'=fc{RED}" in (out / "summary.csv").read_text()
    shown = cli("energy", "sensitivity", out)
    assert shown.code == 0, shown.err


def test_a_run_in_an_odd_environment(process, model, tmp_path):
    """No home, a backend that is none, a terminal of one column, a folder that is no text."""
    environment = {
        "MPLBACKEND": "nonsense",
        "COLUMNS": "1",
        "HOME": "/nonexistent",
        "XDG_CACHE_HOME": "/proc/nowhere",
        "HWSIM_NO_CACHE": "0",
    }
    folder = tmp_path / os.fsdecode(b"\xff")
    result = process("run", "--model", model, "--energy", "stonne", "-o", folder, env=environment)
    assert (result.code, result.err) == (0, "")
    assert (folder / "energy.png").is_file()


@pytest.mark.parametrize(
    ("command", "code"), [("network list >&- 2>&-", 0), ("run --model none.npz 2>&-", 2)]
)
def test_streams_that_are_closed(command, code):
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {sys.executable} -m hwsim {command}"],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        timeout=120,
    )
    assert done.returncode == code
