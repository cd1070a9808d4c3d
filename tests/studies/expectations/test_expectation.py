"""Comparisons, margins, units and measures."""

import math

import pytest

from hwsim.errors import InputError
from hwsim.studies.expectations import parse_expectation
from hwsim.studies.expectations.measures import MEASURES
from hwsim.studies.expectations.units import converted


@pytest.mark.parametrize(
    ("comparison", "below", "at", "above"),
    [
        (">=", False, True, True),
        (">", False, False, True),
        ("<=", True, True, False),
        ("<", True, False, False),
        ("==", False, True, False),
    ],
)
def test_holds(comparison, below, at, above):
    expectation = parse_expectation(f"cycles {comparison} 4")
    assert [expectation.holds(value, 4.0) for value in (3.0, 4.0, 5.0)] == [below, at, above]


@pytest.mark.parametrize(
    ("comparison", "margins"),
    [
        (">=", [-0.25, 0.0, 0.5]),
        (">", [-0.25, 0.0, 0.5]),
        ("<=", [0.25, 0.0, -0.5]),
        ("<", [0.25, 0.0, -0.5]),
        ("==", [-0.25, 0.0, -0.5]),
    ],
)
def test_the_margin_is_below_0_where_it_fails(comparison, margins):
    expectation = parse_expectation(f"cycles {comparison} 4")
    assert [expectation.margin(value, 4.0) for value in (3.0, 4.0, 6.0)] == margins
    assert expectation.margin(-6.0, -4.0) == expectation.margin(2.0, 4.0)
    assert math.isnan(expectation.margin(1.0, 0.0))


@pytest.mark.parametrize(
    ("number", "unit", "to", "same"),
    [
        (12.0, "uJ", "pJ", 12e6),
        (12e6, "pJ", "uJ", 12.0),
        (3.0, "mm2", "um2", 3e6),
        (5.0, "ns", "ms", 5e-6),
        (5.0, "J s", "nJ s", 5e9),
        (35.0, "%", "", 0.35),
        (0.5, "", "%", 50.0),
        (7.0, "pJ", "pJ", 7.0),
        (7.0, "", "", 7.0),
    ],
)
def test_units_convert(number, unit, to, same):
    assert converted(number, unit, to) == pytest.approx(same, rel=1e-15)


def test_units_of_different_kinds_do_not():
    with pytest.raises(InputError) as caught:
        converted(1.0, "", "pJ")
    assert str(caught.value) == "a number without unit cannot be compared with pJ"
    with pytest.raises(InputError):
        converted(1.0, "J", "J s")


def test_what_measures_need():
    needs = {name: (each.priced, each.timed, each.of_layers) for name, each in MEASURES.items()}
    assert needs == {
        "cycles": (False, False, True),
        "time": (False, True, True),
        "energy": (True, False, True),
        "edp": (True, True, True),
        "area": (True, False, False),
        "density": (False, False, True),
        "utilization": (False, False, True),
        "cycles_ratio": (False, False, True),
        "energy_ratio": (True, False, True),
        "edp_ratio": (True, False, True),
    }
    assert [each.of for each in MEASURES.values()] == [
        *[()] * 7,
        ("cycles",),
        ("energy",),
        ("energy", "cycles"),
    ]


def test_layers_are_chosen_by_patterns_in_their_order():
    layers = parse_expectation("cycles <= 1 for fc, layer1.*").layers
    assert layers.choose(["layer1.a", "layer10", "layer1.b", "FC", "fc"]) == [
        *("layer1.a", "layer1.b", "fc"),
    ]
