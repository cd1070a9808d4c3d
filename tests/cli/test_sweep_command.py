import json

import pandas as pd
import pytest


def test_table_files_and_exit_code(cli, model, tmp_path):
    result = cli("sweep", "--model", model, "--sparsity", "0:0.9:0.3", "-o", tmp_path / "out")
    assert result.code == 0, result.err
    assert "pruned   2 layers, random zeros, seed 0" in result.out
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "manifest.json",
        "summary.csv",
        "sweep.csv",
        "sweep.png",
    ]
    table = pd.read_csv(tmp_path / "out" / "sweep.csv")
    assert table["sparsity"].tolist() == [0, 0.3, 0.6, 0.9]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["command"].startswith("hwsim sweep --model ")


def test_a_requirement_that_holds(cli, model):
    result = cli(
        "sweep", "--model", model, "--sparsity", "0", "--require", "energy_ratio>=1.05@0.65"
    )
    assert (result.code, result.err) == (0, "")


def test_requirements_that_fail_are_named_and_exit_1(cli, model, tmp_path):
    result = cli(
        *("sweep", "--model", model, "--sparsity", "0.5", "-o", tmp_path / "out", "--json"),
        *("--require", "energy_ratio>=99@0.65", "--require", "cycles>=1"),
    )
    assert result.code == 1
    document = json.loads(result.out)
    assert [level["sparsity"] for level in document["levels"]] == [0.5, 0.65]
    ratio = document["levels"][1]["energy_ratio"]
    failure = f"energy_ratio>=99@0.65: energy_ratio is {ratio:.4g} at sparsity 0.65"
    assert document["failures"] == [failure]
    assert result.err == f"requirement failed: {failure}\n"
    assert (tmp_path / "out" / "sweep.csv").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--sparsity", "0:1"],
            "sparsity '0:1': expected a level or START:STOP:STEP, e.g. 0:0.9:0.1",
        ),
        (
            ["--require", "enery_ratio>=1"],
            "requirement 'enery_ratio>=1': unknown metric 'enery_ratio'; "
            "did you mean 'energy_ratio'?",
        ),
        (
            ["--method", "best"],
            "scheme 'pruned': method must be one of magnitude, random. Got best",
        ),
    ],
)
def test_bad_input_is_one_line_and_exit_2(cli, model, arguments, message):
    result = cli("sweep", "--model", model, *arguments)
    assert (result.code, result.out, result.err) == (2, "", f"error: {message}\n")


def test_several_values_are_a_study(cli, model, tmp_path):
    store = tmp_path / "x.db"
    asked = (
        *("sweep", "--model", model, "--sparsity", "0.5,0.75", "--arch", "sigma"),
        *("--scheme", "pruned,ternary", "--set", "num_ms=64,128", "--store", store),
        *("--workers", "1"),
    )
    result = cli(*asked, "--dry-run")
    assert result.code == 0, result.err
    assert result.out.splitlines()[0] == "points  10"
    assert not store.exists()
    result = cli(*asked, "-o", tmp_path / "out", "--log", tmp_path / "log")
    assert result.code == 0, result.err
    assert f"kept      {store}" in result.out
    assert "study     sweep of tiny on sigma, last run" in result.out
    points = pd.read_csv(tmp_path / "out" / "points.csv")
    assert points["scheme"].tolist() == 2 * ["dense", "pruned", "pruned", "ternary", "ternary"]
    assert (points["energy_ratio"] >= 1).all()
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"layers.csv", "manifest.json", "sweep.png", "break_even.csv"} <= names
    layers = len(pd.read_csv(tmp_path / "out" / "layers.csv"))
    assert len((tmp_path / "log").read_text().splitlines()) == layers
    again = cli(*asked, "--dry-run", "--json")
    assert json.loads(again.out)["known"] == json.loads(again.out)["tasks"]


def test_what_a_study_cannot_take(cli, model):
    asked = ("sweep", "--model", model, "--arch", "sigma,stc", "--require", "cycles>=1")
    result = cli(*asked)
    assert (result.code, result.err.split(";")[0]) == (
        2,
        "error: --require is for a sweep of one machine",
    )
    result = cli("sweep", "--model", model, "--seed", "x")
    assert (result.code, result.err) == (
        2,
        "error: --seed 'x': expected a whole number, 0 or more\n",
    )


def test_certificates_without_a_scheduler_are_refused(cli, model):
    result = cli("sweep", "--model", model, "--sparsity", "0.5", "--tls", "a,b,c")
    assert (result.code, result.out) == (2, "")
    assert "--tls: expected CA,CERT,KEY, three files, beside a --scheduler" in result.err
