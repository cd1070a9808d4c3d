"""Which values of the streaming matrix some multiplier waits for.

The controller reads every value of a column that is not zero, once for each pass over the matrix,
whether or not a multiplier holds a weight of the same k (stonne-simulator/stonne,
``SparseSDMemory::cycle``, state ``DIST_STR_MATRIX``). A value that one waits for is sent, as a zero
where it was not read.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.fabric.packing import Ints, Packing

#: Rows of which a byte holds the sum.
_ROWS: Final = 255


def passes_that_wait(packing: Packing, rows: NDArray[np.bool_], groups: int = 1) -> Ints:
    """Count, for each k, the passes in which some multiplier waits for the value of that k.

    Parameters
    ----------
    packing : Packing
        Says which rows share a pass.
    rows : ndarray of bool, shape (rows over all groups, K)
        The stationary bits.
    groups : int
        Groups that share the rows.

    Returns
    -------
    ndarray of int, shape (groups, K)
        At most the number of passes of the group.
    """
    passes = packing.passes(groups, len(rows))
    if not any(rows.strides) and rows.flat[0]:  # one bit, broadcast
        return np.repeat(passes[:, None], rows.shape[1], axis=1)
    if len(packing.first_rows) < len(rows):
        rows = np.logical_or.reduceat(rows, packing.first_rows, axis=0)
    return np.stack([_count(each) for each in np.split(rows, np.cumsum(passes)[:-1])])


def _count(rows: NDArray[np.bool_]) -> Ints:
    """Count the bits of each column, shape (K,), in bytes that as many rows cannot overflow."""
    total = np.zeros(rows.shape[1], dtype=np.int64)
    for start in range(0, len(rows), _ROWS):
        block = rows[start : start + _ROWS].view(np.uint8)
        total += np.add.reduce(block, axis=0, dtype=np.uint8)
    return total
