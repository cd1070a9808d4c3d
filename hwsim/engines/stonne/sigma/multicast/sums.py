"""What leaves the adders: the sums of a row's pieces, until the row is done.

Rows are in several folds where they are in several blocks of k or where a fold ends within them.
The first sum of a row is written; each later one is added to what was written before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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


def sums_of(folds: Folds, blocks_of_group: int, columns: int) -> Sums:
    """Count the sums of all folds.

    Parameters
    ----------
    folds : Folds
        The virtual neurons.
    blocks_of_group : int
        Blocks of k of each group.
    columns : int
        Streaming vectors.
    """
    group = folds.block // blocks_of_group
    rows = int(folds.row.max(initial=0)) + 1
    outputs = len(np.unique(group * rows + folds.row))
    return Sums(columns, len(folds.row) * columns, outputs * columns)
