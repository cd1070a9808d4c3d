"""64-bit mantissas on any machine, against fractions rounded by hand."""

import math
import re
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import hwsim
from hwsim.engines.timeloop.density import _double_double as dd
from hwsim.engines.timeloop.density import _extended as extended
from hwsim.engines.timeloop.density._extended import Extended, exponential_of

wholes = st.integers(1, 2**62 - 1)


def rounded(value: Fraction, bits: int = 64) -> Fraction:
    """To so many bits, halves to even."""
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    if Fraction(2) ** exponent > value:
        exponent -= 1
    last = Fraction(2) ** (exponent - bits + 1)
    return round(value / last) * last


def exact(number: Extended) -> Fraction:
    mantissa = Fraction(float(number.high)) + Fraction(float(number.low))
    return mantissa * Fraction(2) ** int(number.exponent)


def ratio(a: int, b: int) -> Extended:
    return Extended.of_integers(a) / Extended.of_integers(b)


def digits(function, value: Fraction, precision: int = 50) -> Fraction:
    with localcontext() as context:
        context.prec = precision
        return Fraction(getattr(Decimal(value.numerator) / Decimal(value.denominator), function)())


@given(wholes)
def test_whole_numbers_are_exact(value):
    assert exact(Extended.of_integers(value)) == value


@given(wholes, wholes)
@example(5, 2**62 - 1)  # 106 bits of it lie half-way
@example(2**62 - 1, 1)
@example(1, 2**62 - 1)
def test_fractions_round_once(a, b):
    assert exact(Extended.of_fraction(Fraction(a, b))) == rounded(Fraction(a, b))


@given(wholes, wholes)
def test_operations_round_once(a, b):
    x, y = Extended.of_integers(a), Extended.of_integers(b)
    if abs(a.bit_length() - b.bit_length()) <= 40:
        assert exact(x + y) == rounded(Fraction(a + b))
    assert exact(x * y) == rounded(Fraction(a) * b)
    assert exact(x / y) == rounded(Fraction(a, b))


@given(wholes, wholes, wholes, wholes)
def test_operations_on_rounded_numbers_round_once(a, b, c, d):
    x, y = ratio(a, b), ratio(c, d)
    assert exact(x * y) == rounded(exact(x) * exact(y))
    assert exact(x / y) == rounded(exact(x) / exact(y))
    if abs(int(x.exponent) - int(y.exponent)) <= 40:
        assert exact(x + y) == rounded(exact(x) + exact(y))


def test_halves_go_to_even():
    # 2**64 + 1 lies halfway between 2**64 and 2**64 + 2; 2**64 + 3 between + 2 and + 4
    one = Extended.of_integers(1)
    full, more = Extended.of_integers(2**61), Extended.of_integers(2)
    big = full * Extended.of_integers(8)
    assert exact(big + one) == 2**64
    assert exact(big + more + one) == 2**64 + 4
    # just below a power of 2 the last bit is worth half as much
    below = Extended.of_fraction(Fraction(2**64 - 1, 2**64))
    assert exact(below) == Fraction(2**64 - 1, 2**64)
    assert exact(below * below) == Fraction(2**63 - 1, 2**63)


def test_what_is_far_too_small_is_not_added():
    tiny = Extended(np.array(1.0), np.array(0.0), np.array(-5000))
    assert exact(Extended.of_integers(3) + tiny) == 3
    assert exact(tiny * Extended.of_integers(3)) == Fraction(3, 2**5000)


@given(wholes, wholes)
def test_square_roots_square_to_the_number(a, b):
    value = ratio(a, b)
    root = exact(value.square_root())
    assert root == rounded(digits("sqrt", exact(value)))
    assert value.square_root().doubles() == pytest.approx(math.sqrt(a / b), rel=1e-15)


@given(wholes, wholes, st.sampled_from([0.5, 1.0, 1.5, 2.5, 37.5, 1000.5]))
@settings(deadline=None)
def test_powers_are_right_to_the_last_bit_but_one(a, b, exponent):
    value = ratio(a, b)
    found = exact(value.power(np.array(exponent)))
    with localcontext() as context:
        context.prec = 60
        number = exact(value)
        root = (Decimal(number.numerator) / Decimal(number.denominator)).sqrt()
        expected = Fraction(root) ** round(2 * exponent)
    assert abs(found / expected - 1) < Fraction(1, 2**63)


@pytest.mark.parametrize("power", [-3000, -7, -1, 0, 1, 2, 9, 3000])
def test_exponentials_round_once(power):
    expected = digits("exp", Fraction(power))
    assert exact(exponential_of(np.array(power))) == rounded(expected)


@pytest.mark.parametrize("count", [1, 70])
@pytest.mark.parametrize("times", [1, 2, 8, 9, 37, 300])
@pytest.mark.parametrize("machine", [False, extended.MACHINE_HAS_64_BITS])
def test_repeated_factors_round_every_time(count, times, machine, monkeypatch):
    monkeypatch.setattr(extended, "MACHINE_HAS_64_BITS", machine)
    start, factor = ratio(2**61 + 12345, 2**61 + 1), ratio(2**61 - 999, 2**61 + 77)
    expected = exact(start)
    for _ in range(times):
        expected = rounded(expected * exact(factor))
    row = Extended.join([Extended.ones(count)], axis=0) * start
    result = row.times(factor, np.full(count, times))
    assert {exact(result[place]) for place in range(count)} == {expected}


def test_each_number_has_its_own_times():
    twos = Extended.ones(3) * Extended.of_integers(2)
    factor = Extended.of_integers(np.array([3, 5, 7]))
    result = twos.times(factor, np.array([0, 1, 4]))
    assert [exact(result[place]) for place in range(3)] == [2, 10, 2 * 7**4]


def test_a_repeated_product_may_round_up_to_a_power_of_2():
    # 64 ones and a half are nearer to the next power of 2
    ones, more = 2**64 - 1, 2**63 + 1
    assert extended._repeat(ones, -64, ones, -64, 1) == (2**64 - 2, -64)
    mantissa, exponent = extended._repeat(ones - 2, -64, more, -63, 1)
    assert Fraction(mantissa) * Fraction(2) ** exponent == rounded(
        Fraction(ones - 2, 2**64) * Fraction(more, 2**63)
    )
    almost = Extended.of_fraction(Fraction(ones - 2, 2**64))
    grown = almost.each(lambda part: part.reshape(1)).times(Extended.ones(1), np.array([12]))
    assert exact(grown[0]) == exact(almost)
    assert (grown.high[0], int(grown.exponent[0])) == (1, 0)  # below 2, whatever is taken off it


@pytest.mark.parametrize(
    ("mantissa", "factor"),
    [
        (2**63 + 1, 3 * 2**62),  # halves, to the even one above and below
        (2**63 + 3, 3 * 2**62),
        (2**64 - 1, 3 * 2**62),  # the same between 2 and 4
        (2**64 - 3, 3 * 2**62),
        (2**64 - 2, 2**63 + 1),  # up to the next power of 2
        (2**63, 2**63),
        (2**64 - 1, 2**64 - 1),
    ],
)
def test_a_repeated_product_rounds_halves_to_even(mantissa, factor):
    found, exponent = extended._repeat(mantissa, -70, factor, -64, 1)
    assert 2**63 <= found < 2**64
    assert found * Fraction(2) ** exponent == rounded(Fraction(mantissa * factor, 2**134))
    again, more = extended._repeat(mantissa, -70, factor, -64, 2)
    assert again * Fraction(2) ** more == rounded(
        rounded(Fraction(mantissa * factor, 2**134)) * Fraction(factor, 2**64)
    )


def test_a_low_part_may_round_the_high_one_up_to_a_power_of_2():
    high, low = 2 - 2.0**-52, 2.0**-53 - 2.0**-65  # low rounds to half of high's last bit
    found = extended._rounded((np.array(high), np.array(low)), np.array(5))
    assert exact(found) == rounded(Fraction(high) + Fraction(low)) * 2**5
    assert (found.high, found.low, found.exponent) == (1, -(2.0**-54), 6)


def test_products_of_rows_go_from_the_first_to_the_last():
    rows = Extended.stack([ratio(2**61 - k, 2**61 + k * k) for k in (3, 50, 700, 9000)])
    expected = exact(rows[0])
    for row in range(1, 4):
        expected = rounded(expected * exact(rows[row]))
    assert exact(rows.product()) == expected


def test_doubles_are_rounded_once_more():
    assert ratio(1, 3).doubles() == 1 / 3
    half = Extended.of_integers(2**53) + ratio(1, 1)
    assert half.doubles() == 2.0**53
    assert Extended(np.array(1.0), np.array(0.0), np.array(-3000)).doubles() == 0
    assert Extended(np.array(1.0), np.array(0.0), np.array(3000)).doubles() == math.inf


def test_numbers_are_replaced_in_place():
    numbers = Extended.of_integers(np.array([1, 2, 3]))
    numbers.put(np.array([True, False, True]), Extended.of_integers(np.array([7, 9])))
    assert numbers.doubles().tolist() == [7, 2, 9]


pairs = st.floats(1.0, 2.0, exclude_max=True)


def value(pair) -> Fraction:
    return Fraction(float(pair[0])) + Fraction(float(pair[1]))


def pair(high, tail):
    """A pair of a double and a part of its last bit."""
    return np.array(high), np.array(tail * 2.0**-54)


@given(pairs, pairs, st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))
def test_pairs_have_a_hundred_bits(a, b, tail, other):
    x, y = pair(a, tail), pair(b, other)
    for found, expected in (
        (dd.add(x, y), value(x) + value(y)),
        (dd.multiply(x, y), value(x) * value(y)),
        (dd.divide(x, y), value(x) / value(y)),
    ):
        assert abs(value(found) / expected - 1) < Fraction(1, 2**101)
    root = value(dd.square_root(x))
    assert abs(root * root / value(x) - 1) < Fraction(1, 2**101)


@given(pairs, st.floats(-0.9, 0.9))
def test_logarithms_and_exponentials_have_a_hundred_bits(a, tail):
    x = pair(a, tail)
    assert abs(value(dd.logarithm(x)) - digits("ln", value(x))) < Fraction(1, 2**99)
    result, twos = dd.exponential(x)
    found = value(result) * 2 ** int(twos)
    assert abs(found / digits("exp", value(x)) - 1) < Fraction(1, 2**98)


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_sums_and_products_lose_nothing(a, b):
    x, y = np.array(a), np.array(b)
    assert value(dd.exact_sum(x, y)) == Fraction(a) + Fraction(b)
    if abs(a * b) > 1e-200 or 0 in (a, b):
        assert value(dd.exact_product(x, y)) == Fraction(a) * Fraction(b)


def test_a_pair_is_the_nearest():
    assert dd.pair_of(Fraction(1, 3)) == (1 / 3, float(Fraction(1, 3) - Fraction(1 / 3)))
    assert abs(value(dd.LOG_2) - digits("ln", Fraction(2))) < Fraction(1, 2**106)


@pytest.mark.skipif(not extended.MACHINE_HAS_64_BITS, reason="long double has other bits here")
@given(st.integers(2**63, 2**64 - 1), st.integers(2**63, 2**64 - 1), st.integers(1, 20_000))
@settings(max_examples=20)
def test_the_machine_multiplies_as_whole_numbers_do(mantissa, factor, times):
    number = mantissa, -70, factor, -64, times
    assert extended._repeat_on_machine(*number) == extended._repeat(*number)


def test_nothing_else_asks_for_the_long_double_of_the_machine():
    package = Path(hwsim.__file__).parent
    names = re.compile(r"\b(?:np|numpy)\.(?:c?longdouble|float128|float96)\b")
    asking = [file for file in package.rglob("*.py") if names.search(file.read_text("utf-8"))]
    assert [file.name for file in asking] == ["_extended.py"]
