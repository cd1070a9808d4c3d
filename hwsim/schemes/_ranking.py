"""Which values go first: ranks by magnitude or at random, and the smallest of them."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.schemes.scheme import Weight

Ranks = NDArray[Any]


def magnitudes(values: Weight) -> Ranks:
    """Rank by magnitude, in one dimension.

    Floats that are not negative order as the integers that their bits are; those are told apart
    in half the time.
    """
    found = np.abs(values.reshape(-1))
    return found.view(np.uint32) if found.dtype == np.float32 else found


def random_ranks(seed: int, name: str, size: int) -> NDArray[np.uint32]:
    """Draw ranks of 1 to 2**32 - 1, a stream of their own for each seed and name."""
    stream = np.random.PCG64([seed, zlib.crc32(name.encode())])
    return ranks_of(stream.random_raw(-(-size // 2)))[:size]


def ranks_of(words: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Split words into their halves, the low one first; a half of zero becomes 1.

    Zero is the rank of what goes before all others.
    """
    halves: NDArray[np.uint32] = words.astype("<u8", copy=False).view("<u4")
    np.maximum(halves, 1, out=halves)
    return halves


def zeros_first(ranks: NDArray[np.uint32], values: Weight) -> NDArray[np.uint32]:
    """Give the rank 0 to values that are zero, in place."""
    flat = values.reshape(-1)
    if not flat.all():
        ranks *= flat != 0
    return ranks


def smallest(ranks: Ranks, count: int) -> NDArray[np.bool_]:
    """Mark the ``count`` smallest ranks, of equal ones the earlier, in linear time.

    Parameters
    ----------
    ranks : ndarray, shape (..., n)
        What to rank, along the last axis.
    count : int
        How many of the n, 0 to n.

    Returns
    -------
    ndarray of bool, same shape
    """
    if count == 0:
        return np.zeros(ranks.shape, dtype=bool)
    border = np.partition(ranks, count - 1, axis=-1)[..., count - 1 : count]
    marked = np.asarray(ranks <= border)
    wanted = count * (ranks.size // ranks.shape[-1])
    if np.count_nonzero(marked) > wanted:
        ties = ranks == border
        marked &= ~ties
        missing = count - np.count_nonzero(marked, axis=-1, keepdims=True)
        marked |= ties & (np.cumsum(ties, axis=-1) <= missing)
    return marked
