"""Which conclusions survive wrong prices."""

import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

import hwsim
from hwsim.errors import InputError
from hwsim.reports.sensitivity_report import sensitivity_report
from hwsim.studies import load_run
from hwsim.studies.sensitivity import sensitivity
from tests.studies.networks import tiny_network


@pytest.fixture(scope="module")
def both():
    return hwsim.run(tiny_network(), energy="stonne,physical")


def test_an_entry_varied_is_the_run_with_that_price(both, tmp_path):
    """+20 % of the adder by the analysis is what a table with a dearer adder gives."""
    text = hwsim.energy.registry._TABLES.joinpath("stonne.yaml").read_text()
    path = tmp_path / "dear.yaml"
    path.write_text(text.replace("ADD_2_1: {value: 0.111}", "ADD_2_1: {value: 0.1332}"))
    dear = hwsim.run(tiny_network(), energy=path).totals.set_index(["scheme", "scope"])
    stonne = sensitivity(both)[0]
    rows = stonne.table.set_index(["entry", "variation", "scheme"])
    varied = rows.loc[("ADDER.ADD_2_1", "+20%", "signed-binary")]
    assert varied["ratio"] == pytest.approx(dear.loc[("signed-binary", "network"), "energy_ratio"])


def test_of_what_stonnes_table_cannot_tell_it_says_nothing_else(both):
    stonne = sensitivity(both)[0]
    assert stonne.cannot_tell == ("binary",)
    assert list(stonne.ratios) == ["signed-binary"]
    for table in (stonne.table, stonne.together, stonne.structures):
        assert set(table["scheme"]) == {"signed-binary"}
    assert set(stonne.together["extent"]) == {"+-20%"}  # no literature on its entries
    assert sensitivity(both)[1].cannot_tell == ()


def test_a_run_of_what_cannot_be_told():
    run = hwsim.run(tiny_network(), schemes=["dense", "binary"], energy="stonne")
    (analysis,) = sensitivity(run)
    assert analysis.ratios == {}
    assert all(each.empty for each in (analysis.table, analysis.together, analysis.structures))
    assert _text(sensitivity_report([analysis])).strip() == (
        "energy table stonne: this table cannot tell binary from dense, it has no bit widths"
    )
    assert json.loads(json.dumps(analysis.to_dict()))["cannot_tell"] == ["binary"]


def test_it_learns_structure(both):
    physical = sensitivity(both)[1]
    rows = physical.structures
    assert len(rows) == 16
    own = rows.iloc[:2].set_index("scheme")
    assert own["ratio"].to_dict() == pytest.approx(physical.ratios)
    assert own["structure"].eq(rows["structure"].iloc[0]).all()
    together = physical.together.set_index(["extent", "scheme"])
    for scheme, mine in rows.groupby("scheme"):
        row = together.loc[("literature", scheme)]
        first = mine.iloc[0]
        assert (first["lowest"], first["highest"]) == pytest.approx((row["lowest"], row["highest"]))
        union = together.loc[("literature, any structure", scheme)]
        assert (union["lowest"], union["highest"]) == (mine["lowest"].min(), mine["highest"].max())
        assert union["survives"] == (mine["lowest"].min() > 1)
        totals = both.by_structure.query(f"scope == 'network' and scheme == {scheme!r}")
        energies = totals.set_index("structure")["energy"]
        assert (mine.set_index("structure")["energy"] == energies[mine["structure"]]).all()
    text = _text(sensitivity_report([physical]))
    assert "controller, tree_width, tree_registers" in text
    assert re.search(r"^reads-needed, partial-sums, level +1\.", text, flags=re.MULTILINE)
    assert "Every conclusion survives the variation of any one entry, and every structure." in text


def test_a_structure_that_turns_the_order_is_told(both):
    run = both.by_energy_table("physical")
    other = run.structures["structure"].unique()[1]
    there = (run.structures["structure"] == other) & (run.structures["scheme"] == "binary")
    worse = run.structures.assign(energy=run.structures["energy"].where(~there, 1e9))
    (analysis,) = sensitivity(replace(run, structures=worse))
    survives = analysis.structures.groupby("structure")["survives"].all()
    assert survives[~survives].index.tolist() == [other]
    assert not analysis.survives
    text = _text(sensitivity_report([analysis]))
    assert "The order of the schemes depends on the machine's structure." in text
    union = analysis.together.set_index(["extent", "scheme"])["survives"]
    assert not union["literature, any structure", "binary"]


def test_the_physical_table_knows_the_literatures_range(both):
    physical = sensitivity(both)[1]
    rows = physical.table.set_index(["entry", "variation"])
    assert rows.loc[("LPDDR4", "literature high"), "factor"].eq(5.1).all()
    assert ("float_multiply", "+20%") not in rows.index
    assert physical.ratios["binary"] > 1
    share = physical.table.drop_duplicates("entry")["share"].sum()
    assert 0.99 < share <= 1 + 1e-9


def test_a_saved_run_gives_the_same(both, tmp_path):
    loaded = load_run(both.save(tmp_path / "out"))
    for before, after in zip(sensitivity(both), sensitivity(loaded), strict=True):
        assert list(before.table["entry"]) == list(after.table["entry"])
        assert np.allclose(before.table["ratio"], after.table["ratio"])
        assert np.allclose(before.together["lowest"], after.together["lowest"])
        assert json.loads(json.dumps(after.to_dict(), allow_nan=False))["ratios"] == after.ratios


def test_an_order_that_is_lost_is_told(both):
    """A scheme that saves wires and pays as much in DRAM: dear wires make it the better one."""
    table = both.table[both.table["energy_table"] == "physical"]
    energies = {
        ("dense", "wire"): 10.0,
        ("dense", "LPDDR4"): 10.0,
        ("binary", "wire"): 9.0,
        ("binary", "LPDDR4"): 11.1,
    }
    first = table.drop_duplicates(["scheme", "entry"])
    rows = first[
        first["entry"].isin(["wire", "LPDDR4"]) & first["scheme"].isin(["dense", "binary"])
    ]
    keys = zip(rows["scheme"], rows["entry"], strict=True)
    rows = rows.assign(energy=[energies[key] for key in keys])
    manifest = both.by_energy_table("physical").manifest
    schemes = [entry for entry in manifest["schemes"] if entry["label"] != "signed-binary"]
    run = type(both)(rows, both.layers, both.quantization, {**manifest, "schemes": schemes})
    (analysis,) = sensitivity(run)
    assert analysis.ratios["binary"] < 1
    survives = analysis.table.set_index(["entry", "variation"])["survives"]
    assert survives["wire", "-20%"]
    assert not survives["wire", "+20%"]  # 12 + 10 against 10.8 + 11.1
    assert not survives["LPDDR4", "-20%"]
    assert not analysis.survives
    assert "depends on" in _text(sensitivity_report([analysis]))
    together = analysis.together.set_index("extent").loc["+-20%"]
    assert together["highest"] == pytest.approx(20 * 1.2 / (9 * 1.2 + 11.1 * 1.2), abs=0.1)
    assert not together["survives"]


def test_the_report_says_what_survives(both):
    text = _text(sensitivity_report(sensitivity(both)))
    assert "energy table stonne: dense / scheme is signed-binary 1." in text
    assert "every structure" not in text.split("energy table physical")[0]
    assert "literature high, x 5.1" in text
    assert text.count("all entries off at once") == 2


def _text(report):
    text = io.StringIO()
    Console(file=text, width=100, highlight=False).print(report)
    return text.getvalue()


def test_a_run_that_compares_nothing_is_refused():
    result = hwsim.run(tiny_network(), schemes=["dense"])
    with pytest.raises(InputError) as error:
        sensitivity(result)
    assert str(error.value) == (
        "the run compares nothing: it needs the scheme dense and another one"
    )
