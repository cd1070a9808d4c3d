"""The bit masks as STONNE's SIGMA sees them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwsim.bit_rows import BitRows

#: STONNE's front end marks zeros as present until a fiber has this many bits set, because its
#: reduction tree is built for virtual neurons of at least three multipliers
#: (stonne-simulator/stonne, ``generateBitMapFromDense``).
SHORTEST_FIBER = 3


def count_in_fibers(bits: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count the bits of each fiber, shape (...,)."""
    width = bits.shape[-1]
    if not any(bits.strides):  # one bit, broadcast
        return np.full(bits.shape[:-1], width if bits.flat[0] else 0, dtype=np.int64)
    if width % 8 or not bits.flags.c_contiguous:
        return np.asarray(np.count_nonzero(bits, axis=-1), dtype=np.int64)
    words = np.bitwise_count(bits.view(np.uint64))  # eight bits of a fiber in one go
    return np.asarray(words.sum(axis=-1, dtype=np.int64))


def fill_short_fibers(bits: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Set leading zeros of the fibers that have fewer than three non-zeros.

    A fiber (a row of the stationary or of the streaming matrix) with fewer non-zeros gets the
    zeros among its first three positions set, front to back, until three bits are set. A fiber
    of one or two elements becomes full.

    Parameters
    ----------
    bits : ndarray of bool, shape (..., K)
        True where a value is not zero; a fiber lies along the last axis.

    Returns
    -------
    ndarray of bool, same shape
        ``bits`` itself when no fiber is short.
    """
    missing = _missing(count_in_fibers(bits), bits.shape[-1])
    short = missing > 0
    if not short.any():
        return bits
    filled = bits.copy()
    filled[short] = _filled(bits[short], missing[short])
    return filled


def filled_rows(fibers: BitRows) -> BitRows:
    """Do as :func:`fill_short_fibers`."""
    missing = _missing(fibers.counts, fibers.width)
    short = missing > 0
    if not short.any():
        return fibers
    return fibers.with_rows(short, _filled(fibers[short].bits(), missing[short]))


def _missing(counts: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """Tell the bits that fibers lack; none or less than none where they have enough."""
    return min(SHORTEST_FIBER, width) - counts


def _filled(fibers: NDArray[np.bool_], missing: NDArray[np.int64]) -> NDArray[np.bool_]:
    zeros_so_far = np.cumsum(~fibers[:, :SHORTEST_FIBER], axis=1)
    fibers[:, :SHORTEST_FIBER] |= zeros_so_far <= missing[:, None]
    return fibers
