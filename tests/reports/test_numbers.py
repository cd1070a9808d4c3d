import math

import pytest

from hwsim.reports._numbers import EnergyScale, interval, percent, ratio, significant


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.03184, "0.0318"),
        (6.8231, "6.823"),
        (903.51, "903.5"),
        (1111.4, "1,111"),
        (20279.9, "20,280"),
        (659946.2, "659,946"),
        (-2.5, "-2.500"),
        (math.inf, "-"),
        (math.nan, "-"),
    ],
)
def test_about_four_digits(value, text):
    assert significant(value) == text


@pytest.mark.parametrize(
    ("largest", "unit", "label", "shown"),
    [
        (99_999, None, "table's unit", "99,999"),
        (100_000, None, "10^3", "100.0"),
        (20_279_870.7, "", "10^3", "20,280"),
        (313_020_254.5, None, "10^6", "313.0"),
        (5.0, "pJ", "pJ", "5.000"),
        (313_020_254.5, "pJ", "uJ", "313.0"),
        (4.2e18, "pJ", "J", "4,200,000"),
        (1_500_000.0, "nJ", "uJ", "1,500"),
        (1_500_000.0, "gates", "10^3 gates", "1,500"),
    ],
)
def test_one_scale_for_a_table(largest, unit, label, shown):
    scale = EnergyScale.of([0.0, largest], unit)
    assert scale.label == label
    assert scale.show(largest) == shown


def test_a_smaller_bound_for_plots():
    assert EnergyScale.of([20_279_870.7], None, below=1000).show(20_279_870.7) == "20.28"


def test_no_energy_at_all():
    assert EnergyScale.of([], None).show(0) == "0"


def test_shares_and_ratios():
    assert percent(0.3567) == "35.7%"
    assert percent(0.9123, 0) == "91%"
    assert ratio(1.9777) == "1.98"
    assert ratio(math.nan) == "-"


def test_an_interval_has_three_significant_digits_or_is_a_dash():
    assert interval(0.73352, 13.925) == "0.734-13.9"
    assert interval(1, float("nan")) == "-"
    assert interval(float("inf"), 1) == "-"
