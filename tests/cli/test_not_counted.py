"""``run``, ``sweep``, ``export`` and ``show`` say in one line what was not counted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from hwsim.cli import app
from tests.networks.files import write_npz

LINE = "not counted: 1 bias, 1 look-up (embed.weight), 1 skipped by the user (a.kernel)"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    state = {
        "embed.weight": np.ones((9, 4)),
        "fc1.weight": np.eye(4),
        "fc1.bias": np.ones(4),
        "fc2.weight": np.ones((2, 4)),
        "a.kernel": np.ones((2, 2)),
        "b.kernel": np.ones((3, 4)),
    }
    return write_npz(tmp_path / "w.npz", state)


def _invoke(*arguments: object) -> tuple[int, str, str]:
    options = ["--skip", "a.kernel", "--take", "b.kernel", "--tokens", "fc?=3"]
    result = CliRunner().invoke(
        app, [*map(str, arguments), *options], env={"COLUMNS": "200"}, catch_exceptions=False
    )
    return result.exit_code, result.stdout, result.stderr


def test_run_says_it_and_the_manifest_lists_it(model: Path, tmp_path: Path) -> None:
    code, out, _ = _invoke("run", "--model", model, "--scheme", "dense", "-o", tmp_path / "run")
    assert code == 0
    assert f"         {LINE}\n" in out
    network = json.loads((tmp_path / "run" / "manifest.json").read_text())["network"]
    assert network["layers"] == ["fc1", "fc2", "b.kernel"]
    assert network["skipped"] == {"bias": 1, "look-up": 1, "skipped by the user": 1}
    assert network["uncounted"] == [
        {"name": "a.kernel", "shape": [2, 2], "reason": "skipped by the user", "macs": 0},
        {"name": "embed.weight", "shape": [9, 4], "reason": "look-up", "macs": 0},
        {"name": "fc1.bias", "shape": [4], "reason": "bias", "macs": 0},
    ]
    assert network["ordered"] is True


def test_sweep_says_it(model: Path) -> None:
    code, out, _ = _invoke("sweep", "--model", model, "--sparsity", "0,0.5")
    assert code == 0
    assert f" {LINE}\n" in out


def test_an_export_says_it_beside_its_output(model: Path, tmp_path: Path) -> None:
    code, out, err = _invoke("export", "npz", "--model", model, "-o", tmp_path / "q.npz")
    assert (code, err.splitlines()[-1]) == (0, LINE)
    assert LINE not in out


def test_show_says_it(model: Path) -> None:
    code, out, _ = _invoke("network", "show", model)
    assert code == 0
    assert f"{LINE}\n" in out
    assert ["fc1", "4x4", "3"] in [line.split()[:3] for line in out.splitlines()]
    assert out.endswith(
        "note: no topology: linear layers only, in the file's order, input vectors as stated\n"
    )


def test_nothing_is_said_of_a_file_of_layers_alone(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "w.npz", {"fc.weight": np.ones((2, 4))})
    result = CliRunner().invoke(app, ["run", "--model", str(path), "--scheme", "dense"])
    assert result.exit_code == 0
    assert "not counted" not in result.stdout
