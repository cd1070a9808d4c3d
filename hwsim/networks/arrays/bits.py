"""Several weights a byte or a word, taken apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def fields(words: Array, bits: int) -> NDArray[np.uint8]:
    """Read fields of a few bits, the lowest first, along the last dimension.

    Parameters
    ----------
    words : ndarray of integers, (..., n)
        Words of 8 to 64 bits; fields may run from one into the next.
    bits : int
        Of a field, 1 to 8.

    Returns
    -------
    ndarray of uint8, (..., n * bits of a word / bits)
        Bits that are left over at the end are dropped.
    """
    words = np.ascontiguousarray(words)
    octets = words.astype(words.dtype.newbyteorder("<")).view(np.uint8)
    if 8 % bits == 0:
        shifts = np.arange(0, 8, bits, dtype=np.uint8)
        parts = (octets[..., None] >> shifts) & np.uint8((1 << bits) - 1)
        return parts.reshape(*octets.shape[:-1], -1)
    single = np.unpackbits(octets, axis=-1, bitorder="little")
    count = single.shape[-1] // bits
    single = single[..., : count * bits].reshape(*single.shape[:-1], count, bits)
    padded = np.zeros((*single.shape[:-1], 8), np.uint8)
    padded[..., :bits] = single
    return np.packbits(padded, axis=-1, bitorder="little")[..., 0]


def ternary(packed: Array) -> NDArray[np.int8]:
    """Read BitNet's four ternary weights a byte: part i of the filters in bits 2 i and 2 i + 1.

    Parameters
    ----------
    packed : ndarray of uint8, (filters / 4, inputs)
        0, 1, 2 stand for -1, 0, 1; as ``transformers.integrations.bitnet.pack_weights`` writes.

    Raises
    ------
    ValueError
        If two bits hold a 3, which stands for nothing.
    """
    parts = np.concatenate([(packed >> shift) & 3 for shift in (0, 2, 4, 6)], axis=0)
    if (parts == 3).any():
        raise ValueError("holds a 3 in two bits, which no ternary weight is")
    return parts.astype(np.int8) - np.int8(1)
