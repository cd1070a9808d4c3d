"""How long the queues of operands become where one operand waits for the other."""

from __future__ import annotations

import numpy as np

from hwsim.engines.stonne.fabric.packing import Ints
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.timing import edge_arrivals


def longest_queues(rows: int, columns: int, K: int, sizes: MeshSizes) -> tuple[Ints, Ints]:
    """Find the longest lengths of the queues on top and at the left in a pass.

    Parameters
    ----------
    rows, columns : int
        Of the pass.
    K : int
        Elements that come to each multiplier from either side.
    sizes : MeshSizes
        The machine.

    Returns
    -------
    (ndarray, ndarray)
        Shape (rows, columns) each. An operand that is taken in the cycle in which it comes has
        been in the queue.
    """
    top, left = (_every(side, K) for side in _first_and_pace(rows, columns, K, sizes))
    longest = np.zeros((2, rows, columns), np.int64)
    above = np.empty((columns, K), np.int64)
    for row in range(rows):
        beside = left[row]
        for column in range(columns):
            from_above = top[column] if row == 0 else above[column] + 1
            made = np.maximum(from_above, beside)
            longest[:, row, column] = _longest(from_above, made), _longest(beside, made)
            above[column] = made
            beside = made + 1
    return longest[0], longest[1]


def _first_and_pace(
    rows: int, columns: int, K: int, sizes: MeshSizes
) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
    first = edge_arrivals(rows, columns, 1, sizes)
    last = edge_arrivals(rows, columns, K, sizes)
    paces = [(end - start) // max(K - 1, 1) for start, end in zip(first, last, strict=True)]
    return (first[0], paces[0]), (first[1], paces[1])


def _every(side: tuple[Ints, Ints], K: int) -> Ints:
    """Give the cycles in which all elements of each edge come, shape (edges, K)."""
    first, pace = side
    return np.asarray(first[:, None] + pace[:, None] * np.arange(K))


def _longest(come: Ints, taken: Ints) -> int:
    """Find how many have come and are not taken before, at most."""
    gone = np.searchsorted(taken, come)
    return int((np.arange(1, len(come) + 1) - gone).max())
