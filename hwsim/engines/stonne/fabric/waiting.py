"""Which values of the streaming matrix some multiplier waits for.

The controller reads every value of a column that is not zero, once for each pass over the matrix,
whether or not a multiplier holds a weight of the same k (stonne-simulator/stonne,
``SparseSDMemory::cycle``, state ``DIST_STR_MATRIX``). A value that one waits for is sent, as a zero
where it was not read.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.fabric.packing import Ints, Packing


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
    if len(packing.first_rows) < len(rows):
        rows = np.logical_or.reduceat(rows, packing.first_rows, axis=0)
    of_groups = np.split(rows, np.cumsum(passes)[:-1])
    # A sum of all groups at once would make eight bytes of each bit.
    return np.stack([np.count_nonzero(each, axis=0) for each in of_groups])
