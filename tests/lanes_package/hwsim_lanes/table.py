"""STONNE's prices, and one for the action that STONNE does not have."""

from __future__ import annotations

from dataclasses import replace

from hwsim.arch.parts.figure import Figure
from hwsim.energy import ComponentPrices, EnergyTable, load_energy_table


def lanes_table() -> EnergyTable:
    """Add the group adder to STONNE's table: the price of an adder."""
    stonne = load_energy_table("stonne")
    assert isinstance(stonne, EnergyTable)
    adder = stonne.components["ADDER"]
    prices = ComponentPrices(
        adder.area,
        adder.static,
        {"SUBTRACT": Figure(adder.actions["ADD_2_1"].value, "ADDER of STONNE's table")},
    )
    return replace(
        stonne,
        name="lanes",
        title="STONNE table with group adders",
        components={**stonne.components, "GROUPADDER": prices},
        path=None,
    )
