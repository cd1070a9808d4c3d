import json
from pathlib import Path

import pandas as pd
import pytest

from hwsim.studies import load_run
from tests.arch.quick_search import quick_arch


def test_tables_on_standard_output(cli, model):
    result = cli("run", "--arch", "sigma", "--model", model)
    assert result.code == 0
    assert result.err == ""
    lines = result.out.splitlines()
    assert lines[0].startswith(f"network  tiny, 5 layers ({model}")
    assert sum(line.startswith("block.conv") for line in lines) == 2
    text = " ".join(lines)
    assert "the same cycles over the quantized layers (physical model, pJ)" in text
    assert (
        "binary against dense: this table cannot tell, it has no bit widths; the same cycles "
        "(STONNE's table (the paper's), unit not stated by its authors)" in text
    )
    assert "energy    physical model, pJ" in lines
    assert "energy    STONNE's table (the paper's), unit not stated by its authors" in lines
    assert not any(line.endswith(" ") for line in lines)


def test_every_option(cli, model, tmp_path):
    result = cli(
        *("run", "--arch", "sigma", "--model", model, "--set", "num_ms=64", "--set", "dn_bw=16"),
        *("--scheme", "dense", "--scheme", "signed-binary:p=0.25", "--scheme", "ternary"),
        *("--layers", "block.*", "--quantize-layers", "*.depthwise", "--energy", "stonne"),
        *("-o", tmp_path / "out"),
    )
    assert result.code == 0, result.err
    run = load_run(tmp_path / "out")
    assert run.schemes == ["dense", "signed-binary:p=0.25", "ternary"]
    assert set(run.layers["layer"]) == {"block.conv1", "block.conv2", "block.depthwise"}
    changed = run.layers[run.layers["scheme_applied"] != "dense"]
    assert set(changed["layer"]) == {"block.depthwise"}
    assert run.manifest["arch"]["overrides"] == {"num_ms": 64, "dn_bw": 16}
    assert run.manifest["command"].startswith("hwsim run --arch sigma --model ")


def test_files_of_a_run(cli, model, tmp_path):
    result = cli("run", "--model", model, "-o", tmp_path / "out")
    assert result.code == 0
    assert result.out.splitlines()[-1] == f"saved     {tmp_path / 'out'}"
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"summary.csv", "quantization.csv", "manifest.json", "energy.png"} < names
    assert names & {"results.parquet", "results.csv"}
    assert (tmp_path / "out" / "energy.png").read_bytes().startswith(b"\x89PNG")
    assert names & {"structures.parquet", "structures.csv"}
    assert len(pd.read_csv(tmp_path / "out" / "summary.csv")) == 30
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_one_json_document(cli, model):
    result = cli("run", "--model", model, "--json", "--layers", "fc")
    document = json.loads(result.out)
    assert document["manifest"]["network"]["name"] == "tiny"
    schemes = ["dense", "binary", "signed-binary"]
    assert [layer["scheme"] for layer in document["layers"]] == 2 * schemes
    assert [entry["table"] for entry in document["manifest"]["energy_tables"]] == [
        "physical",
        "stonne",
    ]
    assert len(document["headline"]) == 6
    assert result.err == ""


def test_trained_weights_are_used_as_they_are_and_reported_so(cli):
    digits = Path(__file__).parents[2] / "examples" / "digits"
    result = cli("run", "--model", digits / "signed-binary.npz", "--scheme", "signed-binary")
    assert result.code == 0, result.err
    assert "schemes  signed-binary: 3 layers trained" in result.out
    result = cli("run", "--model", digits / "float.npz")
    assert "signed-binary: 3 layers quantised after training" in result.out


def test_topology_and_input_size(cli, tmp_path):
    import numpy as np

    import hwsim

    network = hwsim.make_network("resnet20-cifar")
    arrays = {f"{layer.name}.weight": layer.weight for layer in network.layers}
    np.savez(tmp_path / "plain.npz", **arrays)
    result = cli(
        *("run", "--model", tmp_path / "plain.npz", "--topology", "resnet20-cifar"),
        *("--input-size", "16x24", "--layers", "conv1", "--scheme", "dense", "--json"),
    )
    assert result.code == 0, result.err
    assert json.loads(result.out)["layers"][0]["N"] == 16 * 24


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--arch", "sgma"], "unknown arch 'sgma'; did you mean 'sigma'?"),
        (["--scheme", "binry"], "unknown scheme 'binry'; did you mean 'binary'?"),
        (
            ["--scheme", "signed-binary:q=1"],
            "scheme 'signed-binary' has no parameter 'q'; known: delta, method, p, scale, seed, "
            "sign, sparsity",
        ),
        (
            ["--set", "num_m=64"],
            "arch 'sigma': unknown parameter 'num_m'; did you mean 'num_ms'?",
        ),
        (["--set", "num_ms=100"], "arch 'sigma': num_ms must be a power of two. Got 100"),
        (
            ["--set", "dn_bw=512"],
            "arch 'sigma': dn_bw must be at most num_ms (256). Got 512",
        ),
        (["--set", "num_ms"], "--set expects NAME=VALUE, e.g. num_ms=64. Got 'num_ms'"),
        (["--energy", "ston"], "unknown energy table 'ston'; did you mean 'stonne'?"),
        (["--layers", "fcc"], "no layer of tiny matches 'fcc'; did you mean 'fc'?"),
        (["--quantize-layers", "fcc"], "no layer of tiny matches 'fcc'; did you mean 'fc'?"),
        (
            ["--input-size", "big"],
            "--input-size 'big': expected ROWS or ROWSxCOLUMNS, e.g. 224 or 224x160",
        ),
    ],
)
def test_bad_input_is_one_line_and_exit_2(cli, model, arguments, message):
    result = cli("run", "--model", model, *arguments)
    assert (result.code, result.out, result.err) == (2, "", f"error: {message}\n")


def test_a_missing_file(cli, tmp_path):
    result = cli("run", "--model", tmp_path / "no.npz")
    assert (result.code, result.out) == (2, "")
    assert result.err == f"error: {tmp_path / 'no.npz'}: no such file\n"


def test_an_output_folder_that_cannot_be_is_found_out_before_the_work(cli, model):
    result = cli("run", "--model", model, "-o", model / "below")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"error: {model}: is a file, not a folder for results; choose another one\n"
    )


def test_weights_that_are_not_numbers(cli, tmp_path):
    import numpy as np

    weights = {"conv1.weight": np.full((4, 3, 3, 3), np.nan, np.float32)}
    np.savez(tmp_path / "nan.npz", **weights)
    result = cli("run", "--model", tmp_path / "nan.npz")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"error: {tmp_path / 'nan.npz'}: ")
    assert "conv1.weight" in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [
        ("run",),
        ("sweep", "--sparsity", "0,0.5"),
        *(("export", to, "-o", "out") for to in ("stonne", "accelergy")),
        ("export", "timeloop", "--arch", "simple-quick.yaml", "-o", "out"),
        ("export", "npz", "-o", "out.npz"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
@pytest.mark.parametrize(
    ("where", "note"),
    [
        (slice(None), "every weight is zero in block.conv1; was the right file exported?"),
        (
            [2, 5],
            "filters whose every weight is zero, counted as they are: block.conv1 (2 of 8)",
        ),
    ],
    ids=["layer", "filters"],
)
def test_what_is_dead_is_counted_and_named_by_every_command(
    cli, tmp_path, monkeypatch, command, where, note
):
    from hwsim.networks import save_network
    from tests.studies.networks import tiny_network

    monkeypatch.chdir(tmp_path)
    quick_arch(tmp_path, "simple")
    network = tiny_network()
    network.layers[1].weight[where] = 0
    save_network(network, tmp_path / "zeros.npz")
    result = cli(*command, "--model", "zeros.npz")
    assert result.code == 0, result.err
    assert note in " ".join((result.out + result.err).split())
