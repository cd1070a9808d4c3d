"""Folds: which stationary values are in the multipliers together.

The values of a block are counted row by row, and each takes the next multiplier; when all are
taken the next fold begins, in the middle of a row if need be. The values of a row in a fold are
neighbours and form a virtual neuron (VN), so that the adders sum them. A block begins a fold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwsim.engines.stonne.fabric.packing import Ints, Packing


@dataclass(frozen=True, eq=False)
class Folds:
    """F folds with V virtual neurons.

    Parameters
    ----------
    values : ndarray of int, shape (F,)
        Stationary values of each fold.
    fold : ndarray of int, shape (V,)
        The fold of each VN, ascending.
    size, start : ndarray of int, shape (V,)
        Multipliers of each VN, and the first of them.
    row : ndarray of int, shape (V,)
        Row of its block.
    """

    values: Ints
    fold: Ints
    size: Ints
    start: Ints
    row: Ints

    @property
    def outputs(self) -> Ints:
        """Sums that each fold gives for a streaming vector, shape (F,)."""
        return np.bincount(self.fold, minlength=len(self.values))

    @property
    def packing(self) -> Packing:
        """The same as configurations of the fabric, for its tree of adders."""
        folds = len(self.values)
        return Packing(
            repeats=np.ones(folds, dtype=np.int64),
            folded=np.zeros(folds, dtype=bool),
            configuration=self.fold,
            size=self.size,
            start=self.start,
            row=self.row,
            resident_weights=int(self.values.sum()),
            first_rows=self.row[:0],  # the tree asks for no passes
        )


def fold_blocks(nonzeros: Ints, num_ms: int) -> Folds:
    """Put the values of each block into the multipliers.

    Parameters
    ----------
    nonzeros : ndarray of int, shape (B, rows)
        Values of each row in each block.
    num_ms : int
        Multipliers.
    """
    totals = nonzeros.sum(axis=1)
    before = np.cumsum(nonzeros, axis=1) - nonzeros
    block, row = np.nonzero(nonzeros)
    begin = before[block, row]
    past = begin + nonzeros[block, row]
    first, last = begin // num_ms, (past - 1) // num_ms

    pieces = last - first + 1
    which = np.repeat(np.arange(len(pieces)), pieces)
    piece = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    within = first[which] + piece  # the fold, counted from the first of the block
    left = within * num_ms
    start = np.maximum(begin[which], left) - left
    size = np.minimum(past[which], left + num_ms) - left - start

    folds = -(-totals // num_ms)
    first_fold = np.cumsum(folds) - folds
    number = np.arange(folds.sum()) - np.repeat(first_fold, folds)
    return Folds(
        values=np.minimum(np.repeat(totals, folds) - number * num_ms, num_ms),
        fold=first_fold[block[which]] + within,
        size=size,
        start=start,
        row=row[which],
    )
