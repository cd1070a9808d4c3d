"""The nodes of STONNE's FENETWORK that add up the folds of a neuron.

An adder that completes a neuron's sum hands it to a node above, which adds up the folds and sends
the output to the bus: its parent if it is a left child, else the parent of the first ancestor that
is one. Where there is none, a second root does it. A node adds up folds, or adds within the tree
(stonne-simulator/stonne at 22634b8b, ``CompilerFEN``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.fabric.collection_bus import bus_input, bus_line
from hwsim.engines.stonne.fabric.packing import Ints
from hwsim.engines.stonne.fabric.reduction_tree import ReductionTree


@dataclass(frozen=True, eq=False)
class FoldNodes:
    """The node that adds up the folds of each VN, arrays of shape (V,).

    Parameters
    ----------
    level, node : ndarray of int
        Level and number of the node; -1 and 0 for the second root.
    to_bus : ndarray of int
        Cycles from the adder that completes a sum to the bus: one for the node and one for the bus,
        but the second root takes what the first one sends in the same cycle.
    """

    level: Ints
    node: Ints
    to_bus: Ints

    def line(self, num_ms: int, rn_bw: int) -> Ints:
        """Find the bus line of each; the second root follows the first, and the others move up."""
        return np.where(self._single, self._place(num_ms) % rn_bw, self._paired_line(num_ms, rn_bw))

    def bus_input(self, num_ms: int, rn_bw: int) -> Ints:
        """Find the input of its line of each."""
        pairs = self._linked(num_ms)
        alone = pairs // rn_bw + 1 + (self._place(num_ms) - pairs) // rn_bw
        paired = bus_input(self._within, self.node, num_ms, rn_bw)
        return np.where(self._single, alone, paired)

    @property
    def _within(self) -> Ints:
        return np.maximum(self.level, 0)

    @property
    def _single(self) -> NDArray[np.bool_]:
        last = (np.int64(1) << self._within) - 1
        return np.asarray((self.level < 1) | (self.node == 0) | (self.node == last))

    def _paired_line(self, num_ms: int, rn_bw: int) -> Ints:
        return bus_line(self._within, self.node, num_ms, rn_bw)

    def _place(self, num_ms: int) -> Ints:
        """Count the adders without a link before each, after those that have one."""
        of_level = 2 * self._within + (self.node > 0)
        return self._linked(num_ms) + np.where(self.level < 0, 1, of_level)

    @staticmethod
    def _linked(num_ms: int) -> int:
        return num_ms - 2 * (num_ms.bit_length() - 1)


def fold_node(level: int, node: int) -> tuple[int, int]:
    """Find the node that adds up what an adder completes; level -1 is the second root."""
    while node % 2:
        level, node = level - 1, node // 2
    return (level - 1, node // 2) if level else (-1, 0)


def fold_nodes(tree: ReductionTree) -> FoldNodes:
    """Find the node of each VN, of at least two multipliers: then no two need the same one."""
    completed = zip(tree.output_level.tolist(), tree.output_node.tolist(), strict=True)
    found = np.array([fold_node(*adder) for adder in completed], dtype=np.int64)
    return FoldNodes(found[:, 0], found[:, 1], 2 - (tree.output_level == 0))
