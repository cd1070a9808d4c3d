"""How the adders of the tree are set for virtual neurons side by side, as STONNE compiles it.

The rules are those of :mod:`hwsim.engines.stonne.fabric.reduction_tree`; here every adder gets its
mode, since several neurons may pass one adder.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from hwsim.engines.stonne.fabric.fold_nodes import fold_node
from hwsim.errors import InputError

#: An adder: its level, 0 being the root, and its place in the level.
Node = tuple[int, int]
#: Where STONNE keeps the second root of a tree whose nodes add up folds.
SECOND_ROOT: Final[Node] = (0, 1)


class Mode(Enum):
    """What an adder does with what comes in, under STONNE's names."""

    ADD_TWO = "ADD_2_1"
    ADD_THREE = "ADD_3_1"
    SPLIT = "ADD_1_1_PLUS_FW_1_1"
    PASS = "FW_2_2"
    FOLD = "FOLD"


@dataclass
class AdderModes:
    """The modes of a configuration.

    Parameters
    ----------
    modes : dict of (int, int) to Mode
        Of the adders that some neuron passes.
    receives : dict of (int, int) to bool
        Of those whose forwarding link is used: whether it receives by it.
    children : dict of (int, int) to (bool, bool)
        Of every adder: whether something comes from the left and from the right.
    complete : set of (int, int)
        Adders whose sums are whole.
    fold_nodes : set of (int, int)
        Adders that add up the folds of such sums.
    """

    modes: dict[Node, Mode] = field(default_factory=dict)
    receives: dict[Node, bool] = field(default_factory=dict)
    children: dict[Node, tuple[bool, bool]] = field(default_factory=dict)
    complete: set[Node] = field(default_factory=set)
    fold_nodes: set[Node] = field(default_factory=set)

    @classmethod
    def of(cls, sizes: Sequence[int], num_ms: int, *, folds: bool = False) -> AdderModes:
        """Set the adders for virtual neurons that lie side by side.

        Parameters
        ----------
        sizes : sequence of int
            Multipliers of each neuron, from the left.
        num_ms : int
            All multipliers, a power of two.
        folds : bool
            Whether nodes of the tree add up folds: then whole sums go no further up in it.

        Raises
        ------
        InputError
            If two neurons need one forwarding link in different ways.
        """
        found = cls()
        depth = num_ms.bit_length() - 1
        start = 0
        for size in sizes:
            first, last = start, start + size - 1
            start += size
            for level in range(depth - 1, -1, -1):
                first, last = found._pass_level(level, first, last)
                if first == last:
                    found.complete.add((level, first))
                    if folds:
                        found._fold_above(level, first)
                        break
        found._find_children(depth, start)
        return found

    def _pass_level(self, level: int, first: int, last: int) -> tuple[int, int]:
        """Lead a neuron through a level; it holds the nodes ``first`` to ``last`` below.

        Returns the nodes that it holds on the level.
        """
        held: list[int] = []
        for left, right in _units(level, first >> 1, last >> 1):
            if left == right:
                held.append(left)
                self.modes[level, left] = Mode.PASS if (level, left) in self.modes else Mode.ADD_TWO
                continue
            below = 2 * right  # the first node below the right one of the pair
            if first < below <= last:
                from_left, from_right = below - first, last - below + 1
                if from_left >= from_right and last < below + 2:
                    self._forward(level, right, left)
                    held.append(left)
                    last = below - 1
                    continue
                if from_left < from_right and first > below - 3:
                    self._forward(level, left, right)
                    held.append(right)
                    first = below
                    continue
            for node in (left, right):
                if first <= 2 * node + 1 and 2 * node <= last:
                    held.append(node)
                    self._share(level, node)
        return held[0], held[-1]

    def _forward(self, level: int, sender: int, receiver: int) -> None:
        shared = (level, sender) in self.modes
        self.receives[level, receiver], self.receives[level, sender] = True, False
        self.modes[level, receiver] = Mode.ADD_THREE
        self.modes[level, sender] = Mode.SPLIT if shared else Mode.ADD_TWO

    def _share(self, level: int, node: int) -> None:
        if (level, node) not in self.modes:
            self.modes[level, node] = Mode.ADD_TWO
        elif (level, node) not in self.receives:
            self.modes[level, node] = Mode.PASS
        elif self.receives[level, node]:
            raise InputError(
                f"adder {node} of level {level} adds up one virtual neuron with its forwarding "
                "link, and cannot take another one's values: take another tile"
            )
        else:
            self.modes[level, node] = Mode.SPLIT

    def _fold_above(self, level: int, node: int) -> None:
        above = place_of_fold_node(level, node)
        self.modes[above] = Mode.FOLD
        self.fold_nodes.add(above)

    def _find_children(self, depth: int, used: int) -> None:
        for node in range(1 << depth - 1):
            self.children[depth - 1, node] = 2 * node < used, 2 * node + 1 < used
        for level in range(depth - 1):
            for node in range(1 << level):
                below = (level + 1, 2 * node), (level + 1, 2 * node + 1)
                self.children[level, node] = self._sends(below[0]), self._sends(below[1])

    def _sends(self, node: Node) -> bool:
        mode = self.modes.get(node)
        if mode is None or mode is Mode.FOLD:
            return False
        return mode is not Mode.ADD_TWO or node not in self.receives


def place_of_fold_node(level: int, node: int) -> Node:
    """Find the node that adds up the folds of what an adder completes."""
    found = fold_node(level, node)
    return found if found[0] >= 0 else SECOND_ROOT


def _units(level: int, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Give adders of a level: (it, it) where one stands alone, (left, right) where two link."""
    node, end = first, (1 << level) - 1
    while node <= last:
        if node in (0, end):
            yield node, node
            node += 1
        else:
            left = node - 1 + node % 2
            yield left, left + 1
            node = left + 2
