"""Floats that numpy does not have, as structured types: their bits, until a weight is made of them.

bfloat16 is the upper half of a 32-bit float. The 8-bit floats are those of Micikevicius et al.,
FP8 Formats for Deep Learning, 2022 (arXiv 2209.05433), table 1: e4m3 without infinities, e5m2 with.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

# Void fields: numpy refuses to take them for numbers.
BFLOAT16: Final = np.dtype([("bfloat16", "V2")])
E4M3: Final = np.dtype([("float8_e4m3", "V1")])
E5M2: Final = np.dtype([("float8_e5m2", "V1")])


def decoded(array: NDArray[Any]) -> NDArray[Any]:
    """Give an array of one of these types as 32-bit floats, which hold it exactly.

    Any other array is given back as it is.
    """
    if array.dtype not in (BFLOAT16, E4M3, E5M2):
        return array
    bits = np.ascontiguousarray(array).view("<u2" if array.dtype == BFLOAT16 else "u1")
    if array.dtype == BFLOAT16:
        floats: NDArray[Any] = (bits.astype(np.uint32) << 16).view(np.float32)
        return floats
    table: NDArray[Any] = _E4M3_VALUES if array.dtype == E4M3 else _E5M2_VALUES
    values: NDArray[Any] = table[bits]
    return values


def is_small_float(array: NDArray[Any]) -> bool:
    """Tell an array of one of these types."""
    return array.dtype in (BFLOAT16, E4M3, E5M2)


def is_fp8(array: NDArray[Any]) -> bool:
    """Tell an array of 8-bit floats."""
    return array.dtype in (E4M3, E5M2)


def _values(mantissa_bits: int, bias: int) -> NDArray[np.float32]:
    """Give the value of each of the 256 codes; those of the largest exponent are set apart."""
    codes = np.arange(256)
    sign = np.where(codes >> 7, -1.0, 1.0)
    exponent = (codes & 0x7F) >> mantissa_bits
    fraction = (codes & ((1 << mantissa_bits) - 1)) / (1 << mantissa_bits)
    normal = np.exp2(exponent - bias) * (1 + fraction)
    subnormal = np.exp2(1 - bias) * fraction
    values: NDArray[np.float32] = (sign * np.where(exponent > 0, normal, subnormal)).astype("f4")
    return values


_E4M3_VALUES: Final = _values(3, 7)
_E4M3_VALUES[[0x7F, 0xFF]] = np.nan
_E5M2_VALUES: Final = _values(2, 15)
_E5M2_VALUES[[0x7C, 0xFC]] = (np.inf, -np.inf)
_E5M2_VALUES[[0x7D, 0x7E, 0x7F, 0xFD, 0xFE, 0xFF]] = np.nan
