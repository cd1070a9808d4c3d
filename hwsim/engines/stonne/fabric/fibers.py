"""The bit masks as STONNE's SIGMA sees them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: STONNE's front end marks zeros as present until a fiber has this many bits set, because its
#: reduction tree is built for virtual neurons of at least three multipliers
#: (stonne-simulator/stonne, ``generateBitMapFromDense``).
SHORTEST_FIBER = 3


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
    missing = SHORTEST_FIBER - np.count_nonzero(bits, axis=-1)
    short = missing > 0
    if not short.any():
        return bits
    filled = bits.copy()
    fibers = filled[short]
    zeros_so_far = np.cumsum(~fibers[:, :SHORTEST_FIBER], axis=1)
    fibers[:, :SHORTEST_FIBER] |= zeros_so_far <= missing[short][:, None]
    filled[short] = fibers
    return filled
