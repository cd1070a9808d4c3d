"""Sums of magnitudes in double precision, a block of weights at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.filter_facts import blocks_of
from hwsim.networks.mapped import let_go
from hwsim.schemes.scheme import Weight


def mean_magnitudes(rows: Weight) -> NDArray[np.float64]:
    """Average abs(w) over each filter of rows (K, reduction), shape (K,)."""
    means = np.empty(len(rows))
    for piece in blocks_of(rows):
        np.abs(rows[piece]).mean(axis=1, dtype=np.float64, out=means[piece])
        let_go(rows[piece])
    return means
