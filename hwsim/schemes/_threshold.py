"""What ternary and signed-binary share: weights beyond a threshold keep their sign."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwsim.schemes.scheme import Weight, largest_magnitude


def thresholds_of_maximum(rows: Weight, factor: float) -> Weight:
    """Give each filter of rows (K, reduction) the threshold factor * max(abs(w)), shape (K,).

    The product is rounded in the precision of the weights, as the released PLUM code rounds it.
    The threshold of a filter is at least the smallest number above zero, so that a weight that
    is zero stays zero even where the product is zero (a filter of zeros, a factor of zero).
    """
    smallest = np.finfo(rows.dtype).smallest_subnormal
    return np.asarray(np.maximum(largest_magnitude(rows) * factor, smallest))


def levels_beyond(rows: Weight, up: Weight, down: Weight) -> NDArray[np.int8]:
    """Quantise rows of shape (K, reduction) to +1 where w >= up, to -1 where w <= -down, else to 0.

    The thresholds, shape (K,), are above zero; infinite where a filter has no such level.
    """
    levels = (rows >= up[:, None]).view(np.int8)
    levels -= (rows <= -down[:, None]).view(np.int8)
    return levels


def mean_of_effectual(rows: Weight, levels: NDArray[np.int8]) -> Weight:
    """Average abs(w) over the weights of each filter whose level is not zero, shape (K,)."""
    kept = np.abs(rows)
    kept *= levels != 0
    counts = np.count_nonzero(levels, axis=1)
    means = kept.sum(axis=1, dtype=np.float64) / np.maximum(counts, 1)
    return np.asarray(means.astype(rows.dtype))
