"""Random ranks, a stream of their own for each seed and name, and the smallest of them."""

from __future__ import annotations

import math
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.schemes._ranking import smallest

#: Ranks that are drawn at a time, two a word: they and their marks stay in a core's cache.
_BLOCK: Final = 1 << 16
#: Standard deviations between the share of ranks below a border and that border over 2**32.
_DEVIATIONS: Final = 6.0
_LARGEST: Final = 2**32 - 1


def random_ranks(seed: int, name: str, size: int) -> NDArray[np.uint32]:
    """Draw ranks of 1 to 2**32 - 1."""
    return _next_ranks(_stream(seed, name), size)


def smallest_at_random(seed: int, name: str, size: int, count: int) -> NDArray[np.bool_]:
    """Mark the ``count`` smallest of :func:`random_ranks`, and keep but few of them.

    Between which two ranks the border lies is known beforehand but for chance; only ranks between
    them are kept and compared with each other. Where chance has it otherwise all are.

    Parameters
    ----------
    seed, name, size
        As for :func:`random_ranks`.
    count : int
        How many, 0 to ``size``.

    Returns
    -------
    ndarray of bool, shape (size,)
    """
    low, high = _border_between(count, size)
    stream = _stream(seed, name)
    marked = np.empty(size, dtype=bool)
    places, ranks_there = [], []
    for start in range(0, size, _BLOCK):
        part = marked[start : start + _BLOCK]
        ranks = _next_ranks(stream, part.size)
        np.less_equal(ranks, low, out=part)
        open_ones = np.flatnonzero((ranks <= high) != part)
        places.append(open_ones + start)
        ranks_there.append(ranks[open_ones])
    near = np.concatenate(ranks_there)
    missing = count - int(np.count_nonzero(marked))
    if not 0 <= missing <= near.size:
        return smallest(random_ranks(seed, name, size), count)
    marked[np.concatenate(places)[smallest(near, missing)]] = True
    return marked


def ranks_of(words: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Split words into their halves, the low one first; a half of zero becomes 1.

    Zero is the rank of what goes before all others.
    """
    halves: NDArray[np.uint32] = np.asarray(words, "<u8").view("<u4")
    np.maximum(halves, 1, out=halves)
    return halves


def _stream(seed: int, name: str) -> np.random.PCG64:
    return np.random.PCG64([seed, zlib.crc32(name.encode())])


def _next_ranks(stream: np.random.PCG64, size: int) -> NDArray[np.uint32]:
    return ranks_of(stream.random_raw(-(-size // 2)))[:size]


def _border_between(count: int, size: int) -> tuple[np.uint32, np.uint32]:
    """Give ranks of which the count-th smallest is hardly ever outside."""
    share = count / size
    spread = _DEVIATIONS * math.sqrt(share * (1 - share) / size)
    low, high = (min(max(share + off, 0.0), 1.0) * _LARGEST for off in (-spread, spread))
    return np.uint32(low), np.uint32(high)
