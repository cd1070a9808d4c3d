import csv
import os
import subprocess
import tomllib

import numpy as np
import pytest

import hwsim
from hwsim.engines.stonne.files import read_result
from tests.engines.programs import stand_ins
from tests.engines.stonne.program.stand_ins import STAND_IN


@pytest.fixture
def exported(cli, model, tmp_path):
    result = cli(
        *("export", "stonne", "--model", model, "--scheme", "signed-binary", "--columns", "3"),
        *("--set", "num_ms=32", "-o", tmp_path / "out"),
    )
    assert result.code == 0, result.err
    assert result.out.splitlines() == [
        "5 layers under signed-binary for STONNE",
        f"saved     {tmp_path / 'out'} (README.md says how to use it)",
    ]
    return tmp_path / "out"


def rows(folder):
    with (folder / "layers.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_what_is_in_the_folder(exported):
    assert {entry.name for entry in exported.iterdir()} == {
        *("stem", "block.conv1", "block.conv2", "block.depthwise", "fc"),
        *("README.md", "layers.csv", "run.sh", "run_layer.cpp", "run_operands.sh"),
    }
    assert {entry.name for entry in (exported / "stem").iterdir()} == {
        "stonne.cfg",
        *(f"{side}_{form}" for side in ("mk", "kn") for form in ("dense.f32", "bitmap.u32")),
        *("mk_compressed.f32", "kn_compressed.f32"),
    }
    config = tomllib.loads((exported / "fc" / "stonne.cfg").read_text())
    assert config["MSNetwork"]["ms_size"] == 32
    readme = (exported / "README.md").read_text()
    assert "Written by hwsim for sigma (num_ms=32)." in readme
    assert "<!--" not in readme
    assert "own operands" in readme


def test_the_table_of_layers(exported):
    by_layer = {row["layer"]: row for row in rows(exported)}
    depthwise = by_layer["block.depthwise"]
    assert [depthwise[key] for key in ("groups", "M", "K", "N")] == ["8", "1", "9", "3"]
    assert by_layer["fc"]["dataflow"] == "MK_STR_KN_STA"
    assert by_layer["stem"]["scheme"] == "dense"
    assert by_layer["block.conv1"]["scheme"] == "signed-binary"
    assert by_layer["block.conv1"]["origin"] == "quantised after training"


def test_the_weights_are_the_quantised_ones(exported, model):
    quantized = hwsim.quantize(hwsim.load_network(model), "signed-binary")
    for layer in quantized.layers:
        side = "mk" if layer.layer.kind == "conv" else "kn"
        dense = np.fromfile(exported / layer.layer.name / f"{side}_dense.f32", "<f4")
        weights = layer.values if side == "mk" else layer.values.T
        np.testing.assert_array_equal(dense, np.asarray(weights, np.float32).ravel())


@pytest.mark.outside
def test_the_script_runs_a_program_for_every_layer(exported, tmp_path):
    stonne = stand_ins.program(tmp_path, STAND_IN)
    done = subprocess.run(
        [exported / "run.sh"],
        cwd="/",
        env={**os.environ, "STONNE": str(stonne)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for row in rows(exported):
        activity = read_result(exported / row["folder"])
        assert activity.macs == int(row["M"]) * int(row["K"]) * int(row["N"])


def test_without_operands(cli, model, tmp_path):
    result = cli("export", "stonne", "--model", model, "--no-operands", "-o", tmp_path / "out")
    assert result.code == 0
    assert [entry.name for entry in (tmp_path / "out" / "fc").iterdir()] == ["stonne.cfg"]
    assert "run_layer.cpp" not in {entry.name for entry in (tmp_path / "out").iterdir()}
    assert "own operands" not in (tmp_path / "out" / "README.md").read_text()


def test_a_folder_that_is_not_empty_is_refused_and_left_alone(cli, model, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    result = cli("export", "stonne", "--model", model, "-o", tmp_path / "out")
    assert result.code == 2
    assert result.err == (
        f"error: {tmp_path / 'out'}: is not empty; exports go into a new or empty folder\n"
    )
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--scheme", "signed_binry"), "unknown scheme 'signed-binry'"),
        (("--layers", "blok.*"), "no layer of tiny matches 'blok.*'"),
        (("--set", "num_ms=7"), "num_ms"),
        (("--columns", "0"), "Invalid value for '--columns'"),
    ],
)
def test_bad_input_leaves_nothing(cli, model, tmp_path, options, message):
    result = cli("export", "stonne", "--model", model, "-o", tmp_path / "out", *options)
    assert result.code == 2
    assert message in result.err
    assert not (tmp_path / "out").exists()


def test_npz(cli, model, tmp_path):
    file = tmp_path / "quantised.npz"
    result = cli("export", "npz", "--model", model, "--scheme", "signed-binary", "-o", file)
    assert result.code == 0, result.err
    assert result.out.splitlines() == ["5 layers under signed-binary", f"saved     {file}"]
    quantized = hwsim.quantize(hwsim.load_network(model), "signed-binary")
    again = hwsim.load_network(file)
    for written, layer in zip(again.layers, quantized.layers, strict=True):
        assert written.name == layer.layer.name
        assert written.weight.dtype == np.float32
        np.testing.assert_array_equal(written.weight, np.asarray(layer.values, np.float32))
        assert written.groups == layer.layer.groups
    assert again.notes[-1] == (
        "weights written by hwsim under the scheme signed-binary (2 quantised after training)"
    )
    with np.load(file, allow_pickle=False) as arrays:
        assert arrays["block.conv1.weight"].shape == (8, 8, 3, 3)


def test_npz_with_another_ending(cli, model, tmp_path):
    result = cli("export", "npz", "--model", model, "-o", tmp_path / "weights.txt")
    assert result.code == 2
    assert "choose a name ending in .npz" in result.err
