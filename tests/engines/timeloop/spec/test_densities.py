"""Densities as they are read and written."""

import numpy as np
import pytest

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.banded_density import Banded
from hwsim.engines.timeloop.density.density import FixedStructured, Hypergeometric
from hwsim.engines.timeloop.spec import read_inputs
from hwsim.engines.timeloop.spec.densities import (
    density_entry,
    read_density,
    statistical_density,
)
from hwsim.errors import InputError

HALF = np.array([[1, 0, 0], [1, 1, 0]])


def read(value):
    section = read_inputs({"problem": {"densities": {"A": value}}}).section("problem")
    return read_density(section.section("densities"), "A", (2, 3))


@pytest.mark.parametrize(
    ("value", "density"),
    [
        (0, FixedStructured(0.0)),
        (1, FixedStructured(1.0)),
        ("0.25 * 2", FixedStructured(0.5)),
        ({"distribution": "fixed", "density": 0.5}, FixedStructured(0.5)),
        ({"distribution": "fixed-structured", "density": 0.5}, FixedStructured(0.5)),
        ({"distribution": "hypergeometric", "density": 0.5}, Hypergeometric(0.5)),
        ({"distribution": "banded", "band_width": 3}, Banded(3)),
        ({"distribution": "diagonal"}, Banded(0)),
    ],
)
def test_kinds(value, density):
    assert read(value) == density


@pytest.mark.parametrize("value", [HALF, {"distribution": "actual", "data": HALF}])
def test_the_very_zeros(value):
    found = read(value)
    assert isinstance(found, ActualData)
    assert np.array_equal(found.mask, HALF.astype(bool))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-0.25, ": expected a density between 0 and 1. Got -0.25"),
        (1.25, ": expected a density between 0 and 1. Got 1.25"),
        ({"distribution": "fixed"}, ".density: missing; a density between 0 and 1 is required"),
        (
            {"distribution": "actual", "data": [1, 0]},
            ".data: expected an array with the tensor's values or zeros",
        ),
    ],
)
def test_what_is_no_density(value, message):
    with pytest.raises(InputError) as refused:
        read(value)
    assert str(refused.value) == f"inputs: problem.densities.A{message}"


@pytest.mark.parametrize("density", [FixedStructured(0.5), Hypergeometric(0.25), Banded(2)])
def test_what_is_written_reads_the_same(density):
    assert read(density_entry(density, "A")) == density


def test_very_zeros_are_not_written():
    with pytest.raises(InputError, match=r"^A: Timeloop cannot read a tensor's own zeros"):
        density_entry(ActualData(HALF.astype(bool)), "A")


def test_of_very_zeros_the_share_is_kept():
    actual = ActualData(HALF.astype(bool))
    assert statistical_density(actual) == Hypergeometric(0.5)
    assert statistical_density(actual, fixed_structured=True) == FixedStructured(0.5)
    assert statistical_density(Hypergeometric(0.25)) == Hypergeometric(0.25)
    assert statistical_density(Hypergeometric(0.25), fixed_structured=True) == FixedStructured(0.25)
    assert statistical_density(Banded(2), fixed_structured=True) == Banded(2)
