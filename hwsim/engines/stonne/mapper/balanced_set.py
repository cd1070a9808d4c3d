"""A sorted set as the C++ library has it, for an order that is none.

STONNE's mapper keeps tiles in a ``std::set`` with an order that is not transitive: estimates that
are close count as equal. Which tiles it keeps then depends on which others an element is compared
with on its way into the tree, so on the shape of the tree. This is the red-black tree of the GNU
C++ library (Cormen et al., Introduction to Algorithms, chapter 13): the same comparisons, and the
same rotations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class _Node(Generic[Item]):
    __slots__ = ("item", "left", "parent", "red", "right")

    def __init__(self, item: Item, parent: _Node[Item] | None) -> None:
        self.item, self.parent, self.red = item, parent, True
        self.left: _Node[Item] | None = None
        self.right: _Node[Item] | None = None


class BalancedSet(Generic[Item]):
    """Keeps items that none of those that it meets equals.

    Parameters
    ----------
    before : callable
        Whether the first of two items comes before the second one.
    """

    def __init__(self, before: Callable[[Item, Item], bool]) -> None:
        self._before = before
        self._root: _Node[Item] | None = None

    def add(self, item: Item) -> None:
        """Add an item, unless the one before its place does not come before it."""
        above: _Node[Item] | None = None
        below, goes_left = self._root, True
        while below is not None:
            above = below
            goes_left = self._before(item, below.item)
            below = below.left if goes_left else below.right
        previous = above
        if goes_left and above is not None:
            previous = _predecessor(above)
        if previous is not None and not self._before(previous.item, item):
            return
        node = _Node(item, above)
        if above is None:
            self._root = node
        elif self._before(item, above.item):
            above.left = node
        else:
            above.right = node
        self._balance(node)

    def __iter__(self) -> Iterator[Item]:
        yield from _in_order(self._root)

    def _balance(self, node: _Node[Item]) -> None:
        while (parent := node.parent) is not None and parent.red:
            grandparent = parent.parent
            assert grandparent is not None  # the root is black
            is_left = grandparent.left is parent
            uncle = grandparent.right if is_left else grandparent.left
            if uncle is not None and uncle.red:
                parent.red = uncle.red = False
                grandparent.red = True
                node = grandparent
                continue
            if node is (parent.right if is_left else parent.left):
                self._rotate(parent, left=is_left)
                node, parent = parent, node
            parent.red, grandparent.red = False, True
            self._rotate(grandparent, left=not is_left)
        assert self._root is not None
        self._root.red = False

    def _rotate(self, node: _Node[Item], *, left: bool) -> None:
        """Put a child in the place of a node: the right one when it turns to the left."""
        child = node.right if left else node.left
        assert child is not None
        inner = child.left if left else child.right
        if left:
            node.right, child.left = inner, node
        else:
            node.left, child.right = inner, node
        if inner is not None:
            inner.parent = node
        parent = child.parent = node.parent
        if parent is None:
            self._root = child
        elif parent.left is node:
            parent.left = child
        else:
            parent.right = child
        node.parent = child


def _predecessor(node: _Node[Item]) -> _Node[Item] | None:
    if node.left is not None:
        node = node.left
        while node.right is not None:
            node = node.right
        return node
    while node.parent is not None and node.parent.left is node:
        node = node.parent
    return node.parent


def _in_order(node: _Node[Item] | None) -> Iterator[Item]:
    if node is not None:
        yield from _in_order(node.left)
        yield node.item
        yield from _in_order(node.right)
