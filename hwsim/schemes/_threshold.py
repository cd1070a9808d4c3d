"""What ternary and signed-binary share: weights beyond a threshold keep their sign."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.filter_facts import blocks_of
from hwsim.networks.mapped import let_go
from hwsim.schemes.scheme import Weight


def thresholds_of_maximum(largest: Weight, factor: float) -> Weight:
    """Give each filter the threshold factor * max(abs(w)), shape (K,).

    The product is rounded in the precision of the weights, as the released PLUM code rounds it.
    The threshold of a filter is at least the smallest number above zero, so that a weight that
    is zero stays zero even where the product is zero (a filter of zeros, a factor of zero).
    """
    smallest = np.finfo(largest.dtype).smallest_subnormal
    return np.asarray(np.maximum(largest * factor, smallest))


def levels_beyond(rows: Weight, up: Weight, down: Weight) -> NDArray[np.int8]:
    """Quantise rows of shape (K, reduction) to +1 where w >= up, to -1 where w <= -down, else to 0.

    The thresholds, shape (K,), are above zero; infinite where a filter has no such level.
    """
    levels = np.empty(rows.shape, dtype=np.int8)
    for piece in blocks_of(rows):
        block, found = rows[piece], levels[piece]
        np.greater_equal(block, up[piece, None], out=found.view(np.bool_))
        found -= (block <= -down[piece, None]).view(np.int8)
        let_go(block)
    return levels


def beyond(rows: Weight, sign: NDArray[np.int8], threshold: Weight) -> NDArray[np.bool_]:
    """Mark the weights of rows, (K, reduction), that reach a threshold on their filter's side.

    Parameters
    ----------
    rows : ndarray, shape (K, reduction)
        Weights.
    sign : ndarray of int8, shape (K, 1)
        The side of each filter, 1 or -1.
    threshold : ndarray, shape (K,)
        Above zero.
    """
    kept = np.empty(rows.shape, dtype=bool)
    side = sign.astype(rows.dtype)
    for piece in blocks_of(rows):
        np.greater_equal(rows[piece] * side[piece], threshold[piece, None], out=kept[piece])
        let_go(rows[piece])
    return kept


def mean_of_effectual(rows: Weight, levels: NDArray[Any]) -> Weight:
    """Average abs(w) over the weights of each filter whose level is not zero, shape (K,)."""
    kept = np.abs(rows)
    kept *= levels != 0
    counts = np.count_nonzero(levels, axis=1)
    means = kept.sum(axis=1, dtype=np.float64) / np.maximum(counts, 1)
    return np.asarray(means.astype(rows.dtype))
