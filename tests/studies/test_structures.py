"""Layers priced under every structure of the machine, each distinct one once."""

from dataclasses import replace

import numpy as np
import pytest

import hwsim
import hwsim.studies.layer_costs
from hwsim.arch import Arch, load_arch
from hwsim.arch.parts.figure import Figure
from hwsim.energy import EnergyBreakdown, load_energy_tables
from hwsim.energy.breakdown import EnergyRow
from hwsim.studies import Request
from hwsim.studies.layer_costs import DistinctLayers, LayerCosts
from hwsim.studies.network_run import run_request
from hwsim.studies.spread import StructureRows
from hwsim.studies.structures import StructureCosts
from tests.studies.networks import tiny_network

COLUMNS = ["energy_table", "structure", "scheme", "layer", "entry", "energy", "low", "high"]


def test_a_row_for_each_structure_scheme_layer_and_entry(default_run):
    table = default_run.structures
    assert list(table.columns) == COLUMNS
    assert set(table["energy_table"]) == {"physical"}  # STONNE's table knows no structure
    keys = table[COLUMNS[:5]]
    assert not keys.duplicated().any()
    counts = table.groupby("structure")[["scheme", "layer"]].nunique()
    assert (counts == [3, 5]).all(axis=None)
    ranges = default_run.table.query("energy_table == 'physical'").groupby("entry")
    for side in ("low", "high"):
        found = table.groupby("entry")[side].first()
        assert found.to_dict() == pytest.approx(ranges[side].first().to_dict(), nan_ok=True)


def of_no_layers(tables: str, arch: Arch) -> StructureCosts | None:
    prices = [(model, LayerCosts([])) for model in load_energy_tables(tables)]
    return StructureCosts.of([], DistinctLayers([]), prices, {"dense": arch})


@pytest.mark.parametrize(
    ("arch", "tables"),
    [("sigma", "stonne"), ("simple", "physical")],
    ids=["fixed prices", "one structure"],
)
def test_nothing_to_choose_from_is_no_table(arch, tables):
    assert of_no_layers(tables, load_arch(arch)) is None


def test_a_machine_without_technology_is_no_table():
    arch = replace(load_arch("sigma"), technology=None)
    assert of_no_layers("physical", arch) is None


def test_sums_of_costs_are_those_of_the_rows_of_the_table(default_run):
    costs = default_run.sums.structures
    rows = StructureRows(costs.table)
    names = default_run.layers["layer"].unique().tolist()
    for layers in (names, names[:2]):
        by_costs, by_rows = (
            each.of_energy_table("physical").spread(default_run.schemes, layers)
            for each in (costs, rows)
        )
        parts = ("structures", "schemes", "entries", "known")
        assert [getattr(by_costs, part) for part in parts] == [
            getattr(by_rows, part) for part in parts
        ]
        assert by_costs.energies.tolist() == by_rows.energies.tolist()
        assert by_costs.bounds.tolist() == by_rows.bounds.tolist()
    assert costs.of_energy_table("stonne") is rows.of_energy_table("stonne") is None


def test_a_study_may_do_without():
    request = Request(tiny_network(), layers="fc", overrides={"num_ms": 32})
    assert run_request(request, by_structure=False).structures is None
    assert run_request(request).structures is not None


def test_equal_layers_are_priced_once_a_structure(monkeypatch):
    asked = []
    price_layers = hwsim.studies.layer_costs.price_layers

    def noted(layers, model, arch):
        asked.extend(arch.technology for alike in layers for _ in alike.members)
        return price_layers(layers, model, arch)

    monkeypatch.setattr(hwsim.studies.layer_costs, "price_layers", noted)
    result = hwsim.run(tiny_network(), energy="physical")
    # conv1 and conv2 are one under dense and one under binary, and two under signed-binary; the
    # other three are the same under all schemes. The machine's own structure is the run's table.
    assert len(asked) == 8 * (3 + 1 + 1 + 2)
    assert len(result.structures.groupby(["structure", "scheme", "layer"])) == 8 * 3 * 5


def test_energies_of_an_entry_are_summed_and_an_action_without_one_goes_by_itself(monkeypatch):
    wire = Figure(1.0, "a paper", low=0.5, high=2.0)
    rows = (
        EnergyRow("A", "WIRE", "WRITE", 2, 2.0, entry="wire", figure=wire),
        EnergyRow("B", "WIRE", "WRITE", 3, 3.0, entry="wire", figure=wire),
        EnergyRow("B", "BOX", "OPEN", 1, 4.0),
    )
    breakdown = EnergyBreakdown(rows, {}, "physical", "pJ", None, "", "")
    monkeypatch.setattr(hwsim.studies.layer_costs, "price_layers", lambda *_: [([0], breakdown)])
    table = hwsim.run(tiny_network(), schemes=["dense"], layers="fc").structures
    found = table.groupby("entry")[["energy", "low", "high"]].first()
    assert found.loc["wire"].tolist() == [5.0, 0.5, 2.0]
    assert found.loc["BOX.OPEN", "energy"] == 4.0
    assert np.isnan(found.loc["BOX.OPEN", ["low", "high"]].to_numpy(float)).all()
