"""Runs priced by several energy tables."""

import numpy as np
import pandas as pd
import pytest

import hwsim
from hwsim.errors import InputError
from hwsim.studies import load_run
from hwsim.studies.energy_diff import energy_diff
from tests.studies.networks import tiny_network

TABLES = ("table", "layers", "totals", "components", "operands", "efficiency", "headline")


@pytest.fixture(scope="module")
def both():
    return hwsim.run(tiny_network(), energy="stonne,physical")


def test_each_table_says_what_it_says_alone(both):
    assert both.energy_tables == ["stonne", "physical"]
    for name in both.energy_tables:
        alone = hwsim.run(tiny_network(), energy=name)
        restricted = both.by_energy_table(name)
        for table in (*TABLES, "by_structure"):
            pd.testing.assert_frame_equal(getattr(restricted, table), getattr(alone, table))
        assert restricted.manifest["energy"] == alone.manifest["energy"]


def test_binary_differs_from_dense_only_in_the_physical_table(both):
    totals = both.totals.set_index(["energy_table", "scheme", "scope"])["energy_ratio"]
    assert totals["stonne", "binary", "network"] == 1
    assert totals["physical", "binary", "network"] > 1.05
    cycles = both.layers.set_index(["energy_table", "scheme", "layer"])["cycles"]
    assert (cycles["stonne"] == cycles["physical"]).all()


def test_operands_add_up_and_name_dram(both):
    operands = both.operands
    assert set(operands["energy_table"]) == {"physical"}  # stonne's does not tell them apart
    sums = operands.groupby("scheme")["energy"].sum()
    totals = both.totals.query("energy_table == 'physical' and scope == 'network'")
    for scheme, total in zip(totals["scheme"], totals["energy"], strict=True):
        assert sums[scheme] == pytest.approx(total)
    kinds = set(zip(operands["place"], operands["operand"], strict=True))
    assert {("DRAM", "weights"), ("DRAM", "activations"), ("DRAM", "outputs")} <= kinds
    assert {("on chip", "compute"), ("on chip", "static"), ("on chip", "partial sums")} <= kinds
    weights = operands.query("place == 'DRAM' and operand == 'weights'").set_index("scheme")
    assert weights.loc["binary", "energy"] < weights.loc["dense", "energy"]


def test_power_delay_and_operations_by_hand(both):
    row = both.efficiency.query("scheme == 'dense' and scope == 'network'").iloc[0]
    total = both.totals.query(
        "energy_table == 'physical' and scheme == 'dense' and scope == 'network'"
    ).iloc[0]
    seconds, joules = total["cycles"] / 5e8, total["energy"] * 1e-12
    assert row["seconds"] == pytest.approx(seconds)
    assert row["power_w"] == pytest.approx(joules / seconds)
    assert row["edp_js"] == pytest.approx(joules * seconds)
    assert row["tops_per_w"] == pytest.approx(2 * total["macs"] / joules / 1e12)
    signed = both.efficiency.query("scheme == 'signed-binary' and scope == 'network'").iloc[0]
    assert signed["tops_per_w_dense"] > signed["tops_per_w"]
    assert "stonne" not in set(both.efficiency["energy_table"])  # it has no unit


def test_a_run_is_priced_by_physical_and_by_the_machines_own_table_beside_it():
    assert hwsim.run(tiny_network(), layers="fc").energy_tables == ["physical", "stonne"]
    assert hwsim.run(tiny_network(), layers="fc", energy="stonne").energy_tables == ["stonne"]


def test_it_is_saved_and_loaded(both, tmp_path):
    loaded = load_run(both.save(tmp_path / "out"))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(both, name), check_dtype=False)
    assert loaded.energy_tables == both.energy_tables


def test_the_technology_is_in_the_manifest_with_its_sources():
    result = hwsim.run(tiny_network(), energy="physical", overrides={"node": "45 nm"})
    technology = result.manifest["arch"]["technology"]
    assert technology["node"] == "45 nm"
    assert technology["sources"]["node"] == "set by the user"
    assert result.manifest["energy"]["area_unit"] == "um2"


def test_prices_carry_figure_and_literature(both):
    rows = both.table[both.table["energy_table"] == "physical"]
    assert np.allclose(rows["energy"], rows["count"] * rows["price"])
    assert rows.loc[rows["entry"] == "wire", "low"].eq(0.33).all()


@pytest.mark.parametrize(
    ("energy", "message"),
    [
        ("stonne,fysical", "unknown energy table 'fysical'; did you mean 'physical'?"),
        (",", "no energy table; give at least one, e.g. stonne"),
        ([], "no energy table; give at least one, e.g. stonne"),
    ],
)
def test_what_is_no_table_is_refused(energy, message):
    with pytest.raises(InputError) as error:
        hwsim.run(tiny_network(), energy=energy)
    assert str(error.value) == message


def test_a_table_asked_for_twice_is_priced_once():
    assert hwsim.run(tiny_network(), energy="stonne, stonne").energy_tables == ["stonne"]


def test_two_tables_of_one_name_are_refused(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "schema: 1\nname: stonne\ntitle: Mine\nversion: '1'\nunit: pJ\narea_unit: um2\n"
        "sources: {me: me}\ncomponents:\n  ADDER: {source: me, actions: {ADD: {value: 1}}}\n"
    )
    with pytest.raises(InputError) as error:
        hwsim.run(tiny_network(), energy=["stonne", path])
    assert str(error.value) == "two of the energy tables are called 'stonne'; rename one"


def test_a_run_does_not_know_other_tables(both):
    with pytest.raises(InputError) as error:
        both.by_energy_table("ston")
    assert str(error.value) == "the run has no energy table 'ston'; did you mean 'stonne'?"


def test_two_tables_on_one_layer():
    arch = hwsim.load_arch("sigma")
    models = [hwsim.load_energy_table(name) for name in ("stonne", "physical")]
    rows = energy_diff(*models, arch, "binary").set_index(["component", "action"])
    assert rows["first_share"].sum() == pytest.approx(1)
    assert rows["second_share"].sum() == pytest.approx(1)
    assert rows.index[0] == ("ADDER", "ADD_2_1")
    assert rows.loc[("LPDDR4", "READ"), "first"] == 0 < rows.loc[("LPDDR4", "READ"), "second"]
