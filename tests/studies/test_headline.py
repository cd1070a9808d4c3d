"""Totals and ratios with their interval over structures and prices."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hwsim
from hwsim.studies.columns import Columns
from hwsim.studies.headline import headline_table, structure_totals, tables_without_bits
from hwsim.studies.spread import AS_BUILT, StructureRows
from hwsim.studies.tables import scopes
from tests.studies.networks import tiny_network

WAYS = {
    "controller": ("reads-all", "reads-needed"),
    "tree_width": ("grows", "partial-sums"),
    "tree_registers": ("queues", "level"),
}


@pytest.fixture(scope="module")
def both():
    return hwsim.run(tiny_network(), overrides={"num_ms": 16, "dn_bw": 4})


@pytest.fixture
def by_hand():
    """Two structures, two layers, wires known to a factor of 2 and DRAM exactly."""
    energies = {
        ("a", "dense", "conv"): (6.0, 4.0),
        ("a", "sb", "conv"): (2.0, 2.0),
        ("b", "dense", "conv"): (8.0, 4.0),
        ("b", "sb", "conv"): (3.0, 1.0),
        **{(each, scheme, "fc"): (1.0, 1.0) for each in "ab" for scheme in ("dense", "sb")},
    }
    structures = pd.DataFrame(
        [
            ("physical", structure, scheme, layer, entry, energy, *spread)
            for (structure, scheme, layer), pair in energies.items()
            for entry, energy, spread in zip(
                ("wire", "dram"), pair, ((0.5, 2.0), (np.nan, np.nan)), strict=True
            )
        ],
        columns=["energy_table", "structure", "scheme", "layer", "entry", "energy", "low", "high"],
    )
    own = structures[structures["structure"] == "a"].drop(columns="structure")
    units = {"wire": "DSNetwork", "dram": "DRAM"}
    operands = {"wire": "activations", "dram": "weights"}
    actions = own.assign(
        unit=own["entry"].map(units),
        operand=own["entry"].map(operands),
        component="X",
        action="Y",
    )
    layers = pd.DataFrame(
        {
            "layer": ["conv", "fc", "conv", "fc"],
            "scheme_applied": ["dense", "dense", "sb", "dense"],
        }
    )
    return Columns.of(actions), StructureRows(Columns.of(structures)), Columns.of(layers)


def test_the_interval_over_structures_and_prices_by_hand(by_hand):
    actions, structures, layers = by_hand
    totals = structure_totals(actions, structures, layers, ["dense", "sb"], "dense").frame()
    rows = totals.set_index(["scope", "structure", "scheme"])
    columns = ["energy", "energy_low", "energy_high", "energy_ratio", "ratio_low", "ratio_high"]
    conv = "quantized layers"
    assert rows.loc[(conv, "a", "dense"), columns].tolist() == [10, 7, 16, 1, 1, 1]
    # Wires times f: (6f + 4) / (2f + 2), and (8f + 4) / (3f + 1), for f of 1/2 and 2.
    expected = {
        (conv, "a", "sb"): [4, 3, 6, 2.5, 7 / 3, 16 / 6],
        (conv, "b", "sb"): [4, 2.5, 7, 3, 20 / 7, 8 / 2.5],
        ("network", "a", "sb"): [6, 4.5, 9, 2, 8.5 / 4.5, 19 / 9],
        ("network", "b", "sb"): [6, 4, 10, 14 / 6, 23 / 10, 9.5 / 4],
    }
    for key, values in expected.items():
        assert rows.loc[key, columns].tolist() == pytest.approx(values), key
    assert list(totals["structure"].unique()) == ["a", "b"]


def test_the_headline_is_the_union_over_structures(by_hand):
    actions, structures, layers = by_hand
    by_structure = structure_totals(actions, structures, layers, ["dense", "sb"], "dense")
    totals = pd.DataFrame(
        [
            ("physical", "sb", "network", 6.0, "pJ", 2.0, 0.25),
            ("physical", "sb", "quantized layers", 4.0, "pJ", 2.5, 0.5),
        ],
        columns=[
            "energy_table",
            "scheme",
            "scope",
            "energy",
            "energy_unit",
            "energy_ratio",
            "unused_share",
        ],
    )
    table = headline_table(Columns.of(totals), by_structure, actions, layers, "dense")
    rows = table.frame().set_index("scope")
    whole, conv = rows.loc["network"], rows.loc["quantized layers"]
    assert (whole["energy_low"], whole["energy_high"]) == (4, 10)
    assert (whole["ratio_low"], whole["ratio_high"]) == pytest.approx((8.5 / 4.5, 9.5 / 4))
    assert (conv["energy_low"], conv["energy_high"]) == (2.5, 7)
    assert (conv["ratio_low"], conv["ratio_high"]) == pytest.approx((7 / 3, 3.2))
    assert (whole["dram_share"], conv["dram_share"]) == (0.5, 0.5)
    assert (whole["weights_share"], conv["weights_share"]) == (0.5, 0.5)
    assert (whole["unused_share"], conv["unused_share"]) == (0.25, 0.5)
    assert list(rows["structures"]) == [2, 2]
    assert not rows["cannot_tell"].any()


def test_each_structure_is_the_run_of_a_machine_that_is_built_so(both):
    rows = both.by_structure
    rows = rows[(rows["energy_table"] == "physical") & (rows["scope"] == "network")]
    assert rows["structure"].nunique() == 8
    for structure, mine in rows.groupby("structure"):
        ways = dict(pair.split("=") for pair in structure.split(", "))
        assert all(way in WAYS[key] for key, way in ways.items())
        built = hwsim.run(
            tiny_network(), overrides={"num_ms": 16, "dn_bw": 4, **ways}, energy="physical"
        )
        totals = built.totals[built.totals["scope"] == "network"].set_index("scheme")
        found = mine.set_index("scheme")
        assert found["energy"].to_dict() == pytest.approx(totals["energy"].to_dict())
        assert found["energy_ratio"].to_dict() == pytest.approx(totals["energy_ratio"].to_dict())


def test_the_own_structure_is_the_long_table_and_lies_inside(both):
    table = both.headline[both.headline["energy_table"] == "physical"]
    assert (table["energy_low"] < table["energy"]).all()
    assert (table["energy"] < table["energy_high"]).all()
    others = table[table["scheme"] != "dense"]
    assert (others["ratio_low"] < others["energy_ratio"]).all()
    assert (others["energy_ratio"] < others["ratio_high"]).all()
    own = both.by_structure["structure"].iloc[0]
    assert own == "controller=reads-all, tree_width=grows, tree_registers=queues"
    entries = both.table.query("energy_table == 'physical'").groupby(["scheme", "layer", "entry"])
    found = both.structures[both.structures["structure"] == own]
    sums = found.set_index(["scheme", "layer", "entry"])["energy"]
    assert sums.to_dict() == pytest.approx(entries["energy"].sum().to_dict())


def test_a_machine_as_built_has_the_interval_of_the_prices_alone(both):
    plain = replace(both, structures=None)
    table = plain.headline[plain.headline["energy_table"] == "physical"]
    own = both.by_structure.query("energy_table == 'physical'")
    own = own[own["structure"] == own["structure"].iloc[0]].set_index(["scheme", "scope"])
    assert set(plain.by_structure["structure"]) == {AS_BUILT}
    assert set(table["structures"]) == {1}
    for _, row in table.iterrows():
        same = own.loc[(row["scheme"], row["scope"])]
        for column in ("energy_low", "energy_high", "ratio_low", "ratio_high"):
            assert row[column] == pytest.approx(same[column])


def test_a_table_without_bit_widths_cannot_tell_binary_from_dense(both):
    assert tables_without_bits(both.sums.actions) == ["stonne"]
    rows = both.headline.set_index(["energy_table", "scheme", "scope"])
    told = rows["cannot_tell"]
    assert told[told].index.tolist() == [
        ("stonne", "binary", "network"),
        ("stonne", "binary", "quantized layers"),
    ]
    assert rows.loc[told, ["energy_ratio", "ratio_low", "ratio_high"]].isna().all(axis=None)
    stonne = rows.loc["stonne"]
    assert stonne.loc[("dense", "network"), "energy_ratio"] == 1
    assert stonne.loc[("signed-binary", "network"), "energy_ratio"] > 1
    # It knows neither a range of its prices, nor whose data it moves.
    columns = ["energy_low", "energy_high", "ratio_low", "ratio_high", "weights_share"]
    assert stonne[columns].isna().all(axis=None)
    assert (stonne["dram_share"] == 0).all()


def test_shares_of_dram_weights_and_unused_reads(both):
    rows = both.headline.set_index(["energy_table", "scheme", "scope"])
    row = rows.loc[("physical", "signed-binary", "quantized layers")]
    table = both.table.query("energy_table == 'physical' and scheme == 'signed-binary'")
    table = table[table["layer"].isin(["block.conv1", "block.conv2"])]
    energy = table["energy"].sum()
    dram = table.loc[table["unit"] == "DRAM", "energy"].sum()
    weights = table.loc[table["operand"] == "weights", "energy"].sum()
    assert row["dram_share"] == pytest.approx(dram / energy)
    assert row["weights_share"] == pytest.approx(weights / energy)
    assert 0 < row["unused_share"] < 1
    assert rows.loc[("physical", "dense", "network"), "unused_share"] == 0


def test_tops_per_watt_with_and_without_dram(both):
    row = both.efficiency.query("scheme == 'signed-binary' and scope == 'network'").iloc[0]
    total = both.totals.query(
        "energy_table == 'physical' and scheme == 'signed-binary' and scope == 'network'"
    ).iloc[0]
    table = both.table.query("energy_table == 'physical' and scheme == 'signed-binary'")
    on_chip = table.loc[table["unit"] != "DRAM", "energy"].sum()
    assert row["dram"]
    assert row["tops_per_w"] == pytest.approx(2 * total["effectual_macs"] / total["energy"])
    assert row["tops_per_w_on_chip"] == pytest.approx(2 * total["effectual_macs"] / on_chip)
    assert row["tops_per_w_dense"] == pytest.approx(2 * total["macs"] / total["energy"])


def test_without_a_baseline_there_are_energies_and_no_ratios():
    result = hwsim.run(tiny_network(), schemes=["binary"], layers="fc")
    table = result.headline
    assert table[["energy_ratio", "ratio_low", "ratio_high"]].isna().all(axis=None)
    assert not table["cannot_tell"].any()
    assert table["energy_low"].notna().tolist() == [True, False]


def test_scopes_are_the_network_and_the_layers_that_a_scheme_changed(both):
    changed = ["block.conv1", "block.conv2"]
    assert scopes(both.sums.layers) == {
        "network": ["stem", *changed, "block.depthwise", "fc"],
        "quantized layers": changed,
    }
    whole = both.layers[both.layers["layer"].isin(changed)]
    assert list(scopes(Columns.of(whole))) == ["network"]
    untouched = both.layers[both.layers["scheme_applied"] == "dense"]
    assert list(scopes(Columns.of(untouched[untouched["scheme"] == "dense"]))) == ["network"]


def test_plain_values_for_json(both):
    document = both.to_dict()
    rows = [row for row in document["headline"] if row["energy_table"] == "stonne"]
    binary = next(row for row in rows if row["scheme"] == "binary")
    assert (binary["energy_ratio"], binary["cannot_tell"]) == (None, True)
    structures = {row["structure"] for row in document["structures"]}
    assert len(structures) == 9
    assert AS_BUILT in structures
