"""The matrix as the PEs store it: column after column, of each the rows of its own filters.

An entry is a weight and the number of zeros before it in its column and PE. A number that its bits
cannot hold is broken by entries of weight 0 (ISCA 2016, section III): padding, which takes storage,
reads and cycles like any other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Weights that are looked at together: what is made of them stays in a core's cache.
_CHUNK = 1 << 16


def column_entries(nonzeros: NDArray[np.bool_], pes: int, run_bits: int) -> NDArray[np.int64]:
    """Count the entries of each PE in each column, padding included.

    Parameters
    ----------
    nonzeros : ndarray of bool, shape (filters, columns)
        Filter f belongs to PE f mod ``pes``.
    pes : int
        PEs.
    run_bits : int
        Bits that count the zeros before an entry.

    Returns
    -------
    ndarray of int64, shape (columns, pes)
    """
    columns = nonzeros.shape[1]
    entries = np.empty((columns, pes), np.int64)
    step = max(1, _CHUNK // pes)
    for start in range(0, columns, step):
        part = nonzeros[:, start : start + step]
        entries[start : start + step] = _entries(part, pes, run_bits).T
    return entries


def _entries(nonzeros: NDArray[np.bool_], pes: int, run_bits: int) -> NDArray[np.unsignedinteger]:
    """Count the entries of some columns, (PEs, columns), one filter of each PE after the other."""
    filters, columns = nonzeros.shape
    # An entry is a filter's, or stands for one: there are no more than filters of a PE.
    kind = np.uint16 if filters <= pes * np.iinfo(np.uint16).max else np.uint32
    entries, zeros = np.zeros((2, pes, columns), kind)
    padding = np.empty((pes, columns), kind)
    breaks = -(-filters // pes) > 1 << run_bits
    for start in range(0, filters, pes):
        present = nonzeros[start : start + pes]
        before, found = zeros[: len(present)], entries[: len(present)]
        found += present
        if breaks:  # an entry of weight 0 stands for one zero more than it counts
            pads = np.right_shift(before, run_bits, out=padding[: len(present)])
            pads *= present
            found += pads
            before += 1
            before *= ~present
    return entries


def column_rows(entries: NDArray[np.int64], of_row: int) -> NDArray[np.float64]:
    """Expect the rows of memory that columns touch, same shape.

    Columns lie close, so one begins anywhere in a row, each place as likely: c entries touch
    ``1 + (c - 1) / of_row`` rows.
    """
    return np.where(entries > 0, 1 + (entries - 1) / of_row, 0.0)
