"""Which points of a study no other one beats in every objective."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def pareto_front(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the points that no other one dominates.

    Parameters
    ----------
    values : ndarray of float, shape (points, objectives)
        Less is better; a point with a NaN is on no front.

    Returns
    -------
    ndarray of bool, shape (points,)
        False where another point is nowhere worse and somewhere better; of equal points all are on
        the front or none.
    """
    known = ~np.isnan(values).any(axis=1)
    front = np.zeros(len(values), bool)
    kept = values[known]
    # In the order of the first objective a point can only be dominated by those before it.
    order = np.lexsort(kept.T[::-1])
    best: list[NDArray[np.float64]] = []
    marked = np.zeros(len(kept), bool)
    for place in order:
        point = kept[place]
        beaten = any((other <= point).all() and (other < point).any() for other in best)
        if not beaten:
            marked[place] = True
            best.append(point)
    front[known] = marked
    return front
