"""The matrix that streams past the stationary one."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.fabric.fibers import SHORTEST_FIBER, fill_short_fibers


class Stream(NamedTuple):
    """The streaming matrix: how many vectors it has and how many values are not zero.

    ``present`` counts the non-zeros over all vectors of a group, on average over groups,
    ``present_at`` those of each k, shape (K,), or (groups, K) where groups differ; both are floats
    where they are expectations.
    """

    columns: int
    present: float
    present_at: NDArray[np.int64] | NDArray[np.float64]

    @property
    def dense(self) -> bool:
        """Whether every value is known to be there."""
        everything = self.columns * self.present_at.shape[-1]
        return isinstance(self.present, int) and self.present == everything

    @classmethod
    def of_bits(cls, bits: NDArray[np.bool_]) -> Stream:
        """Count a real matrix, one vector a row, shape (columns, K)."""
        filled = fill_short_fibers(bits)
        present_at = np.count_nonzero(filled, axis=0)
        return cls(len(bits), int(present_at.sum()), present_at)

    @classmethod
    @lru_cache(maxsize=256)
    def of_density(cls, columns: int, K: int, density: float) -> Stream:
        """Expect ``density`` of the K values of each vector, of each k alike; 1 is dense."""
        if density == 1.0 or SHORTEST_FIBER >= K:
            return cls(columns, columns * K, np.full(K, columns))
        present = columns * max(K * density, SHORTEST_FIBER)
        return cls(columns, present, np.full(K, present / K))

    @classmethod
    def of_shares(cls, columns: int, shares: NDArray[np.float64]) -> Stream:
        """Expect a share of the values at each k of each group, shape (groups, K).

        Where vectors have too few, STONNE's front end fills the first places, in part here.
        """
        groups, K = shares.shape
        if SHORTEST_FIBER >= K:
            return cls.of_density(columns, K, 1.0)
        shares = shares.copy()
        missing = np.maximum(SHORTEST_FIBER - shares.sum(axis=1, keepdims=True), 0)
        room = 1 - shares[:, :SHORTEST_FIBER]
        shares[:, :SHORTEST_FIBER] += room * missing / np.maximum(room.sum(axis=1)[:, None], 1e-9)
        present_at = columns * shares
        return cls(columns, float(present_at.sum()) / groups, present_at)
