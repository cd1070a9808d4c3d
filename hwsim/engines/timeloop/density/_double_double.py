"""Unevaluated sums of two doubles, about 106 bits together, and their exponential and logarithm.

A pair is (high, low) with high the double nearest to the sum. T. J. Dekker, A Floating-Point
Technique for Extending the Available Precision, 1971; Y. Hida, X. S. Li, D. H. Bailey, Algorithms
for Quad-Double Precision Floating Point Arithmetic, 2001.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Pair = tuple[Floats, Floats]

#: Splits a double into two of 26 bits, whose products are exact.
_SPLITTER: Final = 2.0**27 + 1


def pair_of(value: Fraction) -> tuple[float, float]:
    """Round a number to a pair."""
    high = float(value)
    return high, float(value - Fraction(high))


#: The natural logarithm of 2, to 45 digits.
LOG_2: Final = pair_of(Fraction("0.693147180559945309417232121458176568075500134"))
#: 1 / k! from the last that counts below 2**-106, for arguments up to 0.7, to the first.
_INVERSE_FACTORIALS: Final = tuple(
    pair_of(Fraction(1, factorial))
    for factorial in accumulate(range(1, 28), int.__mul__, initial=1)
)[::-1]


def exact_sum(a: Floats, b: Floats) -> Pair:
    """Add without loss, whichever is larger."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def exact_product(a: Floats, b: Floats) -> Pair:
    """Multiply without loss."""
    product = a * b
    a_high = _SPLITTER * a
    a_high = a_high - (a_high - a)
    b_high = _SPLITTER * b
    b_high = b_high - (b_high - b)
    a_low, b_low = a - a_high, b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def add(a: Pair, b: Pair) -> Pair:
    """Add two pairs."""
    high, low = exact_sum(a[0], b[0])
    return _settle(high, low + (a[1] + b[1]))


def multiply(a: Pair, b: Pair) -> Pair:
    """Multiply two pairs."""
    high, low = exact_product(a[0], b[0])
    return _settle(high, low + (a[0] * b[1] + a[1] * b[0]))


def divide(a: Pair, b: Pair) -> Pair:
    """Divide a pair by another."""
    quotient = a[0] / b[0]
    product, error = exact_product(quotient, b[0])
    rest = (a[0] - product) - error + a[1] - quotient * b[1]
    return _settle(quotient, rest / b[0])


def square_root(a: Pair) -> Pair:
    """Find the root of a positive pair."""
    root = np.sqrt(a[0])
    square, error = exact_product(root, root)
    return _settle(root, ((a[0] - square) - error + a[1]) / (2 * root))


def exponential(a: Pair) -> tuple[Pair, npt.NDArray[np.int64]]:
    """Find e to the power of a pair: a pair between 0.7 and 1.5, and the power of 2 it is times."""
    twos = np.rint(a[0] / LOG_2[0])
    high, low = exact_product(-twos, np.full_like(twos, LOG_2[0]))
    rest = add(a, (high, low - twos * LOG_2[1]))
    return _series(rest), twos.astype(np.int64)


def _series(a: Pair) -> Pair:
    """Sum Taylor's series of the exponential, for at most 0.7."""
    total: Pair = (np.zeros(()), np.zeros(()))
    for high, low in _INVERSE_FACTORIALS:
        total = add(multiply(total, a), (np.array(high), np.array(low)))
    return total


def logarithm(a: Pair) -> Pair:
    """Find the natural logarithm of a pair between 1 and 2: a double's, and a step of Newton's."""
    first = np.log(a[0])
    high, low = multiply(a, _series((-first, np.zeros_like(first))))
    return exact_sum(first, (high - 1) + low)


def _settle(high: Floats, low: Floats) -> Pair:
    """Let high be the nearest double again; low is small already."""
    total = high + low
    return total, low - (total - high)
