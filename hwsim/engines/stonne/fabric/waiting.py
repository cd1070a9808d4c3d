"""Which values of the streaming matrix some multiplier waits for.

The controller reads every value of a column that is not zero, once for each pass over the matrix,
whether or not a multiplier holds a weight of the same k (stonne-simulator/stonne,
``SparseSDMemory::cycle``, state ``DIST_STR_MATRIX``). A value that one waits for is sent, as a zero
where it was not read.
"""

from __future__ import annotations

import numpy as np

from hwsim.bit_rows import BitRows
from hwsim.engines.stonne.fabric.packing import Ints, Packing


def passes_that_wait(packing: Packing, rows: BitRows, groups: int = 1) -> Ints:
    """Count, for each k, the passes in which some multiplier waits for the value of that k.

    Parameters
    ----------
    packing : Packing
        Says which rows share a pass.
    rows : BitRows, shape (rows over all groups, K)
        The stationary bits.
    groups : int
        Groups that share the rows.

    Returns
    -------
    ndarray of int, shape (groups, K)
        At most the number of passes of the group.
    """
    passes = packing.passes(groups, len(rows.packed))
    if rows.all_set:
        return np.repeat(passes[:, None], rows.width, axis=1)
    if len(packing.first_rows) < len(rows.packed):
        rows = rows.joined(packing.first_rows)
    ends = np.cumsum(passes)
    return np.stack(
        [rows[end - count : end].count_columns() for end, count in zip(ends, passes, strict=True)]
    )
