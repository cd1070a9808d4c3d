"""What ternary and signed-binary share: weights beyond a threshold keep their sign."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hwsim.bit_rows import BitRows
from hwsim.networks.filter_facts import packed_by_blocks, pieces_of
from hwsim.schemes.scheme import Weight


def thresholds_of_maximum(largest: Weight, factor: float) -> Weight:
    """Give each filter the threshold factor * max(abs(w)), shape (K,).

    The product is rounded in the precision of the weights, as the released PLUM code rounds it.
    The threshold of a filter is at least the smallest number above zero, so that a weight that
    is zero stays zero even where the product is zero (a filter of zeros, a factor of zero).
    """
    return np.asarray(np.maximum(largest * factor, _smallest(largest.dtype)))


@lru_cache(maxsize=8)
def _smallest(kind: np.dtype[np.floating]) -> np.floating:
    """Ask for the smallest number above zero once: numpy tries it out whenever it is asked."""
    return np.finfo(kind).smallest_subnormal


def levels_beyond(rows: Weight, up: Weight, down: Weight) -> NDArray[np.int8]:
    """Quantise rows of shape (K, reduction) to +1 where w >= up, to -1 where w <= -down, else to 0.

    The thresholds, shape (K,), are above zero; infinite where a filter has no such level.
    """
    levels = np.empty(rows.shape, dtype=np.int8)
    for piece, block in pieces_of(rows):
        found = levels[piece]
        np.greater_equal(block, up[piece, None], out=found.view(np.bool_))
        found -= (block <= -down[piece, None]).view(np.int8)
    return levels


def beyond(rows: Weight, positive: NDArray[np.bool_], threshold: Weight) -> BitRows:
    """Mark the weights of rows, (K, reduction), that reach a threshold on their filter's side.

    Parameters
    ----------
    rows : ndarray, shape (K, reduction)
        Weights.
    positive : ndarray of bool, shape (K,)
        The side of each filter.
    threshold : ndarray, shape (K,)
        Above zero.
    """
    side = np.where(positive, 1, -1).astype(rows.dtype)

    def mark(block: Weight, piece: slice) -> NDArray[np.bool_]:
        return np.asarray(block * side[piece, None] >= threshold[piece, None])

    return packed_by_blocks(rows, mark)
