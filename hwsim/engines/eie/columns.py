"""The matrix as the PEs store it: column after column, of each the rows of its own filters.

An entry is a weight and the number of zeros before it in its column and PE. A number that its bits
cannot hold is broken by entries of weight 0 (ISCA 2016, section III): padding, which takes storage,
reads and cycles like any other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Weights that are looked at together, so that large layers take a few bytes a weight.
_CHUNK = 1 << 22


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
    filters, columns = nonzeros.shape
    depth = -(-filters // pes)
    padded = np.zeros((depth * pes, columns), np.bool_)
    padded[:filters] = nonzeros
    of_pe = padded.reshape(depth, pes, columns).transpose(2, 1, 0)
    step = max(1, _CHUNK // (depth * pes))
    return np.concatenate(
        [
            _entries(np.ascontiguousarray(of_pe[start : start + step]), run_bits)
            for start in range(0, columns, step)
        ]
    )


def _entries(nonzeros: NDArray[np.bool_], run_bits: int) -> NDArray[np.int64]:
    """Count the entries along the last axis, (columns, PEs, filters of a PE)."""
    columns, pes, depth = nonzeros.shape
    places = np.flatnonzero(nonzeros)
    fiber, position = places // depth, places % depth
    before = np.full_like(places, -1)  # the place of the entry before, in the same fiber
    before[1:] = np.where(fiber[1:] == fiber[:-1], position[:-1], -1)
    zeros = position - before - 1
    padding = zeros >> run_bits  # an entry of weight 0 stands for one zero more than it counts
    counted = np.bincount(fiber, 1 + padding, minlength=columns * pes)
    return counted.astype(np.int64).reshape(columns, pes)


def column_rows(entries: NDArray[np.int64], of_row: int) -> NDArray[np.float64]:
    """Expect the rows of memory that columns touch, same shape.

    Columns lie close, so one begins anywhere in a row, each place as likely: c entries touch
    ``1 + (c - 1) / of_row`` rows.
    """
    return np.where(entries > 0, 1 + (entries - 1) / of_row, 0.0)
