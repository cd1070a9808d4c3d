"""``hwsim run --energy a,b`` and ``hwsim energy sensitivity`` from end to end."""

import json
import re

import pytest

TABLE = """\
schema: 1
name: mine
title: Mine
version: "1"
unit: pJ
area_unit: um2
sources: {paper: a paper}
components:
  ADDER:
    source: paper
    actions:
      ADD_2_1: {value: 1}
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    from hwsim.networks import save_network
    from tests.studies.networks import tiny_network

    path = tmp_path_factory.mktemp("models") / "tiny.npz"
    save_network(tiny_network(), path)
    return path


def test_two_tables_side_by_side(cli, model, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    folder = tmp_path / "out"
    result = cli("run", "--model", model, "--energy", "stonne,physical", "-o", folder)
    assert result.code == 0, result.err
    text = " ".join(result.out.split())
    assert "stonne physical cycles ratio ratio" in text
    assert (
        "binary against dense: this table cannot tell, it has no bit widths; the same cycles "
        "(STONNE's table (the paper's), unit not stated" in text
    )
    assert "the same energy" not in text
    assert re.search(
        r"binary against dense: 1\.\d\dx less energy \(1\.\d\dx to \d\.\d\dx\) and the same cycles",
        text,
    )
    assert "(physical model, pJ)" in text
    assert "energy (physical) by operand" in text
    assert "weights, DRAM" in text
    assert "TOPS/W TOPS/W TOPS/W" in text
    assert "with DRAM with DRAM on chip" in text
    assert "node 28 nm, clock 500 MHz, weights int8, activations int8" in text
    assert "DRAM is not included" in text
    assert "DRAM is included" in text
    assert {"energy.png", "energy-physical.png"} <= {file.name for file in folder.iterdir()}

    result = cli("energy", "sensitivity", folder)
    assert result.code == 0, result.err
    assert "energy table stonne: dense / scheme is signed-binary 1." in result.out
    assert "stonne: this table cannot tell binary from dense, it has no bit widths" in result.out
    assert "energy table physical: dense / scheme is binary 1." in result.out

    result = cli("energy", "sensitivity", folder, "--json")
    tables = json.loads(result.out)["energy_tables"]
    assert [table["energy_table"] for table in tables] == ["stonne", "physical"]


def test_one_table_as_before(cli, model):
    result = cli("run", "--model", model, "--energy", "stonne")
    assert result.code == 0
    assert "clock 500 MHz" not in result.out  # the table does not depend on it
    assert "by operand" not in result.out


def test_node_and_clock_from_the_command_line(cli, model):
    result = cli(
        *("run", "--model", model, "--energy", "physical", "--json"),
        *("--set", "node=45nm", "--set", "clock=1 GHz"),
    )
    document = json.loads(result.out)
    assert document["manifest"]["arch"]["overrides"] == {"node": "45nm", "clock": "1 GHz"}
    default = json.loads(cli("run", "--model", model, "--energy", "physical", "--json").out)
    energy = [each["totals"][0]["energy"] for each in (document, default)]
    assert energy[0] > 1.2 * energy[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--set", "node=90nm"), "node 90 nm: energies are known from 7 nm to 65 nm"),
        (("--set", "clock=fast"), "arch 'sigma': clock should be a positive number and its unit"),
        (("--set", "dram=DDR9"), "arch 'sigma': dram should be a kind of DRAM. Got 'DDR9'"),
    ],
)
def test_bad_settings_get_one_line(cli, model, arguments, message):
    result = cli("run", "--model", model, "--energy", "physical", *arguments)
    assert result.code == 2
    assert result.err.startswith(f"error: {message}")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("unit: pJ\n", "unit: nJ\n", ", line 5: unit: should be 'pJ'. Got 'nJ'"),
        ("unit: pJ\n", "", ", line 1: unit: missing; this key is required"),
        (
            "{value: 1}",
            "{value: -1}",
            ", line 12: components.ADDER.actions.ADD_2_1.value: should be greater than or equal to "
            "0. Got -1",
        ),
        ("schema: 1", "schema: 7", ", line 1: schema: should be 1. Got 7"),
        (
            "    source: paper\n",
            "",
            ", line 11: components.ADDER.actions.ADD_2_1: has no source; name one of the table's "
            "sources",
        ),
    ],
)
def test_a_bad_table_gets_one_line_with_file_line_and_key(
    cli, model, tmp_path, before, after, message
):
    path = tmp_path / "mine.yaml"
    path.write_text(TABLE.replace(before, after, 1))
    result = cli("run", "--model", model, "--energy", path)
    assert (result.code, result.err) == (2, f"error: {path}{message}\n")


def test_a_component_that_the_table_does_not_know(cli, model, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(TABLE)
    result = cli("run", "--model", model, "--energy", path)
    assert result.code == 2
    assert result.err == (
        f"error: {path}, line 9: components: no prices for component 'DN_WIRE' in DSNetwork; "
        "known: ADDER\n"
    )


def test_sensitivity_of_no_run(cli, tmp_path):
    result = cli("energy", "sensitivity", tmp_path)
    assert (result.code, result.err) == (
        2,
        f"error: {tmp_path}: no saved run here; expected results.parquet or results.csv\n",
    )


def test_export_for_accelergy(cli, model, tmp_path):
    folder = tmp_path / "out"
    result = cli("export", "accelergy", "--model", model, "--scheme", "binary", "-o", folder)
    assert result.code == 0, result.err
    assert result.out.startswith("5 layers under binary")
    names = sorted(file.name for file in folder.iterdir())
    assert names == ["action_counts.yaml", "architecture.yaml"]
