"""What the weights of a layer look like, counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: How far distinct values are counted.
UNIQUE_LIMIT = 1_000

#: Values looked at first: of float weights so few are more than the limit.
_GLANCE = 1_280
#: Values looked at together behind them.
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
    seen = distinct(flat[:_GLANCE])
    for start in range(_GLANCE, flat.size, _CHUNK):
        if seen.size > limit:
            return None
        seen = distinct(np.concatenate((seen, flat[start : start + _CHUNK])))
    return None if seen.size > limit else int(seen.size)


def count_unique_of_all(
    weights: Sequence[NDArray[Any]], limit: int = UNIQUE_LIMIT
) -> list[int | None]:
    """Count the distinct values of several arrays, as :func:`count_unique` does of each.

    Those of one size and type are glanced at together, which takes a few calls for all.
    """
    found: list[int | None] = [0] * len(weights)
    alike: dict[tuple[int, np.dtype[Any]], list[int]] = {}
    for place, weight in enumerate(weights):
        alike.setdefault((weight.size, weight.dtype), []).append(place)
    for (size, _), places in alike.items():
        if not size:
            continue
        glances = np.array([weights[place].reshape(-1)[:_GLANCE] for place in places])
        glances.sort(axis=1)
        seen = 1 + np.count_nonzero(glances[:, 1:] != glances[:, :-1], axis=1)
        for place, count in zip(places, seen.tolist(), strict=True):
            if count <= limit:
                found[place] = count if size <= _GLANCE else count_unique(weights[place], limit)
            else:
                found[place] = None
    return found


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Give the distinct values of an array of one dimension, none of them NaN, in order.

    As ``np.unique``, which imports masked arrays first: that takes as long as a layer.
    """
    values = np.sort(values)
    first = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return values[first]
