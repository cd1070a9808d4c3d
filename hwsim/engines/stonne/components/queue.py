"""A queue that knows how often it was used and how long it became."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from hwsim.engines.stonne.files.report import CounterLine, queue_line, queue_stats

Item = TypeVar("Item")


class Queue(Generic[Item]):
    """First in, first out.

    Attributes
    ----------
    pushes, pops, fronts : int
        How often something went in, came out, and was looked at.
    most : int
        Longest length.
    """

    __slots__ = ("_items", "fronts", "most", "pops", "pushes")

    def __init__(self) -> None:
        self._items: deque[Item] = deque()
        self.pushes = self.pops = self.fronts = self.most = 0

    def __len__(self) -> int:
        return len(self._items)

    def push(self, item: Item) -> None:
        """Put an item at the end."""
        self._items.append(item)
        self.pushes += 1
        self.most = max(self.most, len(self._items))

    def pop(self) -> Item:
        """Take the first item."""
        self.pops += 1
        return self._items.popleft()

    def turn(self) -> Item:
        """Take the first item and put it at the end."""
        self.pops += 1
        self.pushes += 1
        self._items.rotate(-1)
        return self._items[-1]

    def clear(self) -> None:
        """Take all items."""
        self.pops += len(self._items)
        self._items.clear()

    def stats(self) -> dict[str, int]:
        """Give what the ``.txt`` file says of it."""
        return queue_stats(self.pushes, self.pops, self.most, self.fronts)

    def line(self) -> CounterLine:
        """Give its line of the ``.counters`` file."""
        return queue_line(self.pushes, self.pops, self.fronts)
