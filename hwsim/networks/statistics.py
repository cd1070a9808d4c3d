"""What the weights of a layer look like, counted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: How far distinct values are counted.
UNIQUE_LIMIT = 1_000

#: Values looked at in one go: of float weights the first ones are more than the limit.
_CHUNK = 65_536


def count_zeros(weight: NDArray[Any]) -> int:
    """Count the weights that are zero."""
    return int(weight.size - np.count_nonzero(weight))


def count_unique(weight: NDArray[Any], limit: int = UNIQUE_LIMIT) -> int | None:
    """Count the distinct values of an array, up to a limit.

    Parameters
    ----------
    weight : ndarray
        The values; +0 and -0 are one.
    limit : int
        When to stop: float weights have nearly as many values as elements, quantised ones few.

    Returns
    -------
    int or None
        The count, or None if there are more than ``limit``.
    """
    flat = weight.reshape(-1)
    seen = flat[:0]
    for start in range(0, flat.size, _CHUNK):
        seen = np.union1d(seen, flat[start : start + _CHUNK])
        if seen.size > limit:
            return None
    return int(seen.size)
