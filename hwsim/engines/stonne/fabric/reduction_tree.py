"""The augmented reduction tree (ART): where a virtual neuron is summed and what that takes.

A binary tree of adders over the multipliers, after MAERI. Neighbouring adders of a level that do
not share a parent (1 and 2, 3 and 4, ...) have a forwarding link. A virtual neuron (VN) holds
neighbouring multipliers and so, on every level, neighbouring nodes. Where its first or last node
would be the only one below a parent, that node gives its sum to its neighbour over the link
instead, and the neighbour adds three values. The VN is complete on the first level where it holds
one node; from there the sum goes to the collection bus.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.fabric.packing import Ints, Packing

Bools = NDArray[np.bool_]


class Level(NamedTuple):
    """One level of the tree as the VNs use it, arrays of shape (V,).

    ``first`` and ``last`` are the nodes that a VN holds after forwarding; ``active`` is False
    where the VN was complete below.
    """

    first: Ints
    last: Ints
    active: Bools


class LevelTotals(NamedTuple):
    """What happens on one level for one column.

    Parameters
    ----------
    adds_2_1, adds_3_1 : int
        Additions of two and of three values.
    results : int
        Values that its adders put out.
    wires : int
        Those of them that go to other adders; the others leave for the bus.
    returning : int
        Those of the results that a partial sum from the buffer is part of.
    """

    adds_2_1: int
    adds_3_1: int
    results: int
    wires: int
    returning: int


class ReductionTree(NamedTuple):
    """What each VN does in the tree for one column, arrays of shape (V,).

    Parameters
    ----------
    levels : list of Level
        From the level over the multipliers up to the root.
    happened : ndarray of int, shape (levels, 5, V)
        Of the same levels, for each VN, the numbers of :class:`LevelTotals`.
    repeats : ndarray of int
        How often the configuration of each VN is loaded.
    output_level : ndarray of int
        Level of the adder that completes the VN; 0 is the root.
    output_node : ndarray of int
        Its number in that level, from the left.
    hops : ndarray of int
        Adders on the longest way from a multiplier to the bus.
    wires : ndarray of int
        Sums that adders pass on to other adders.
    adds_2_1, adds_3_1 : ndarray of int
        Additions of two and of three values.
    adders : ndarray of int
        Adders that a configuration of the VN configures, but for one that the VN before shares.
    """

    levels: list[Level]
    happened: NDArray[np.int64]
    repeats: Ints
    output_level: Ints
    output_node: Ints
    hops: Ints
    wires: Ints
    adds_2_1: Ints
    adds_3_1: Ints
    adders: Ints

    @property
    def totals(self) -> list[LevelTotals]:
        """What happens on each level, all configurations with their repeats together."""
        return [LevelTotals(*level) for level in (self.happened @ self.repeats).tolist()]

    def totals_of(self, first_vn: Ints) -> Ints:
        """Give the same for parts of the configurations, which begin at VNs, shape (parts,).

        Returns
        -------
        ndarray of int, shape (levels, 5, parts)
            Of each level the numbers of :class:`LevelTotals`.
        """
        return np.asarray(np.add.reduceat(self.happened * self.repeats, first_vn, axis=-1))

    @property
    def configured(self) -> int:
        """Adders that get a configuration, all configurations with their repeats together."""
        return int(self.adders @ self.repeats)

    def hops_from(self, vn: Ints, multiplier: Ints) -> Ints:
        """Count the adders between single multipliers and the bus.

        Parameters
        ----------
        vn, multiplier : ndarray of int, shape (S,)
            The VN that a multiplier works for, and its number.

        Returns
        -------
        ndarray of int, shape (S,)
            One for each level up to the VN's output, one more for each forwarding link.
        """
        node = multiplier
        hops = np.zeros_like(multiplier)
        for level in self.levels:
            active = level.active[vn]
            parent = node >> 1
            node = np.clip(parent, level.first[vn], level.last[vn])
            hops += active * (1 + (node != parent))
        return hops

    def leaves_in_company(self, packing: Packing) -> Bools:
        """Mark the VNs whose output shares a wire write with that of the VN before.

        Two VNs of one multiplier each can be complete in one adder, which then puts both outputs
        on its wire to the bus at once.
        """
        same = np.zeros(self.output_node.shape, dtype=bool)
        same[1:] = np.diff(packing.configuration) == 0
        same[1:] &= np.diff(self.output_level) == 0
        same[1:] &= np.diff(self.output_node) == 0
        return same


def reduce_in_tree(packing: Packing, num_ms: int) -> ReductionTree:
    """Trace every VN of a packing through the reduction tree.

    Parameters
    ----------
    packing : Packing
        The VNs.
    num_ms : int
        Multipliers, a power of two.

    Returns
    -------
    ReductionTree
        Counts for one column, and where each VN leaves the tree.
    """
    first = packing.start
    last = packing.start + packing.size - 1
    shape = first.shape
    wires, adds_2_1, adds_3_1 = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    links_left, links_right = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    output_level, output_node = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    active = np.ones(shape, dtype=bool)
    neighbours = packing.configuration[1:] == packing.configuration[:-1]
    adders = np.zeros(shape, dtype=np.int64)
    folded = packing.folded[packing.configuration]
    levels: list[Level] = []
    depth = num_ms.bit_length() - 1
    happened = np.empty((depth, len(LevelTotals._fields), *shape), dtype=np.int64)
    for level in range(depth - 1, -1, -1):
        left, right = first >> 1, last >> 1
        # Links run from odd nodes to the right. The first node forwards over one if the VN reaches
        # further into the neighbour than it fills this node; the last node forwards to the left.
        sends_right = (left % 2 == 1) & (right > left)
        sends_right &= last - 2 * left - 1 > 2 * left + 2 - first
        sends_left = (right % 2 == 0) & (right > left)
        sends_left &= ~(sends_right & (right == left + 1))

        # Two neighbouring VNs may meet in one adder, which is configured once.
        adders += right - left + 1
        adders[1:] -= neighbours & (right[:-1] == left[1:])

        inputs = last - first + 1
        first, last = left + sends_right, right - sends_left
        outputs = last - first + 1
        links = sends_right.astype(np.int64) + sends_left
        of_three = active * links
        of_two = active * (inputs - outputs - 2 * links)
        adds_3_1 += of_three
        adds_2_1 += of_two
        links_left += active & sends_left
        links_right += active & sends_right
        levels.append(Level(first, last, active))

        complete = active & (outputs == 1)
        results = active * (right - left + 1)
        passed_on = results - complete
        wires += passed_on
        for place, number in enumerate((of_two, of_three, results, passed_on, active & folded)):
            happened[depth - 1 - level, place] = number
        output_level[complete] = level
        output_node[complete] = first[complete]
        active = active & ~complete
    return ReductionTree(
        levels=levels,
        happened=happened,
        repeats=packing.repeats[packing.configuration],
        output_level=output_level,
        output_node=output_node,
        hops=depth - output_level + np.maximum(links_left, links_right),
        wires=wires,
        adds_2_1=adds_2_1,
        adds_3_1=adds_3_1,
        adders=adders,
    )
