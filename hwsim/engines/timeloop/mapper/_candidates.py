"""Many mappings as arrays.

The last axis runs over the candidates, so that every step of the analysis is one operation on long
rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwsim.engines.timeloop.nest.loops import Bools
from hwsim.engines.timeloop.terms.problem import Ints


@dataclass
class Candidates:
    """A batch.

    Nests are the spatial (where a level fans out) and temporal loops of every storage level,
    innermost first. Dimensions are those longer than 1. Factors and order (which dimension is at
    each place, innermost first) are of shape (nests, dimensions, candidates); split, how many of
    the first places of a spatial nest lie along X, (nests, candidates); keep, what each level
    stores, (levels, data spaces, candidates).
    """

    factors: Ints
    order: Ints
    split: Ints
    keep: Bools

    def __len__(self) -> int:
        return int(self.factors.shape[-1])

    def take(self, which: Ints | slice) -> Candidates:
        """Pick some of them; with a slice, without a copy."""
        if isinstance(which, slice):
            return Candidates(
                self.factors[..., which],
                self.order[..., which],
                self.split[..., which],
                self.keep[..., which],
            )
        return Candidates(
            self.factors.take(which, axis=-1),
            self.order.take(which, axis=-1),
            self.split.take(which, axis=-1),
            self.keep.take(which, axis=-1),
        )

    def divide(self, bounds: Ints) -> Bools:
        """Tell which have no factor that leaves a rest.

        Parameters
        ----------
        bounds : ndarray of int, shape (dimensions, candidates or 1)
            Lengths of dimensions.
        """
        found: Bools = (self.factors.prod(axis=0) == bounds).all(axis=0)
        return found


def join(batches: Sequence[Candidates]) -> Candidates:
    """Put batches one after the other."""
    parts = ("factors", "order", "split", "keep")
    return Candidates(
        *(np.concatenate([getattr(batch, part) for batch in batches], axis=-1) for part in parts)
    )
