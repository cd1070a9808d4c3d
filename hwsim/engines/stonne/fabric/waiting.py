"""Which values of the streaming matrix some multiplier waits for.

The controller reads every value of a column that is not zero, once for each pass over the matrix,
whether or not a multiplier holds a weight of the same k (stonne-simulator/stonne,
``SparseSDMemory::cycle``, state ``DIST_STR_MATRIX``). A value that one waits for is sent, as a zero
where it was not read.
"""

from __future__ import annotations

import numpy as np

from hwsim.bit_rows import BitRows
from hwsim.engines.stonne.fabric.packing import Ints


def passes_of_groups(first_rows: Ints, rows: int, groups: int) -> Ints:
    """Count the passes of each group of as many that have all the rows, shape (groups,)."""
    return np.bincount(first_rows // (rows // groups), minlength=groups)


def passes_that_wait(first_rows: Ints, rows: BitRows, passes: Ints) -> Ints:
    """Count, for each k, the passes in which some multiplier waits for the value of that k.

    Parameters
    ----------
    first_rows : ndarray of int, shape (passes,)
        Where each pass begins, as :class:`~hwsim.engines.stonne.fabric.packing.Packing` has it.
    rows : BitRows, shape (rows over all groups, K)
        The stationary bits.
    passes : ndarray of int, shape (groups,)
        Passes of each group.

    Returns
    -------
    ndarray of int, shape (groups, K)
        At most the number of passes of the group.
    """
    if rows.all_set:
        return np.repeat(passes[:, None], rows.width, axis=1)
    rows = _of_passes(first_rows, rows)
    ends = np.cumsum(passes)
    return np.stack(
        [rows[end - count : end].count_columns() for end, count in zip(ends, passes, strict=True)]
    )


def values_waited_for(first_rows: Ints, rows: BitRows) -> Ints:
    """Count the values of a column that some multiplier waits for in each pass, (passes,)."""
    return _of_passes(first_rows, rows).counts


def _of_passes(first_rows: Ints, rows: BitRows) -> BitRows:
    return rows if len(first_rows) == len(rows.packed) else rows.joined(first_rows)
