"""``hwsim run --equal-area``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwsim.networks import save_network
from tests.studies.networks import tiny_network


@pytest.fixture
def model(tmp_path: Path) -> Path:
    file = tmp_path / "tiny.npz"
    save_network(tiny_network(), file)
    return file


def test_it_is_printed_as_json_and_saved(cli, model: Path, tmp_path: Path) -> None:
    asked = ("run", "--model", model, "--equal-area", "--set", "num_ms=32")
    done = cli(*asked, "--quantize-layers", "block.conv1", "--json", "-o", tmp_path / "out")
    assert (done.code, done.err) == (0, "")
    printed = json.loads(done.out)
    assert [each["units"] for each in printed["machines"]] == [32, 64, 32]
    assert len(printed["manifest"]["equal_area"]["left_out"]) == 4
    assert (tmp_path / "out" / "machines.csv").is_file()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--arch", "eyeriss_v2_pe"), "arch 'eyeriss_v2_pe': the spec does not say how"),
        (("--energy", "stonne"), "energy table 'stonne': its components are as large"),
        (("--scheme", "binary"), "equal area is the dense machine's: add the scheme dense"),
    ],
)
def test_what_has_no_equal_area_ends_with_2(cli, model: Path, options, said: str) -> None:
    done = cli("run", "--model", model, "--equal-area", *options)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {said}")
    assert done.err.count("\n") == 1
