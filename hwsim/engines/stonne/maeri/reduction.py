"""The virtual neurons of a tile in MAERI's adder tree, and where they leave it for the bus."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np

from hwsim.engines.stonne.fabric.collection_bus import bus_input, bus_line
from hwsim.engines.stonne.fabric.fold_nodes import fold_nodes
from hwsim.engines.stonne.fabric.packing import Ints, Packing
from hwsim.engines.stonne.fabric.reduction_tree import ReductionTree, reduce_in_tree
from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.placement import Placement

_KEPT: Final = 1024


@dataclass(frozen=True, eq=False)
class Reduction:
    """Where and how the virtual neurons (VN) of a tile are summed.

    Parameters
    ----------
    loops : Loops
        The tile and the machine.
    tree : ReductionTree
        What each VN does in the tree in one step.
    slot_hops : ndarray of int, shape (S,)
        Adders between a slot of the placement and the bus.
    sum_hops : ndarray of int, shape (V,)
        Adders between the multiplier that brings a VN's partial sum back and the bus.
    line, bus_input : ndarray of int, shape (V,)
        Bus line that takes the outputs, and the input of that line.
    to_bus : ndarray of int, shape (V,)
        Cycles from the adder that completes a sum to the bus.
    shared : int
        VNs whose output always shares a wire write with that of the VN before.
    """

    loops: Loops
    tree: ReductionTree
    slot_hops: Ints
    sum_hops: Ints
    line: Ints
    bus_input: Ints
    to_bus: Ints
    shared: int

    @cached_property
    def up_to_fold_nodes(self) -> list[int]:
        """Count by level the whole sums of a step that pass it on the way to their fold nodes."""
        depth = len(self.tree.levels)
        passed = [0] * depth
        nodes = fold_nodes(self.tree).level.tolist()
        for level, above in zip(self.tree.output_level.tolist(), nodes, strict=True):
            for each in range(level, above, -1):
                passed[depth - 1 - each] += 1
        return passed

    @cached_property
    def passed_on_alone(self) -> list[int]:
        """Count by level how often a returning sum passes an adder alone, all VNs together.

        The multiplier of a partial sum begins the next output with a zero at once; the last of
        these zeros never meets a product.
        """
        passed = [0] * len(self.tree.levels)
        for vn in range(self.loops.tile.neurons):
            for level in range(self._alone(vn)):
                passed[level] += 1
        return passed

    def _alone(self, vn: int) -> int:
        """Count the adders that a VN's first multiplier has for itself, from below."""
        first = vn * self.loops.neuron_size
        last = first + self.loops.neuron_size - 1
        for passed, level in enumerate(self.tree.levels):
            adder = first >> 1
            if last > first and (first + 1) >> 1 == adder:
                return passed
            first, last = int(level.first[vn]), int(level.last[vn])
            if first > adder:  # over the link, to an adder that waits for others
                return passed + 1
        return len(self.tree.levels)


@lru_cache(maxsize=_KEPT)
def neurons_in_tree(size: int, neurons: int, num_ms: int, sums_return: bool) -> ReductionTree:
    """Trace virtual neurons that lie side by side through the tree.

    Parameters
    ----------
    size, neurons : int
        Multipliers of each, and how many there are.
    num_ms : int
        All multipliers.
    sums_return : bool
        Whether the first multiplier of each brings its partial sum back.
    """
    packing = Packing(
        repeats=np.ones(1, dtype=np.int64),
        folded=np.array([sums_return]),
        configuration=np.zeros(neurons, dtype=np.int64),
        size=np.full(neurons, size, dtype=np.int64),
        start=np.arange(neurons, dtype=np.int64) * size,
        row=np.full(neurons, -1, dtype=np.int64),
        resident_weights=0,
        first_rows=np.zeros(1, dtype=np.int64),
    )
    return reduce_in_tree(packing, num_ms)


def reduce(loops: Loops, placement: Placement) -> Reduction:
    """Trace the virtual neurons of a tile through the tree."""
    machine, neurons = loops.machine, loops.tile.neurons
    number = np.arange(neurons, dtype=np.int64)
    start = number * loops.neuron_size
    tree = neurons_in_tree(loops.neuron_size, neurons, machine.num_ms, loops.sums_return)
    sizes = machine.num_ms, machine.rn_bw
    if machine.fold_nodes:
        nodes = fold_nodes(tree)
        line, at_line, to_bus = nodes.line(*sizes), nodes.bus_input(*sizes), nodes.to_bus
    else:
        adder = tree.output_level, tree.output_node
        line, at_line = bus_line(*adder, *sizes), bus_input(*adder, *sizes)
        to_bus = np.full(neurons, 1 + machine.accumulates, dtype=np.int64)
    return Reduction(
        loops=loops,
        tree=tree,
        slot_hops=tree.hops_from(placement.neuron, placement.multiplier),
        sum_hops=tree.hops_from(number, start),
        line=line,
        bus_input=at_line,
        to_bus=to_bus,
        shared=_shared(loops, placement),
    )


def _shared(loops: Loops, placement: Placement) -> int:
    """Count pairs of VNs of one multiplier below one adder that are always complete together.

    They are where one packet reaches both, or where each has a port of its own.
    """
    if loops.neuron_size > 1:
        return 0
    pairs = placement.value[: len(placement.value) // 2 * 2].reshape(-1, 2)
    if loops.machine.leaves == 1:
        return len(pairs)
    return int(np.count_nonzero(pairs[:, 0] == pairs[:, 1]))
