"""Which conclusions survive wrong prices."""

import io
import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

import hwsim
from hwsim.errors import InputError
from hwsim.reports.sensitivity_report import sensitivity_report
from hwsim.studies import load_run
from hwsim.studies.sensitivity import extreme_ratio, sensitivity
from tests.studies.networks import tiny_network

ENERGY = st.floats(0.01, 100)


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


def test_equal_schemes_stay_equal_in_stonnes_table(both):
    stonne = sensitivity(both)[0]
    binary = stonne.table[stonne.table["scheme"] == "binary"]
    assert np.allclose(binary["ratio"], 1)
    assert stonne.together.query("scheme == 'binary'")["survives"].all()
    assert set(stonne.together["extent"]) == {"+-20%"}  # no literature on its entries


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
    assert "energy table stonne: dense / scheme is binary 1.00, signed-binary" in text
    assert "literature high, x 5.1" in text
    assert text.count("all entries off at once") == 2


def _text(report):
    text = io.StringIO()
    Console(file=text, width=100, highlight=False).print(report)
    return text.getvalue()


@given(
    st.lists(st.tuples(ENERGY, ENERGY), min_size=1, max_size=6),
    st.floats(0.1, 1),
    st.floats(1, 10),
)
def test_the_extreme_is_that_of_all_corners(energies, low, high):
    dense, scheme = np.array(energies).T
    bounds = np.full((len(dense), 2), [low, high])
    ratios = [
        (np.array(corner) @ dense) / (np.array(corner) @ scheme)
        for corner in itertools.product([low, high], repeat=len(dense))
    ]
    largest = extreme_ratio(dense, scheme, bounds, largest=True)
    smallest = extreme_ratio(dense, scheme, bounds, largest=False)
    assert largest == pytest.approx(max(ratios))
    assert smallest == pytest.approx(min(ratios))


def test_a_run_that_compares_nothing_is_refused():
    result = hwsim.run(tiny_network(), schemes=["dense"])
    with pytest.raises(InputError) as error:
        sensitivity(result)
    assert str(error.value) == (
        "the run compares nothing: it needs the scheme dense and another one"
    )
