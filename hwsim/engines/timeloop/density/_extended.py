"""Positive numbers with 64 bits of mantissa, as ``long double`` has them on x86, on any machine.

Every operation rounds once, to the nearest and halves to even. (106 bits are there to round: what
lies nearer than 2**-104 to a half counts as one, and so do sums of numbers more than 2**40 apart;
a power may be the next number.) Elsewhere ``long double`` may have
53 or 113 bits; what the real program's rounding decides would then be decided otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.density._double_double import (
    LOG_2,
    Floats,
    Pair,
    add,
    divide,
    exact_product,
    exact_sum,
    exponential,
    logarithm,
    multiply,
    square_root,
)

Ints = npt.NDArray[np.int64]

#: Added to and taken off a low part, it leaves a multiple of 2**-63, the last bit of 1 to 2.
_ROUNDS_TO_64_BITS: Final = 1.5 * 2.0 ** (52 - 63)
#: Whether ``long double`` is such a number here; repeated products are faster then.
MACHINE_HAS_64_BITS: Final = np.finfo(np.longdouble).nmant == 63
#: Products of whole arrays at least, before numbers are multiplied one after the other.
_STEPS_TOGETHER: Final = 8
#: Products of mantissas below 2 that do not leave the exponents of a ``long double``.
_STEPS_IN_RANGE: Final = 8192


@dataclass(frozen=True)
class Extended:
    """An array of positive numbers, (high + low) * 2**exponent, high from 1 to below 2.

    The exponent has not the bounds that a ``long double`` has.
    """

    high: Floats
    low: Floats
    exponent: Ints

    @classmethod
    def of_integers(cls, values: npt.ArrayLike) -> Extended:
        """Take over whole numbers from 1 to below 2**62."""
        whole = np.asarray(values, dtype=np.int64)
        high = whole.astype(np.float64)
        low = (whole - high.astype(np.int64)).astype(np.float64)
        return _rounded((high, low), np.zeros_like(whole))

    @classmethod
    def of_fraction(cls, value: Fraction) -> Extended:
        """Round a fraction, as a whole number of last bits: there is no second rounding."""
        exponent = value.numerator.bit_length() - value.denominator.bit_length() - 64
        if value >= Fraction(2) ** (exponent + 64):
            exponent += 1
        whole = round(value / Fraction(2) ** exponent)
        high = float(whole)
        return _rounded((np.array(high), np.array(float(whole - int(high)))), np.array(exponent))

    @classmethod
    def ones(cls, count: int) -> Extended:
        """Make as many ones."""
        return cls(np.ones(count), np.zeros(count), np.zeros(count, dtype=np.int64))

    @classmethod
    def join(cls, parts: Sequence[Extended], axis: int) -> Extended:
        """Put arrays one after the other along an axis."""
        return cls(
            np.concatenate([part.high for part in parts], axis=axis),
            np.concatenate([part.low for part in parts], axis=axis),
            np.concatenate([part.exponent for part in parts], axis=axis),
        )

    @classmethod
    def stack(cls, rows: Sequence[Extended]) -> Extended:
        """Put rows together."""
        return cls(
            np.stack([row.high for row in rows]),
            np.stack([row.low for row in rows]),
            np.stack([row.exponent for row in rows]),
        )

    @property
    def arrays(self) -> tuple[Floats, Floats, Ints]:
        """High, low and exponent, to be changed in place together."""
        return self.high, self.low, self.exponent

    def __getitem__(self, places: Any) -> Extended:
        return Extended(self.high[places], self.low[places], self.exponent[places])

    def put(self, places: Any, values: Extended) -> None:
        """Replace numbers in place."""
        for own, new in zip(self.arrays, values.arrays, strict=True):
            own[places] = new

    def __add__(self, other: Extended) -> Extended:
        shift = other.exponent - self.exponent
        moved = np.ldexp(other.high, shift), np.ldexp(other.low, shift)
        return _rounded(add((self.high, self.low), moved), self.exponent)

    def __mul__(self, other: Extended) -> Extended:
        product = multiply((self.high, self.low), (other.high, other.low))
        return _rounded(product, self.exponent + other.exponent)

    def __truediv__(self, other: Extended) -> Extended:
        quotient = divide((self.high, self.low), (other.high, other.low))
        return _rounded(quotient, self.exponent - other.exponent)

    def each(self, change: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]) -> Extended:
        """Move, copy or repeat numbers: the same change of all three arrays."""
        return Extended(change(self.high), change(self.low), change(self.exponent))

    def product(self) -> Extended:
        """Multiply the rows, from the first to the last."""
        total = self[0]
        for row in range(1, len(self.high)):
            total = total * self[row]
        return total

    def times(self, factor: Extended, times: Ints) -> Extended:
        """Multiply by a factor so many times, one by one: every product rounds."""
        shape = np.broadcast_shapes(self.high.shape, factor.high.shape)
        result = self.each(lambda part: np.broadcast_to(part, shape).copy())
        factor = factor.each(lambda part: np.broadcast_to(part, shape))
        left = times.copy()
        for _ in range(max(_STEPS_TOGETHER, len(left) // 4)):
            active = np.flatnonzero(left)
            if not len(active):
                break
            result.put(active, result[active] * factor[active])
            left[active] -= 1
        repeat = _repeat_on_machine if MACHINE_HAS_64_BITS else _repeat
        for place in np.flatnonzero(left).tolist():
            whole, exponent = repeat(*result._whole(place), *factor._whole(place), int(left[place]))
            high = float(whole)
            result.high[place] = math.ldexp(high, -63)
            result.low[place] = math.ldexp(float(whole - int(high)), -63)
            result.exponent[place] = exponent + 63
        over = result.high == 2  # a mantissa of ones is nearer to the next power of 2
        result.put(over, _rounded((result.high[over], result.low[over]), result.exponent[over]))
        return result

    def _whole(self, place: int) -> tuple[int, int]:
        """Mantissa as a whole number of 64 bits, and its exponent."""
        # In halves of the last bit, which numbers just below a power of 2 need.
        halves = int(self.high[place] * 2.0**64) + int(self.low[place] * 2.0**64)
        long = halves >> 64
        return halves >> long, int(self.exponent[place]) - 64 + long

    def square_root(self) -> Extended:
        """Find the root."""
        odd = self.exponent % 2
        root = square_root((np.ldexp(self.high, odd), np.ldexp(self.low, odd)))
        return _rounded(root, (self.exponent - odd) // 2)

    def power(self, exponents: Floats) -> Extended:
        """Raise to powers."""
        log_high, log_low = logarithm((self.high, self.low))
        twos = self.exponent.astype(np.float64)
        high, low = exact_product(twos, np.full_like(twos, LOG_2[0]))
        total = add((log_high, log_low), (high, low + twos * LOG_2[1]))
        result, exponent = exponential(multiply(total, (exponents, np.zeros_like(exponents))))
        return _rounded(result, exponent)

    def doubles(self) -> Floats:
        """Round to doubles; what is too small for one is 0, what is too large infinite."""
        with np.errstate(over="ignore"):
            return np.asarray(np.ldexp(self.high + self.low, self.exponent))


def exponential_of(powers: Ints) -> Extended:
    """Raise e to whole powers."""
    whole = powers.astype(np.float64)
    result, exponent = exponential((whole, np.zeros_like(whole)))
    return _rounded(result, exponent)


def _rounded(pair: Pair, exponent: Ints) -> Extended:
    """Bring a positive pair between 1 and 2 and round it to 64 bits."""
    mantissa, shift = np.frexp(pair[0])
    high, low = mantissa * 2, np.ldexp(pair[1], 1 - shift)
    # Just below a power of 2 the last bit is worth half.
    rounds = np.where((high == 1) & (low < 0), _ROUNDS_TO_64_BITS / 2, _ROUNDS_TO_64_BITS)
    low = (low + rounds) - rounds
    high, low = exact_sum(high, low)
    over = high == 2
    high, low = np.where(over, 1.0, high), np.where(over, low / 2, low)
    return Extended(high, low, exponent + shift - 1 + over)


def _repeat(
    mantissa: int, exponent: int, factor: int, factor_exponent: int, times: int
) -> tuple[int, int]:
    """Multiply whole mantissas of 64 bits, rounding each product to as many."""
    for _ in range(times):
        wide = mantissa * factor
        shift = 63 + (wide >> 127)
        mantissa = (wide + (1 << (shift - 1)) - 1 + ((wide >> shift) & 1)) >> shift
        if mantissa >> 64:
            mantissa >>= 1
            shift += 1
        exponent += factor_exponent + shift
    return mantissa, exponent


def _repeat_on_machine(
    mantissa: int, exponent: int, factor: int, factor_exponent: int, times: int
) -> tuple[int, int]:
    """Do the same on a ``long double`` of 64 bits."""
    # From 1 to below 2.
    product, one = (np.ldexp(np.longdouble(whole), -63) for whole in (mantissa, factor))
    exponent += 63
    for first in range(0, times, _STEPS_IN_RANGE):
        steps = min(_STEPS_IN_RANGE, times - first)
        factors = np.full(steps, one)
        fraction, twos = np.frexp(np.multiply.reduce(factors, initial=product))
        product = fraction * 2
        exponent += int(twos) - 1 + steps * (factor_exponent + 63)
    return int(np.ldexp(product, 63)), exponent - 63
