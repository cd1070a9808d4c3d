"""Numbers of one layer, or of several layers side by side in an array.

What is said here of an array holds value by value, and gives to the last bit what the numbers give.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: A number, or an array of them, shape (layers,). Any, because a checker of types would have every
#: figure of one layer be both.
Amount = Any
#: Whole numbers below it have room in 64 bits for a few sums and a factor of millions, such as the
#: bits of all registers; larger ones stay Python's.
_ROOMY: Final = 2**40


def side_by_side(values: Sequence[float]) -> NDArray[Any]:
    """Put numbers into an array that computes as they do.

    Parameters
    ----------
    values : sequence of float
        One a layer. Whole numbers too large for sums and products in 64 bits, and whole numbers
        beside fractions, stay Python's own in an array of objects.
    """
    kinds = set(map(type, values))
    if kinds in ({float}, {int}):
        array = np.array(values)
        if array.dtype == np.float64 and kinds == {float}:
            return array
        if array.dtype == np.int64 and array.max() < _ROOMY and array.min() > -_ROOMY:
            return array
    return np.array(values, dtype=object)


def anywhere(amount: Amount) -> bool:
    """Whether it is not zero, of any layer."""
    return bool(np.count_nonzero(amount)) if isinstance(amount, np.ndarray) else bool(amount)


def least_and_most(amount: Amount) -> tuple[float, float]:
    """Give the least and the largest of all layers."""
    if isinstance(amount, np.ndarray):
        return amount.min(), amount.max()
    return amount, amount


def added(amounts: Iterable[Amount]) -> Amount:
    """Add from the first to the last, each sum rounded: what :func:`sum` does not do in 3.12."""
    total: Amount = 0
    for amount in amounts:
        total = total + amount
    return total


def chosen(so: Amount, one: Amount, other: Amount) -> Amount:
    """Take one where something is so, and the other elsewhere."""
    if isinstance(so, np.ndarray):
        return np.where(so.astype(bool, copy=False), one, other)
    return one if so else other


def smaller(one: Amount, other: Amount) -> Amount:
    """Take the smaller of two."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.minimum(one, other)
    return min(one, other)


def square_root(amount: Amount) -> Amount:
    """Take the root, rounded as it should be in either case."""
    return np.sqrt(amount.astype(float)) if isinstance(amount, np.ndarray) else math.sqrt(amount)


def over(dividend: Amount, divisor: Amount, otherwise: Amount) -> Amount:
    """Divide; by nothing it is something else."""
    if isinstance(divisor, np.ndarray):
        if np.count_nonzero(divisor) == divisor.size:
            return dividend / divisor
        some = divisor != 0
        return chosen(some, dividend / chosen(some, divisor, 1), otherwise)
    return dividend / divisor if divisor else otherwise


def real(amount: Amount) -> Amount:
    """Make it a fraction, whatever it was computed from."""
    return amount.astype(float, copy=False) if isinstance(amount, np.ndarray) else float(amount)


def told(amount: Amount, digits: str = ".4g") -> str:
    """Write it with so many digits; of several layers the least and the largest."""
    if not isinstance(amount, np.ndarray):
        return f"{amount:{digits}}"
    low, high = (f"{end:{digits}}" for end in least_and_most(amount))
    return low if low == high else f"{low} to {high}"
