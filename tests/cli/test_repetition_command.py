import json

import numpy as np
import pytest


@pytest.fixture
def model(tmp_path):
    rng = np.random.default_rng(0)
    file = tmp_path / "small.npz"
    np.savez(file, **{f"fc{n}.weight": rng.normal(size=(8, 300)) for n in range(3)})
    return file


def test_report_and_folder(cli, model, tmp_path):
    arguments = ("--model", model, "--scheme", "binary", "--scheme", "ternary", "--tile", "9xK")
    result = cli("repetition", *arguments, "-o", tmp_path / "out")
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert lines[0].split() == ["network", "small"]
    assert sum("9xK is larger than fc1: 8x300 there" in line for line in lines) == 1
    at = next(n for n, line in enumerate(lines) if line.startswith("fc1"))
    assert lines[at].split()[:2] == ["fc1", "1.000"]
    assert lines[at + 1].split()[:2] == ["0.0%", "8xK"]
    table = {line.split(",")[0] for line in (tmp_path / "out/totals.csv").read_text().splitlines()}
    assert table == {"scheme", "binary", "ternary"}
    assert (tmp_path / "out/repetition.png").stat().st_size > 10_000


def test_json(cli, model):
    result = cli("repetition", "--model", model, "--scheme", "binary", "--tile", "2x60", "--json")
    document = json.loads(result.out)
    assert {row["G"] for row in document["layers"]} == {0, 2}
    assert document["manifest"]["tiles"] == [[2, 60]]


def test_a_tile_that_is_none(cli, model):
    result = cli("repetition", "--model", model, "--tile", "8")
    assert (result.code, result.out) == (2, "")
    assert "--tile '8': expected FILTERSxPOSITIONS" in result.err
