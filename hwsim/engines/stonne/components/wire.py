"""A wire between two components: what is put onto it is there until it is taken, or replaced."""

from __future__ import annotations

from typing import Generic, TypeVar

from hwsim.engines.stonne.files.report import CounterLine, wire_line

Item = TypeVar("Item")


class Wire(Generic[Item]):
    """A wire.

    Attributes
    ----------
    items : list
        What is on it; empty where nothing is.
    writes : int
        How often something was put onto it, however much at once.
    """

    __slots__ = ("items", "writes")

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.writes = 0

    def send(self, items: list[Item]) -> None:
        """Put items onto it at once."""
        self.items = items
        self.writes += 1

    def take(self) -> list[Item]:
        """Take what is on it."""
        items, self.items = self.items, []
        return items

    def line(self, name: str) -> CounterLine:
        """Give its line of the ``.counters`` file."""
        return wire_line(name, self.writes)
