"""Averages of magnitudes in double precision, a block of weights at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.filter_facts import pieces_of
from hwsim.schemes.scheme import Weight

#: Marks the weights of a block that count, in its shape.
Marks = Callable[[slice], NDArray[np.bool_]]


def means_of_effectual(rows: Weight, effectual: Marks) -> Weight:
    """Average abs(w) over the weights of each filter that count, shape (K,), 0 where none does."""
    means = np.empty(len(rows))
    for piece, block in pieces_of(rows):
        marks = effectual(piece)
        kept = np.abs(block)
        kept *= marks
        counts = np.count_nonzero(marks, axis=1)
        means[piece] = kept.sum(axis=1, dtype=np.float64) / np.maximum(counts, 1)
    return np.asarray(means.astype(rows.dtype))


def mean_of_layer(weight: Weight, effectual: Marks | None = None) -> np.float64:
    """Average abs(w) over all weights, or those that count, 0 where none does.

    Marks are asked for by places in the order of the weights, and have the shape (n, 1).
    """
    total, count = np.float64(0), 0
    for piece, block in pieces_of(weight.reshape(-1, 1)):
        kept = np.abs(block.ravel())
        if effectual is None:
            count += kept.size
        else:
            marks = effectual(piece).ravel()
            kept *= marks
            count += int(np.count_nonzero(marks))
        # Each block goes on with the sum of those before, as one sum over all of them would.
        total = np.add.reduce(kept, dtype=np.float64, initial=total)
    return np.float64(total / max(count, 1))
