"""Cycles of the folds: load the stationary values, stream the vectors, wait for the last sums."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.engines.stonne.sigma.multicast.folds import Folds
from hwsim.engines.stonne.sigma.multicast.sizes import MulticastSizes

#: The multiplication that the last vector of a fold still has to pass.
_MULTIPLICATION = 1


@dataclass(frozen=True)
class Cycles:
    """Cycles of all folds, one after the other."""

    loading: int
    streaming: int
    reduction: int

    @property
    def total(self) -> int:
        """All of them; 1 where there is no fold, in which the bit maps are found empty."""
        return max(1, self.loading + self.streaming + self.reduction)


def cycles_of(folds: Folds, columns: int, sizes: MulticastSizes) -> Cycles:
    """Add up the cycles of the folds.

    Parameters
    ----------
    folds : Folds
        What is loaded together.
    columns : int
        Streaming vectors.
    sizes : MulticastSizes
        The machine.

    Returns
    -------
    Cycles

    Notes
    -----
    A fold's values are loaded ``dn_bw`` a cycle. Its block has no more k than words reach the
    multipliers in a cycle, so that a vector takes a cycle, or as many as its sums need to leave,
    ``rn_bw`` a cycle. Distribution, multiplication and each level of the adders take a cycle and
    are pipelined; the next fold is loaded when the last sum has left (Qin et al., HPCA 2020,
    sections IV-A and V).
    """
    levels = sizes.num_ms.bit_length() - 1
    intervals = -(-folds.outputs // sizes.rn_bw)
    return Cycles(
        loading=int((-(-folds.values // sizes.dn_bw)).sum()),
        streaming=int(intervals.sum()) * columns,
        reduction=len(folds.values) * (_MULTIPLICATION + levels),
    )
