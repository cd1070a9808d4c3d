"""Which values go first: their ranks, and the smallest of them."""

from __future__ import annotations

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
    found = np.abs(values.ravel())
    return found.view(np.uint32) if found.dtype == np.float32 else found


def zeros_first(ranks: NDArray[np.uint32], values: Weight) -> NDArray[np.uint32]:
    """Give the rank 0 to values that are zero, in place."""
    flat = values.ravel()
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
    if np.count_nonzero(marked) != count * border.size:
        surplus = np.asarray(np.count_nonzero(marked, axis=-1) - count).ravel()
        ties = np.flatnonzero(ranks == border)
        row = ties // ranks.shape[-1]
        later = np.searchsorted(row, row, side="right") - 1 - np.arange(ties.size)
        marked.flat[ties[later < surplus[row]]] = False
    return marked
