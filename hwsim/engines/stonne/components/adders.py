"""The tree of adders, each with its queues and, between neighbours of different parents, a link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from hwsim.engines.stonne.components.adder_modes import AdderModes, Mode, Node
from hwsim.engines.stonne.components.queue import Queue
from hwsim.engines.stonne.components.wire import Wire
from hwsim.engines.stonne.files.report import LATE, CounterLine
from hwsim.errors import InputError

_NO_LINK: Final = "NOT_CONFIGURED"


class Adder:
    """A node of the tree; what passes is the number of a virtual neuron.

    Attributes
    ----------
    mode : Mode
        What it does with what comes in.
    receives : bool or None
        Whether it receives by its link, or sends; None where the link is not used.
    children : (bool, bool)
        Whether something comes from the left and from the right.
    complete : bool
        Whether its sums are whole and leave the tree.
    line, input : int
        Where they leave: line of the collection bus, and which of its inputs.
    """

    def __init__(self, level: int, place: int) -> None:
        self.level, self.place = level, place
        self.left: Queue[int] = Queue()
        self.right: Queue[int] = Queue()
        self.linked: Queue[int] = Queue()
        self.to_parent: Queue[int] = Queue()
        self.to_link: Queue[int] = Queue()
        self.from_left: Wire[int] = Wire()
        self.from_right: Wire[int] = Wire()
        self.link: Wire[int] | None = None
        self.parent: Wire[int] = Wire()
        self.way_out: Wire[int] = Wire()
        self.bus_line = self.bus_input = 0
        self.added_two = self.added_three = self.to_parents = self.linked_sends = 0
        self.left_tree = self.configurations = 0
        self._default()

    def _default(self) -> None:
        self.mode, self.complete = Mode.ADD_TWO, False
        self.children = (False, False)
        self.receives: bool | None = None

    def reset(self) -> None:
        """Forget the configuration and all that waits."""
        self._default()
        for queue in (self.left, self.right, self.to_parent, self.linked, self.to_link):
            queue.clear()

    @property
    def waits(self) -> bool:
        """Whether something is on its way to it, or could go on in the next cycle."""
        if self.from_left.items or self.from_right.items:
            return True
        if self.receives and self.link is not None and self.link.items:
            return True
        return bool(self.left or self.right or self.linked)

    def cycle(self) -> None:
        """Do what a cycle allows."""
        for neuron in self.from_left.take():
            self.left.push(neuron)
        for neuron in self.from_right.take():
            self.right.push(neuron)
        if self.receives and self.link is not None:
            for neuron in self.link.take():
                self.linked.push(neuron)
        if self.mode is Mode.ADD_TWO:
            self._add_two()
        elif self.mode is Mode.ADD_THREE:
            self._add_three()
        elif self.mode is Mode.SPLIT:
            self._split()
        else:
            self._pass()
        self._send()

    def _add_two(self) -> None:
        out = self.to_parent if self.receives is None else self.to_link
        if self.left and not self.right and not self.children[1]:
            out.push(self.left.pop())
        if self.right and not self.left and not self.children[0]:
            out.push(self.right.pop())
        if self.left and self.right:
            out.push(_same(self.left.pop(), self.right.pop()))
            self.added_two += 1

    def _add_three(self) -> None:
        if self.left and self.right and self.linked:
            neuron = _same(self.left.pop(), self.right.pop())
            self.to_parent.push(_same(neuron, self.linked.pop()))
            self.added_three += 1

    def _split(self) -> None:
        """Hand the side of the link to it, the other one to the parent."""
        linked, up = (self.right, self.left) if self.place % 2 else (self.left, self.right)
        if linked:
            self.to_link.push(linked.pop())
        if up:
            self.to_parent.push(up.pop())

    def _pass(self) -> None:
        for queue in (self.left, self.right):
            while queue:
                self.to_parent.push(queue.pop())

    def _send(self) -> None:
        if self.to_link and self.link is not None:
            self.linked_sends += 1
            self.link.send([self.to_link.pop() for _ in range(len(self.to_link))])
        if self.to_parent:
            self._send_up([self.to_parent.pop() for _ in range(len(self.to_parent))])

    def _send_up(self, sums: list[int]) -> None:
        self.left_tree += self.complete
        self.to_parents += not self.complete
        (self.way_out if self.complete else self.parent).send(sums)

    def configuration(self) -> dict[str, Any]:
        """Give what the ``.txt`` file says of its configuration."""
        direction = {None: _NO_LINK, True: "RECEIVE", False: "SEND"}[self.receives]
        return {
            "Configuration": self.mode.value,
            "Augmented_link_enabled": int(self.receives is not None),
            "Augmented_link_direction": direction,
            "Left_child_enabled": int(self.children[0]),
            "Right_child_enabled": int(self.children[1]),
            "BusID": self.bus_line,
            "InputID": self.bus_input,
            "Send_result_to_memory": int(self.complete),
        }

    def stats(self, cycles: int) -> dict[str, Any]:
        """Give what the ``.txt`` file says of what it did."""
        return {
            "Total_cycles": cycles,
            "Idle_cycles": cycles - self.added_two - self.added_three,
            "N_2_1_sums": self.added_two,
            "N_2_1_comps": 0,
            "N_3_1_sums": self.added_three,
            "N_3_1_comps": 0,
            "N_parent_send": self.to_parents,
            "N_augmentendLink_send": self.linked_sends,
            "N_memory_send": self.left_tree,
            "N_configurations": self.configurations,
            LATE + "InputPsumLeftFifo": self.left.stats(),
            "InputPsumRightFifo": self.right.stats(),
            "OutputPsumFifo": self.to_parent.stats(),
            "OutputForwardingFifo": self.to_link.stats(),
            "InputForwardingFifo": self.linked.stats(),
        }

    def lines(self) -> list[CounterLine]:
        """Give its lines of the ``.counters`` file."""
        counted = {
            "ADD_2_1": self.added_two,
            "ADD_3_1": self.added_three,
            "CONFIGURATION": self.configurations,
        }
        queues = self.left, self.right, self.linked, self.to_link, self.to_parent
        return [CounterLine("ADDER", counted), *(queue.line() for queue in queues)]


class AdderTree:
    """All adders over ``num_ms`` multipliers.

    Attributes
    ----------
    levels : list of list of Adder
        From the root down.
    exits : list of Adder
        In the order in which they are wired to the bus: pairs with a link, then the others.
    """

    def __init__(self, num_ms: int) -> None:
        self.levels = self._build(num_ms.bit_length() - 1)
        self.links: list[Wire[int]] = []
        paired: list[Adder] = []
        single: list[Adder] = []
        for level in self.levels:
            for adder in level:
                if adder.level:
                    above = self.levels[adder.level - 1][adder.place // 2]
                    adder.parent = above.from_right if adder.place % 2 else above.from_left
                if adder.place in (0, len(level) - 1):
                    single.append(adder)
            for left, right in zip(level[1:-1:2], level[2:-1:2], strict=True):
                left.link = right.link = Wire()
                self.links.append(left.link)
                paired += [left, right]
        self.exits = [*paired, *single]
        self.pairs = len(paired)

    def _build(self, depth: int) -> Sequence[Sequence[Adder]]:
        return [[Adder(level, place) for place in range(1 << level)] for level in range(depth)]

    def __iter__(self) -> Iterator[Adder]:
        return (adder for level in self.levels for adder in level)

    @property
    def leaves(self) -> list[Wire[int]]:
        """The wires that multipliers put their products onto."""
        return [wire for each in self.levels[-1] for wire in (each.from_left, each.from_right)]

    def configure(self, sizes: Sequence[int], folds: int) -> None:
        """Set the adders for virtual neurons that lie side by side.

        Parameters
        ----------
        sizes : sequence of int
            Multipliers of each.
        folds : int
            Sums that make an output; for trees that add them up.
        """
        modes = AdderModes.of(sizes, 2 * len(self.levels[-1]))
        for node, mode in modes.modes.items():
            adder = self._at(node)
            adder.mode = mode
            adder.configurations += 1
        for node, receives in modes.receives.items():
            self._at(node).receives = receives
        for node, children in modes.children.items():
            self._at(node).children = children
        for node in modes.complete:
            self._at(node).complete = True

    def _at(self, node: Node) -> Adder:
        return self.levels[node[0]][node[1]]

    def reset(self) -> None:
        """Reset all adders."""
        for adder in self:
            adder.reset()

    def cycle(self) -> None:
        """Let every adder for which there is something to do do it.

        Whoever receives goes first, so that everything takes a cycle: from the root down, and in
        a level those that receive by their link.
        """
        for level in self.levels:
            self._cycle_level(level)

    @staticmethod
    def _cycle_level(level: Sequence[Adder]) -> None:
        waiting = [adder for adder in level if adder.waits]
        for adder in sorted(waiting, key=lambda adder: not adder.receives):
            adder.cycle()

    def wire_lines(self) -> list[CounterLine]:
        """Give the lines of the wires between adders, then of the links."""
        wires = [wire for adder in self for wire in (adder.from_left, adder.from_right)]
        return [wire.line("RN_WIRE") for wire in [*wires, *self.links]]


def _same(one: int, other: int) -> int:
    if one != other:
        raise InputError(
            f"an adder would add up the virtual neurons {one} and {other}: take another tile"
        )
    return one
