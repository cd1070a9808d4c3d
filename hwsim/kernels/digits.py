"""Weights of few levels as digits: what of a filter is counted, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError

#: Digits stand for 0, 1 and -1 in this order.
WORTH: Final = np.array([0, 1, -1], dtype=np.int8)


@dataclass(frozen=True, eq=False)
class Digits:
    """Filters as ``scale * WORTH[digits] + shift``.

    Parameters
    ----------
    digits : ndarray of int8, shape (K, R)
        0 and 1, or 0, 1 and 2, of the R weights of each filter.
    scale, shift : ndarray of float32, shape (K,)
        What a digit is worth in a filter, and what all of its weights have in common.
    """

    digits: NDArray[np.int8]
    scale: NDArray[np.float32]
    shift: NDArray[np.float32]

    @property
    def base(self) -> int:
        """Digits that there are: 2, or 3 where a filter has weights of both signs and zeros."""
        return 3 if bool((self.digits == 2).any()) else 2

    @property
    def shifted(self) -> bool:
        """Whether a filter needs the sum of all its inputs."""
        return bool(self.shift.any())


def digits_of(weights: NDArray[Any], name: str) -> Digits:
    """Read filters of one, two or three levels as digits.

    A filter that has zeros keeps them. In one of two levels without zeros, such as -a and a, the
    more frequent level becomes its shift, so that it has as many zeros as it can have: the sum
    of all inputs, which the shift multiplies, is shared by all filters.

    Parameters
    ----------
    weights : ndarray of float, shape (K, R)
        Quantised weights.
    name : str
        Of the layer, for errors.

    Raises
    ------
    InputError
        If a filter has other levels than a and b, or -a, 0 and a.
    """
    low, high = weights.min(axis=1), weights.max(axis=1)
    at_low, at_high = weights == low[:, None], weights == high[:, None]
    zero = weights == 0
    two = (at_low | at_high).all(axis=1)
    three = (at_low | at_high | zero).all(axis=1) & (low == -high)
    for k in np.flatnonzero(~(two | three)):
        raise InputError(
            f"layer {name!r}: expected weights of two levels, or of -a, 0 and a, in a filter; "
            f"filter {k} has {len(np.unique(weights[k])):,} levels; quantise it, e.g. as binary"
        )
    # Of two levels the digit 0 is the zero, else the more frequent one.
    zeros = zero.any(axis=1)
    to_high = np.where(zeros, high != 0, at_high.sum(axis=1) * 2 <= weights.shape[1])
    other, base = np.where(to_high, high, low), np.where(to_high, low, high)
    signed = three & ~two
    digits = np.where(to_high[:, None], at_high, at_low) & (low != high)[:, None]
    digits = digits.astype(np.int8)
    digits[signed] = at_high[signed] + 2 * at_low[signed]
    base[signed], other[signed] = 0, high[signed]
    return Digits(digits, (other - base).astype(np.float32), base.astype(np.float32))
