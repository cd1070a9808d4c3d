"""The tree of adders of STONNE's FENETWORK, whose nodes add up folds as well.

Which node does it for which neuron is told by :mod:`hwsim.engines.stonne.fabric.fold_nodes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hwsim.engines.stonne.components.adder_modes import (
    SECOND_ROOT,
    AdderModes,
    Mode,
    place_of_fold_node,
)
from hwsim.engines.stonne.components.adders import Adder, AdderTree
from hwsim.engines.stonne.components.queue import Queue
from hwsim.engines.stonne.components.wire import Wire
from hwsim.engines.stonne.files.report import CounterLine


class FoldAdder(Adder):
    """A node that adds within the tree, or adds up the folds of a neuron.

    Attributes
    ----------
    to_fold_node : bool
        Whether its sums are whole and go to the node that adds up their folds.
    folds : int
        How many of them make an output.
    fold_link : Wire
        To that node.
    from_below : list of Wire
        Such links to it.
    """

    def __init__(self, level: int, place: int) -> None:
        super().__init__(level, place)
        self.to_fold_node = False
        self.folds = 1
        self.fold_link: Wire[int] = Wire()
        self.from_below: list[Wire[int]] = []
        self._whole_sums: Queue[int] = Queue()
        self._done = 0

    @property
    def waits(self) -> bool:
        """Whether something is on its way to it, or could go on in the next cycle."""
        below = any(wire.items for wire in self.from_below)
        return below or bool(self._whole_sums) or super().waits

    def cycle(self) -> None:
        """Do what a cycle allows."""
        for wire in self.from_below:
            for neuron in wire.take():
                self._whole_sums.push(neuron)
        if self.mode is not Mode.FOLD:
            super().cycle()
            return
        if self._whole_sums:
            self._fold(self._whole_sums.pop())
        self._send()

    def _fold(self, neuron: int) -> None:
        self.added_two += self._done > 0
        self._done += 1
        if self._done == self.folds:
            self._done = 0
            self.to_parent.push(neuron)

    def _send_up(self, sums: list[int]) -> None:
        if self.to_fold_node:
            self.fold_link.send(sums)
        else:
            super()._send_up(sums)

    def configuration(self) -> dict[str, Any]:
        """Give what the ``.txt`` file says of its configuration."""
        found = super().configuration()
        last = found.popitem()
        return {**found, "Send_result_to_fold_node": int(self.to_fold_node), **dict([last])}


class FoldTree(AdderTree):
    """The adders over ``num_ms`` multipliers, with a second root for what the first completes."""

    levels: Sequence[Sequence[FoldAdder]]

    def __init__(self, num_ms: int) -> None:
        super().__init__(num_ms)
        for adder in self._that_fold_elsewhere():
            above, place = place_of_fold_node(adder.level, adder.place)
            self.levels[above][place].from_below.append(adder.fold_link)

    def _build(self, depth: int) -> Sequence[Sequence[FoldAdder]]:
        widths = [2, *(1 << level for level in range(1, depth))]
        return [
            [FoldAdder(level, place) for place in range(width)]
            for level, width in enumerate(widths)
        ]

    def _that_fold_elsewhere(self) -> Iterator[FoldAdder]:
        """Give all adders but the second root."""
        for level in self.levels:
            yield from (each for each in level if (each.level, each.place) != SECOND_ROOT)

    def configure(self, sizes: Sequence[int], folds: int) -> None:
        """Set the adders for virtual neurons that lie side by side."""
        modes = AdderModes.of(sizes, 1 << len(self.levels), folds=True)
        for level in self.levels:
            for adder in level:
                node = adder.level, adder.place
                adder.folds = folds
                adder.mode = modes.modes.get(node, adder.mode)
                adder.receives = modes.receives.get(node)
                adder.children = modes.children.get(node, adder.children)
                adder.to_fold_node = node in modes.complete
                adder.complete = node in modes.fold_nodes

    @property
    def leaves(self) -> list[Wire[int]]:
        """The wires that multipliers put their products onto."""
        return super().leaves[: 1 << len(self.levels)]

    def cycle(self) -> None:
        """Let every adder for which there is something to do do it.

        The second root comes after the first one and takes what that sends in the same cycle.
        """
        for adder in self.levels[0]:
            self._cycle_level([adder])
        for level in self.levels[1:]:
            self._cycle_level(level)

    def wire_lines(self) -> list[CounterLine]:
        """Give the lines of the wires between adders, of the links, then of those to fold nodes."""
        folding = [adder.fold_link.line("RN_WIRE") for adder in self._that_fold_elsewhere()]
        return super().wire_lines() + folding
