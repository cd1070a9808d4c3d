"""What a breakdown refuses, whoever made it."""

from __future__ import annotations

import math

import pytest

from hwsim.energy.breakdown import EnergyBreakdown, EnergyRow
from hwsim.errors import InputError


@pytest.mark.parametrize("energy", [math.inf, math.nan, -1.0, 1e308])
def test_an_energy_that_is_none_names_the_table(energy: float) -> None:
    with pytest.raises(InputError) as caught:
        EnergyBreakdown(
            rows=(EnergyRow("Tree", "ADDER", "ADD", 3, energy),),
            area_by_unit={},
            table="mine",
            unit="pJ",
            area_unit=None,
            label="mine",
            provenance="a test",
        )
    assert str(caught.value) == (
        f"energy table 'mine': Tree ADDER ADD: an energy should be from 0 to 1e+100. Got {energy:g}"
    )


def test_the_largest_figures_are_some() -> None:
    rows = (EnergyRow("Tree", "ADDER", "ADD", 3, 1e100),)
    made = EnergyBreakdown(rows, {"Tree": 1e100}, "mine", "pJ", "um2", "mine", "a test")
    assert (made.total, made.area) == (1e100, 1e100)


def test_an_area_that_is_none_names_the_table() -> None:
    with pytest.raises(InputError) as caught:
        EnergyBreakdown((), {"Tree": math.inf}, "mine", "pJ", "um2", "mine", "a test")
    assert str(caught.value) == (
        "energy table 'mine': Tree: an area should be from 0 to 1e+100. Got inf"
    )
