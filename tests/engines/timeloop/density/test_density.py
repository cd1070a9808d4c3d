"""Chances of occupancies: against exact fractions, counted tiles and by property."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.timeloop.density._draws import hypergeometric, none_drawn
from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.banded_density import Banded
from hwsim.engines.timeloop.density.density import FixedStructured, Hypergeometric


def exact(nonzeros, draws, population):
    ways = math.comb(population, draws)
    return {
        k: Fraction(math.comb(nonzeros, k) * math.comb(population - nonzeros, draws - k), ways)
        for k in range(max(0, draws + nonzeros - population), min(draws, nonzeros) + 1)
    }


@given(st.integers(1, 300), st.data())
@settings(max_examples=60, deadline=None)
def test_hypergeometric_is_the_exact_fraction_rounded_once(population, data):
    nonzeros = data.draw(st.integers(0, population))
    draws = data.draw(st.integers(1, population))
    expected = exact(nonzeros, draws, population)
    occupancies, chances = hypergeometric(nonzeros, draws, population)
    found = dict(zip(occupancies.tolist(), chances.tolist(), strict=True))
    for occupancy, fraction in expected.items():
        if fraction > max(expected.values()) / 10**20:
            assert found[occupancy] == pytest.approx(float(fraction), rel=3e-16)
    assert chances.sum() == pytest.approx(1)


@given(st.integers(1, 200), st.data())
@settings(max_examples=60, deadline=None)
def test_none_drawn_is_the_exact_fraction(population, data):
    draws = data.draw(st.integers(1, population))
    nonzeros = np.arange(population + 1)
    for count, chance in zip(nonzeros, none_drawn(nonzeros, draws, population), strict=True):
        expected = exact(int(count), draws, population).get(0, 0)
        assert chance == pytest.approx(float(expected), rel=1e-15)


def test_fixed_structured_rounds_up_as_often_as_the_fraction_says():
    occupancies, chances = FixedStructured(0.3).distribution((2, 2))
    assert occupancies.tolist() == [1, 2]
    assert chances == pytest.approx([0.8, 0.2])
    assert FixedStructured(0.3).empty((1,)) == pytest.approx(0.7)
    assert FixedStructured(0.3).empty((4,)) == 0
    halves = FixedStructured(0.5).empty_given((3,), (8,), 8, np.array([0, 1, 4]))
    assert halves.tolist() == [1, 1 - 3 / 8, 0]
    assert FixedStructured(0.3).max_occupancy((2, 2)) == 2
    assert FixedStructured(0.25).max_occupancy((2, 2)) == 1


def test_a_share_that_no_double_tells_from_nothing_is_none():
    assert FixedStructured(1e-17).max_occupancy((5,)) == 0
    assert FixedStructured(1e-16).max_occupancy((5,)) == 1


def test_hypergeometric_of_the_whole_tensor_is_certain():
    density = Hypergeometric(0.25).of_tensor((8, 8))
    assert density.nonzeros == 16
    occupancies, chances = density.distribution((8, 8))
    assert (occupancies.tolist(), chances.tolist()) == ([16], [1.0])


def test_actual_data_counts_its_tiles():
    mask = np.zeros((4, 4), dtype=bool)
    mask[0] = True
    density = ActualData(mask)
    occupancies, chances = density.distribution((2, 2))
    assert (occupancies.tolist(), chances.tolist()) == ([0, 2], [0.5, 0.5])
    assert density.empty((1, 4)) == 0.75
    assert density.max_occupancy((4, 1)) == 1
    # inside the tiles of two non-zeros half of the rows are empty, inside the others all
    assert density.empty_given((1, 2), (2, 2), 4, np.array([0, 2])).tolist() == [1.0, 0.5]


@given(st.integers(0, 5))
def test_banded_equals_its_matrix_where_tiles_divide_it(width):
    side = 12
    rows, columns = np.indices((side, side))
    density = Banded(width).of_tensor((side, side))
    actual = ActualData(abs(rows - columns) <= width)
    assert density.expected((1, 1)) == pytest.approx(actual.expected((1, 1)))
    assert density.empty((3, 3)) == pytest.approx(actual.empty((3, 3)))
    assert density.max_occupancy((3, 3)) == actual.max_occupancy((3, 3))


@pytest.mark.parametrize(("nonzeros", "draws"), [(100_000, 37), (70_656, 1), (50_000, 117_760)])
def test_large_populations_are_right_to_about_fifteen_digits(nonzeros, draws):
    population = 200_000
    occupancies, chances = hypergeometric(nonzeros, draws, population)
    assert chances.sum() == pytest.approx(1, abs=1e-12)
    mean = draws * nonzeros / population
    assert (occupancies * chances).sum() == pytest.approx(mean, rel=1e-12)
    none = none_drawn(np.array([nonzeros]), draws, population)[0]
    fraction = math.prod(
        Fraction(population - nonzeros - step, population - step) for step in range(min(draws, 40))
    )
    if draws <= 40:
        assert none == pytest.approx(float(fraction), rel=1e-12)


def test_large_populations_round_as_the_real_program_does():
    # measured: 11760 reads of an operand of 70656 non-zeros among 117760 points, one at a time;
    # 60 % of them happen, and the real program's error makes that one more than 7056
    density = Hypergeometric(0.6).of_tensor((117_760,))
    zeros = 1 - density.expected((1,))
    assert density.nonzeros == 70_656
    assert 11760 - math.floor(11760 * zeros) == 7057
