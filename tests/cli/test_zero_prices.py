"""A table may price everything at nothing: then nothing is a ratio, and nothing crashes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hwsim.networks import save_network
from tests.studies.networks import tiny_network

STONNE = Path(__file__).parents[2] / "hwsim" / "energy" / "tables" / "stonne.yaml"


@pytest.fixture
def free(tmp_path: Path) -> tuple[Path, Path]:
    text = re.sub(r"value: [0-9.e+-]+", "value: 0", STONNE.read_text())
    text = re.sub(r"unit: null\nunit_note:[^\n]*", "unit: pJ", text, count=1)
    (tmp_path / "free.yaml").write_text(text.replace("name: stonne", "name: free"))
    save_network(tiny_network(), tmp_path / "tiny.npz")
    return tmp_path / "tiny.npz", tmp_path / "free.yaml"


def test_a_run_and_its_json(cli, free) -> None:
    model, table = free
    result = cli("run", "--model", model, "--energy", table, "-o", model.parent / "out")
    assert result.code == 0, result.err
    assert not re.search(r"\b(nan|inf)\b", result.out)
    text = cli("run", "--model", model, "--energy", table, "--json").out
    assert not re.search(r"NaN|Infinity", text)
    document = json.loads(text)
    assert {row["tops_per_w"] for row in document["efficiency"]} == {None}
    assert {row["energy_ratio"] for row in document["totals"]} == {None}


def test_nothing_to_vary(cli, free) -> None:
    model, table = free
    cli("run", "--model", model, "--energy", table, "-o", model.parent / "out")
    result = cli("energy", "sensitivity", model.parent / "out")
    assert (result.code, result.out, result.err) == (
        2,
        "",
        "error: energy table 'free': the energy of a scheme is 0, so there is no ratio to vary\n",
    )


def test_a_comparison_of_tables(cli, free) -> None:
    result = cli("energy", "diff", free[1], "stonne")
    assert result.code == 0, result.err
    assert not re.search(r"\b(nan|inf)\b", result.out)
