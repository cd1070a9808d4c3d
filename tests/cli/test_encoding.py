"""Whatever the terminal's encoding and whatever is in a name: the output prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hwsim.networks import save_network
from tests.cli.conftest import CHECKOUT
from tests.studies.networks import tiny_network

pytestmark = pytest.mark.outside

ASCII = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}


@pytest.fixture
def odd_names(tmp_path: Path) -> Path:
    """A network whose layers have names that ASCII lacks."""
    network = tiny_network()
    names = [f"größe×{n}…層" for n in range(len(network.layers))]
    layers = tuple(
        replace(layer, name=name) for layer, name in zip(network.layers, names, strict=True)
    )
    quantized = network.quantized_layers and tuple(names[1:-1])
    save_network(
        replace(network, name="Netz µ", layers=layers, quantized_layers=quantized),
        tmp_path / "odd.npz",
    )
    return tmp_path / "odd.npz"


#: Prints them all, one after the other, in one process: what matters is how its output is set up.
LISTINGS = """
import sys
from hwsim.cli import main
for line in (
    "network list", "arch list", "arch show sigma", "energy list", "energy show stonne",
    "energy diff stonne physical", "--help", "run --help",
):
    sys.argv = ["hwsim", *line.split()]
    try:
        main()
    except SystemExit as leave:
        assert not leave.code, line
"""


def test_listings_in_ascii() -> None:
    environment = {**os.environ, **ASCII, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-c", LISTINGS]
    result = subprocess.run(command, env=environment, capture_output=True, timeout=120)
    assert (result.returncode, result.stderr) == (0, b"")
    text = result.stdout.decode("ascii")
    for heading in ("resnet18", "sigma", "GLOBALBUFFER", "Usage: hwsim run"):
        assert heading in text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_reports_of_names_that_the_encoding_lacks(process, odd_names, encoding) -> None:
    environment = {**ASCII, "PYTHONIOENCODING": encoding}
    shown = ("network", "show", odd_names)
    ran = ("run", "--model", odd_names, "--energy", "stonne", "--scheme", "dense")
    for command in (shown, ran) if encoding == "ascii" else (shown,):
        result = process(*command, env=environment, encoding=encoding)
        assert result.code == 0, result.err
        if encoding == "ascii":
            assert "Netz u" in result.out
            assert "gr\\xf6\\xdfex0...\\u5c64" in result.out
        elif encoding == "utf-8":
            assert "größe×0…層" in result.out


def test_tables_have_ascii_lines_where_there_are_no_others(process) -> None:
    first, second, *_ = process("network", "list", env=ASCII).out.splitlines()
    assert set(first) == {"+", "-"}
    assert second.startswith("|topology")


def test_json_is_the_same_in_any_encoding(process, odd_names) -> None:
    ascii_, utf8 = (
        json.loads(process("network", "show", odd_names, "--json", env={**ASCII, **more}).out)
        for more in ({}, {"PYTHONIOENCODING": "utf-8"})
    )
    assert ascii_ == utf8


def test_a_file_name_whose_bytes_are_no_text(process, cli, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"w\xff.npz")
    save_network(replace(tiny_network(), name="w"), path)
    result = process("run", "--model", path, "-o", tmp_path / "out", errors="replace")
    assert result.code == 0, result.err
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["network"]["file"] == str(path)
    assert cli("energy", "sensitivity", tmp_path / "out").code == 0
