"""How far a ratio of energies can move when many prices are off at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def extreme_ratio(
    dense: NDArray[np.float64],
    scheme: NDArray[np.float64],
    bounds: NDArray[np.float64],
    *,
    largest: bool,
) -> float:
    """Find the extreme of sum(f dense) / sum(f scheme) over factors f within bounds.

    Parameters
    ----------
    dense, scheme : ndarray, shape (entries,)
        Energies by entry.
    bounds : ndarray, shape (entries, 2)
        Lowest and highest factor of each entry.
    largest : bool
        Whether the largest ratio is wanted, else the smallest.

    Returns
    -------
    float
        Exact: a ratio of linear functions is extreme where every entry whose own ratio lies above
        the extreme is at one of its bounds and every other at the other one.

    Notes
    -----
    Dinkelbach, On nonlinear fractional programming, Management Science 13(7), 1967.
    """
    ratio = dense.sum() / scheme.sum()
    for _ in range(len(dense) + 2):
        pays = (dense > ratio * scheme) == largest
        factors = np.where(pays, bounds[:, 1], bounds[:, 0])
        better = (factors @ dense) / (factors @ scheme)
        if abs(better - ratio) <= 1e-12 * ratio:
            break
        ratio = better
    return float(ratio)
