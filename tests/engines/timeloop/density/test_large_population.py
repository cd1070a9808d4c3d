"""Powers that fold into each other, and what vanishes on the way, by hand."""

import numpy as np
import pytest

from hwsim.engines.timeloop.density._extended import Extended, exponential_of
from hwsim.engines.timeloop.density._large_population import (
    _fold,
    _multiply,
    _product_of_powers,
    chances,
)


def column(values):
    """Nine numbers of one product, those that are not given 1 (of exponents 0.5 or 0)."""
    return np.array(values, dtype=float)[:, None]


def powers_of_two(*twos):
    twos = [*twos, *[0] * (9 - len(twos))]
    return Extended(np.ones((9, 1)), np.zeros((9, 1)), np.array(twos, dtype=np.int64)[:, None])


@pytest.mark.parametrize(("second", "vanishes"), [(-382, False), (-383, True)])
def test_the_largest_power_gives_the_second_as_much_as_it_can(second, vanishes):
    exponents = column([3.5, 1.5] + [0.5] * 7)
    bases = powers_of_two(-8000, second, 2, 3, 4, 5, 6, 7, 8)
    scales = np.arange(1, 10)[:, None]
    gone = _fold(exponents, bases, scales)
    # a**3.5 b**1.5 = a**0.5 (b a**2)**1.5; what is left of a goes behind its equals
    assert exponents[:, 0].tolist() == [1.5] + [0.5] * 8
    assert bases.exponent[:, 0].tolist() == [second - 16_000, 2, 3, 4, 5, 6, 7, 8, -8000]
    assert scales[:, 0].tolist() == [2 + 2 * 1, 3, 4, 5, 6, 7, 8, 9, 1]
    assert gone.tolist() == [vanishes]


@pytest.mark.parametrize(
    ("first", "second", "left", "times"),
    [(1.5, 1.5, 0, 1), (2.5, 1.5, 1, 1), (4.5, 1.5, 1.5, 2), (5.5, 1.5, 1, 3), (6.5, 2.5, 1.5, 2)],
)
def test_equal_powers_fold_once_and_others_until_they_are_not_the_largest(
    first, second, left, times
):
    exponents = column([first, second] + [0] * 7)
    bases = powers_of_two(1)
    _fold(exponents, bases, np.ones((9, 1), dtype=np.int64))
    assert exponents[:, 0].tolist() == [second, left] + [0] * 7
    assert bases.exponent[0, 0] == times


def test_equal_powers_are_of_one_product_and_whole_and_half_ones_exact():
    bases = Extended.of_integers(np.array([[32], [5], [7], [16], [9], [3], [3], [3], [3]]))
    exponents = column([2, 1, 1, 0.5, 0.5, 0, 0, 0, 0])
    found, alive = _multiply(bases, exponents, np.zeros((9, 1), dtype=np.int64))
    assert found.doubles().tolist() == [32 * 32 * 5 * 7 * 4 * 3]
    assert alive.tolist() == [True]


def test_equal_powers_are_multiplied_before_they_are_raised():
    a, b = (Extended.of_integers(2**61 + k) for k in (123_457, 987_654_321))
    bases = Extended.of_integers(np.ones((9, 1), dtype=np.int64))
    for place, base in enumerate((a, b)):
        bases.put((slice(place, place + 1), 0), base.each(np.atleast_1d))
    zeros = np.zeros((9, 1), dtype=np.int64)
    found, _ = _multiply(bases, column([0.5, 0.5] + [0] * 7), zeros)
    expected = (a * b).power(np.array(0.5))
    assert (found.high[0], found.low[0]) == (expected.high, expected.low)


def test_first_powers_and_roots_round_once():
    random = np.random.default_rng(0)
    bases = Extended.of_integers(np.ones((9, 300), dtype=np.int64))
    own = Extended.of_integers(random.integers(2**60, 2**62, 300))
    for exponent, expected in ((1, own), (0.5, own.square_root())):
        bases.put(3, own)
        exponents = np.zeros((9, 300))
        exponents[3] = exponent
        found, _ = _multiply(bases, exponents, np.zeros((9, 300), dtype=np.int64))
        assert (found.high == expected.high).all()
        assert (found.low == expected.low).all()


def test_powers_of_e_belong_to_their_bases():
    scales = np.zeros((9, 1), dtype=np.int64)
    scales[:3, 0] = (1, -3, 2)
    found, _ = _multiply(powers_of_two(), column([2, 1.5, 1.5] + [0] * 6), scales)
    assert found.doubles()[0] == pytest.approx(np.exp(2 - 1.5 * 1), rel=1e-15)


@pytest.mark.parametrize(
    ("twos", "exponents", "alive"),
    [
        ((0, -16_382), (0, 1), True),
        ((0, -16_383), (0, 1), False),
        ((0, -16_383, 1), (0, 1, 0.5), False),  # what has vanished comes back by no factor
        ((0, -20_000, 40_000), (0, 1, 0.5), False),
        ((0, 20_000, -40_000), (0, 1, 0.5), True),
    ],
)
def test_what_is_smaller_than_normal_has_vanished(twos, exponents, alive):
    given = column([*exponents, *[0] * (9 - len(exponents))])
    _, left = _multiply(powers_of_two(*twos), given, np.zeros((9, 1), dtype=np.int64))
    assert left.tolist() == [alive]


def test_no_chance_is_above_certainty():
    everything = np.array([3_133_493])  # 1 + 3e-13 by its powers
    assert chances(everything, everything, 3_133_493, 3_133_493).tolist() == [1]


def product_of(exponents, a, b):
    """Of two powers; the others are of 1. Both are over a power of e."""
    bases = Extended.of_integers(np.ones((9, 1), dtype=np.int64))
    bases.put((slice(0, 1), 0), a.each(np.atleast_1d))
    bases.put((slice(1, 2), 0), b.each(np.atleast_1d))
    found, alive = _product_of_powers(bases, column([*exponents] + [0] * 7))
    assert alive.tolist() == [True]
    return float(found.high[0]), float(found.low[0]), int(found.exponent[0])


def test_powers_are_folded_until_the_second_is_at_most_the_first():
    a, b = (Extended.of_integers(2**61 + k) for k in (123_457, 2**60 + 987_654_321))

    def power(base, scale, exponent):
        return (base * exponential_of(np.array(scale))).power(np.array(exponent))

    def told(found):
        return float(found.high), float(found.low), int(found.exponent)

    ab = b * a
    # a**2.5 b**1.5 = a (b a)**1.5
    once = power(ab, -2, 1.5) * (a * exponential_of(np.array(-1)))
    assert product_of((2.5, 1.5), a, b) == told(once)
    # a**3.5 b**2 = a**1.5 (b a)**2 = (a b a)**1.5 (b a)**0.5
    root = (ab * exponential_of(np.array(-2))).square_root()
    assert product_of((3.5, 2), a, b) == told(power(a * ab, -3, 1.5) * root)


def test_a_product_that_vanished_on_the_way_comes_back_by_no_power():
    exponents = column([3.5, 1.5] + [0.5] * 7)
    _, alive = _product_of_powers(powers_of_two(-8000, -383, *[30_000] * 7), exponents)
    assert alive.tolist() == [False]


def test_what_has_vanished_has_no_chance():
    chance = chances(np.array([0]), np.array([50_000]), 100_000, 200_000)
    assert chance.tolist() == [0]
