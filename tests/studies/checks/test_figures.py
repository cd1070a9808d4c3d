"""What measures are of sums over layers."""

import pytest

from hwsim.errors import InputError
from hwsim.studies.checks.figures import value_of

BOTH = ("a", "b")


@pytest.mark.parametrize(
    ("measure", "layers", "table", "value"),
    [
        ("cycles", BOTH, None, (400, "")),
        ("cycles", ("b",), None, (300, "")),
        ("time", BOTH, None, (8e-7, "s")),
        ("density", BOTH, None, (0.4, "")),
        ("density", ("a",), None, (0.25, "")),
        ("utilization", BOTH, None, (0.8, "")),
        ("energy", BOTH, "physical", (4000.0, "pJ")),
        ("energy", ("a",), "stonne", (7.0, "")),
        ("area", BOTH, "physical", (2e6, "um2")),
        ("edp", BOTH, "physical", (4e-9 * 8e-7, "J s")),
    ],
)
def test_values(figures, measure, layers, table, value):
    number, unit = value_of(measure, figures(), layers, table)
    assert (pytest.approx(number), unit) == value


@pytest.mark.parametrize(
    ("measure", "table", "changed", "problem"),
    [
        ("cycles", None, {"layers": {}}, "layer 'a' is not there"),
        (
            "cycles",
            None,
            {"layers": {}, "lacking": {"a": "failed: no room"}},
            "layer 'a' failed: no room",
        ),
        ("time", None, {"clock_hz": None}, "the machine states no clock"),
        ("edp", "physical", {"clock_hz": None}, "the machine states no clock"),
        ("edp", "stonne", {}, "energy by stonne has no unit, so that there is no edp"),
        ("area", "stonne", {}, "stonne states no area"),
        ("energy", "other", {}, "no prices by 'other'; known: physical, stonne"),
        (
            "energy",
            "free",
            {"prices": {"free": {"energy_unit": "", "area": 1, "area_unit": "", "energy": {}}}},
            "layer 'a' has no energy by free",
        ),
    ],
)
def test_what_has_no_value(figures, measure, table, changed, problem):
    with pytest.raises(InputError) as caught:
        value_of(measure, figures(**changed), BOTH, table)
    assert str(caught.value) == problem


def test_an_engine_without_utilization(figures):
    layers = figures().model_dump()["layers"]
    layers["b"]["utilization"] = None
    point = figures(layers=layers)
    assert value_of("utilization", point, ("a",), None) == (0.5, "")
    with pytest.raises(InputError, match=r"^the engine states no utilization$"):
        value_of("utilization", point, BOTH, None)


def test_a_share_of_nothing_is_none(figures):
    layers = figures().model_dump()["layers"]
    layers["a"].update(macs=0.0, effectual_macs=0.0, cycles=0.0)
    for measure in ("density", "utilization"):
        value, _ = value_of(measure, figures(layers=layers), ("a",), None)
        assert value != value
