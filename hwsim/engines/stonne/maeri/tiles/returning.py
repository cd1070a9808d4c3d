"""How long partial sums take that return from the buffer, from below.

A neuron goes on when its sum is back, so its folds cannot take less than that way. All neurons
together wait in the memory's queue besides: of ``q`` values it takes ``q/2``, rounded up, so where
it takes ``d`` in a cycle at least ``d - 1`` stay. Over the cycles of a run all values therefore
wait as many cycles as there are values more than cycles; of those of last folds, which nobody waits
for, each waits no longer than a queue of two values a neuron can last.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from hwsim.engines.stonne.fabric.packing import Ints
from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.maeri.placement import Placement
from hwsim.engines.stonne.maeri.reduction import neurons_in_tree

#: From the adder that completes a sum over bus and memory to the port.
_OVER_THE_BUFFER: Final = 2
_KEPT: Final = 1 << 14


def sum_bound(loops: Loops, placement: Placement) -> int:
    """Bound the cycles by the way of the partial sums that return; 0 if none do."""
    if not loops.sums_return:
        return 0
    apart = loops.one_after_the_other
    positions = loops.positions * (1 if apart else loops.iterations)
    sizes = np.array([loops.tile.products, loops.tile.neurons, loops.folds, positions])
    products, neurons, folds, outputs = sizes[:, None]
    sums = least_cycles_of_sums(products, neurons, folds, outputs, loops.machine)
    first = loops.folds * int(placement.weights.sent[placement.weights.sent > 0].min())
    cycles = first + int(sums[0])
    return loops.iterations * cycles if apart else cycles


def least_cycles_of_sums(
    products: Ints, neurons: Ints, folds: Ints, positions: Ints, machine: MaeriMachine
) -> Ints:
    """Bound the cycles from the first output on, arrays of shape (T,).

    Parameters
    ----------
    products, neurons : ndarray of int
        Of a neuron, and side by side.
    folds, positions : ndarray of int
        Pieces of an output, and outputs of a neuron one after the other.
    machine : MaeriMachine
        A machine without anything that adds up folds.

    Returns
    -------
    ndarray of int
        0 where no sums return.
    """
    each = zip(products.tolist(), neurons.tolist(), (folds > 1).tolist(), strict=True)
    ways = np.array([_ways(p + 1, n, machine) if back else (0, 0) for p, n, back in each])
    returning = folds - 1
    slowest = positions * (returning * ways[:, 0] + 1)
    longest_wait = np.floor(np.log2(2 * neurons)).astype(np.int64)
    around = returning * ways[:, 1] + neurons * (1 + folds - longest_wait)
    together = -(-(positions * around + neurons + 1) // (neurons + 1))
    return np.asarray(np.where(folds > 1, np.maximum(slowest, together), 0))


@lru_cache(maxsize=_KEPT)
def _ways(size: int, neurons: int, machine: MaeriMachine) -> tuple[int, int]:
    """Give the longest way of a sum around, and the ways of all neurons together."""
    tree = neurons_in_tree(size, neurons, machine.num_ms, True)
    number = np.arange(neurons, dtype=np.int64)
    ways = tree.hops_from(number, number * size) + _OVER_THE_BUFFER + machine.switched
    return int(ways.max()), int(ways.sum())
