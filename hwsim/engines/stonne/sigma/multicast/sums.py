"""What leaves the adders: the sums of a row's pieces, until the row is done.

Rows are in several folds where they are in several blocks of k or where a fold ends within them.
The first sum of a row is written; each later one is added to what was written before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwsim.engines.stonne.fabric.packing import Ints
from hwsim.engines.stonne.sigma.multicast.folds import Folds


@dataclass(frozen=True)
class Sums:
    """Sums of all folds for all streaming vectors.

    Parameters
    ----------
    columns : int
        Streaming vectors.
    written : int
        Sums that leave the adders.
    finished : int
        Those that finish an output.
    """

    columns: int
    written: int
    finished: int

    @property
    def returned(self) -> int:
        """Sums that are read to be added to."""
        return self.written - self.finished


def sums_of(folds: Folds, nonzeros: Ints, groups: int, columns: int) -> Sums:
    """Count the sums of all folds.

    Parameters
    ----------
    folds : Folds
        The virtual neurons.
    nonzeros : ndarray of int, shape (B, rows)
        Values of each row in each block, the blocks of a group one after the other.
    groups : int
        Groups of the blocks.
    columns : int
        Streaming vectors.
    """
    has_values = nonzeros.reshape(groups, -1, nonzeros.shape[1]).any(axis=1)
    return Sums(columns, len(folds.fold) * columns, int(np.count_nonzero(has_values)) * columns)
