"""``hwsim network``, as a user meets it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from hwsim.cli import app
from hwsim.networks import load_network, make_network, save_network
from tests.networks.files import cifar_state, write_npz, write_topology
from tests.networks.test_network import EVERY_KIND


def _run(*arguments: object, columns: int = 80) -> tuple[int, str, str]:
    environment = {"COLUMNS": str(columns)}
    result = CliRunner().invoke(app, ["network", *map(str, arguments)], env=environment)
    return result.exit_code, result.stdout, result.stderr


def test_make_writes_what_the_library_makes(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    code, out, err = _run(
        "make", "resnet20-cifar", "-o", path, "--distribution", "gaussian", "--seed", 3,
        "--input-size", "40x33",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert out == (
        f"{path}: resnet20-cifar, 20 layers, 268,336 weights\n"
        "note: weights drawn at random, not trained (gaussian, seed 3)\n"
    )
    expected = tmp_path / "expected.npz"
    save_network(make_network("resnet20-cifar", "gaussian", 3, (40, 33)), expected)
    assert path.read_bytes() == expected.read_bytes()


def test_make_from_a_topology_file(tmp_path: Path) -> None:
    code, _, _ = _run("make", write_topology(tmp_path), "-o", tmp_path / "w.npz")
    assert code == 0
    assert load_network(tmp_path / "w.npz").name == "tiny"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resnet81",), "no topology is named 'resnet81'; did you mean 'resnet18'?"),
        (
            ("resnet20-cifar", "--distribution", "laplac"),
            "no distribution 'laplac'; did you mean 'laplace'?",
        ),
        (
            ("resnet20-cifar", "--seed", "-1"),
            "seed: expected a whole number from 0 to 4294967295. Got -1",
        ),
        (
            ("resnet20-cifar", "--input-size", "0x3"),
            "--input-size '0x3': expected ROWS or ROWSxCOLUMNS, e.g. 224 or 224x160",
        ),
    ],
)
def test_make_with_wrong_arguments(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    assert _run("make", *arguments, "-o", tmp_path / "w.npz") == (2, "", f"error: {message}\n")
    assert list(tmp_path.iterdir()) == []


def test_show_a_plain_file(tmp_path: Path) -> None:
    state = {
        "stem.weight": np.arange(108).reshape(4, 3, 3, 3) % 3,
        "block.conv.weight": np.zeros((6, 2, 3, 3)),
        "block.shortcut.weight": np.linspace(0, 1, 24).reshape(6, 4, 1, 1),
        "fc.weight": np.ones((5, 6)),
        "fc.bias": np.ones(5),
    }
    path = write_npz(tmp_path / "w.npz", state)
    code, out, err = _run("show", path, "--topology", write_topology(tmp_path))
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[1:2] + lines[3:7] + lines[8:9] == [
        "layer weights output MMACs zeros % unique",
        "stem 4x3x3x3 9x9 0.01 33.3 3",
        "block.conv 6x2x3x3 2x2 0.00 100.0 1",
        "block.shortcut 6x4x1x1 2x2 0.00 4.2 24",
        "fc 5x6 1 0.00 0.0 1",
        "total 270 0.01 53.7",
    ]
    assert out.endswith(
        f"network: w, geometry: tiny\nfile: {path}\nsha256: {_sha256(path)}\nnot counted: 1 bias\n"
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_show_says_that_weights_are_random(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    save_network(make_network("resnet20-cifar"), path)
    code, out, _ = _run("show", path)
    assert code == 0
    assert out.endswith(
        "not counted: nothing\nnote: weights drawn at random, not trained (laplace, seed 0)\n"
    )


def test_show_as_json(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "w.npz", {**cifar_state(), "bn.running_mean": np.ones(3)})
    code, out, err = _run("show", path, "--json", "--input-size", "33")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["topology"] == "resnet20-cifar"
    assert document["sha256"] == _sha256(path)
    assert document["skipped"] == {"running statistics": 1}
    assert document["totals"] == {
        "layers": 20,
        "weights": 268_336,
        "zeros": 0,
        "macs": sum(layer.macs for layer in load_network(path, input_size=33).layers),
    }
    first, last = document["layers"][0], document["layers"][-1]
    assert first == {
        "name": "conv1",
        "kind": "conv",
        "shape": [16, 3, 3, 3],
        "stride": [1, 1],
        "padding": [1, 1],
        "padding_end": [1, 1],
        "dilation": [1, 1],
        "groups": 1,
        "input_size": [33, 33],
        "output_size": [33, 33],
        "images": 1,
        "macs": 432 * 33 * 33,
        "weights": 432,
        "zeros": 0,
        "unique_values": 432,
        "unique_limit": 1000,
        "input_density": None,
        "input_density_by_channel": None,
        "input_masks": 0,
    }
    assert last["name"] == "linear"
    assert last["vectors"] == 1
    assert document["layers"][1]["unique_values"] is None


def test_show_tells_products_images_and_measured_inputs(tmp_path: Path) -> None:
    path = tmp_path / "every.npz"
    save_network(EVERY_KIND, path)
    code, out, _ = _run("show", path)
    assert code == 0
    rows = [line.split() for line in out.splitlines()]
    assert ["conv", "4x2x3x1", "6x12", "x6", "0.01", "0.0", "1", "25.0"] in rows
    assert ["heads", "product", "11x7", "x2", "0.00"] in rows
    assert ["fc", "2x5", "4", "0.00", "0.0", "1", "100.0"] in rows
    assert ["total", "34", "0.01", "0.0"] in rows
    _, out, _ = _run("show", path, "--json")
    conv, heads, fc = json.loads(out)["layers"]
    assert conv["padding_end"] == [2, 3]
    assert conv["images"] == 6
    assert (conv["input_density"], fc["input_density"]) == (0.25, 1.0)
    assert conv["input_density_by_channel"] == [0.5, 0.0, 0.25, 0.25]
    assert heads == {
        "name": "heads",
        "kind": "product",
        "shape": [14, 3],
        "vectors": 11,
        "groups": 2,
        "macs": 462,
        "weights": 0,
        "zeros": 0,
        "unique_values": 0,
        "unique_limit": 1000,
        "input_density": None,
        "input_density_by_channel": None,
        "input_masks": 0,
    }


def test_show_of_a_wrong_file(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    assert _run("show", path) == (2, "", f"error: {path}: no such file\n")
    path.write_bytes(b"hello")
    assert _run("show", path, "--json") == (
        2,
        "",
        f"error: {path}: not an .npz file, or damaged or truncated: File is not a zip file\n",
    )


def test_list(tmp_path: Path) -> None:
    code, out, err = _run("list")
    assert (code, err) == (0, "")
    assert "resnet18 224x224 21 11.68 1,814.1" in [" ".join(x.split()) for x in out.splitlines()]
    code, out, _ = _run("list", "--json")
    entry = next(e for e in json.loads(out)["topologies"] if e["name"] == "vgg16")
    assert entry["input_size"] == [224, 224]
    assert (entry["layers"], entry["weights"], entry["macs"]) == (16, 138_344_128, 15_470_264_320)
    assert "arXiv 1409.1556" in entry["source"]


@pytest.mark.outside
def test_a_real_process(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    package = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(package), "COLUMNS": "80"}

    def hwsim(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hwsim", "network", *arguments],
            capture_output=True, text=True, cwd=tmp_path, env=environment, check=False,
        )  # fmt: skip

    assert hwsim("make", "mobilenet_v2", "-o", "w.npz").returncode == 0
    shown = hwsim("show", "w.npz")
    assert shown.returncode == 0
    assert "features.1.conv.0.0" in shown.stdout
    path.write_bytes(path.read_bytes()[:1000])
    broken = hwsim("show", "w.npz")
    assert (broken.returncode, broken.stdout) == (2, "")
    assert broken.stderr == (
        "error: w.npz: not an .npz file, or damaged or truncated: File is not a zip file\n"
    )
    assert [file.name for file in tmp_path.iterdir()] == ["w.npz"]


def test_a_name_in_brackets_is_shown_as_it_is(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "w.npz", {"[bold]fc.weight": np.ones((2, 2))})
    _, out, _ = _run("show", path)
    assert "[bold]fc" in out


def test_tables_fit_80_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwsim.cli.output._PIPE_WIDTH", 80)
    name = "encoder.layers.encoder_layer_11.self_attention.out_proj"
    path = write_npz(tmp_path / "w.npz", {f"{name}.weight": np.zeros((3072, 1024), np.int8)})
    _, out, _ = _run("show", path)
    table = out[: out.index("network:")]
    assert max(map(len, table.splitlines())) <= 80
    assert "…" not in table
    assert name in "".join(line[1:40].split(" ")[0] for line in table.splitlines())
