"""The spatial copies of a tile below one parent: which of them share data, over which hops.

Every copy holds the parent's first copy's data shifted by a fixed offset, so copies of equal
offset are served by one multicast. Where a copy needs what a neighbour (up, down, left, right)
held a step ago, the two can pass it on, if that saves accesses of the parent.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np

from hwsim.engines.timeloop.nest.loops import Bools, Floats
from hwsim.engines.timeloop.terms.problem import Ints

#: Sets of children of the same number, shape (groups, 4): children in each set, which share their
#: data; sets; hops and unicast hops, over the mesh from the middle of its left edge to all children
#: of a set, summed over sets: along one row, then up and down the columns, together or each child
#: on its own.
Groups = Floats
#: Up to so many times their number, keys are counted in an array as long as the largest.
_SPARSE: Final = 16
#: Groups that the parent serves, and how many children their neighbours serve.
Sharing = tuple[Groups, int]


class Children:
    """The copies, laid out row by row on a mesh.

    Offsets, shape (copies, ranks), are how far the data of each lie from those of the first, in
    the order of the spatial loops (the outermost is the slowest).
    """

    def __init__(self, offsets: Ints, columns: int, rows: int, multicast: bool = True) -> None:
        self._offsets = offsets
        # A row that is longer than there are copies is as good as one of all: 32 fan-outs of 4 side
        # by side are more columns than a machine word has numbers for.
        self._columns = min(columns, max(1, len(offsets)))
        self._rows = rows
        self._multicast = multicast
        self._known: dict[tuple[int, ...] | None, Sharing] = {}

    def links_save(self, offset: tuple[int, ...]) -> bool:
        """Whether the parent is accessed less if copies pass on data at this offset."""
        without, _ = self.sharing(None)
        with_links, _ = self.sharing(offset)
        return _sets(with_links) < _sets(without)

    def sharing(self, offset: tuple[int, ...] | None) -> Sharing:
        """Find the groups that the parent serves, and how many get their data from neighbours.

        A copy finds its data with a neighbour whose offset is larger by ``offset``; None if copies
        pass on nothing.
        """
        if offset not in self._known:
            linked = np.zeros(len(self._offsets), dtype=bool)
            if offset is not None:
                linked = self._linked(np.asarray(offset, dtype=np.int64))
            self._known[offset] = self.served(np.flatnonzero(~linked)), int(linked.sum())
        return self._known[offset]

    @cached_property
    def _keys(self) -> Ints:
        """One number for each copy, equal where offsets are equal."""
        relative = self._offsets - self._offsets.min(axis=0, initial=0)
        keys = np.zeros(len(relative), dtype=np.int64)
        for rank in range(relative.shape[1]):
            keys = keys * (int(relative[:, rank].max(initial=0)) + 1) + relative[:, rank]
        return keys

    @cached_property
    def _place(self) -> tuple[Ints, Ints]:
        index = np.arange(len(self._offsets), dtype=np.int64)
        return index % self._columns, index // self._columns

    def _linked(self, offset: Ints) -> Bools:
        wanted = self._offsets + offset
        column, row = self._place
        left = len(wanted) - np.arange(1, len(wanted) + 1)  # copies after each
        linked = np.zeros(len(wanted), dtype=bool)
        neighbours = (
            (row > 0, -self._columns),
            (left >= self._columns, self._columns),
            (column > 0, -1),
            ((column < self._columns - 1) & (left > 0), 1),
        )
        for inside, step in neighbours:
            here = np.flatnonzero(inside)
            found = (self._offsets[here + step] == wanted[here]).all(axis=1)
            linked[here[found]] = True
        return linked

    def served(self, members: Ints) -> Groups:
        """Who gets data from the parent, if only these copies do."""
        if not len(members):
            return np.zeros((0, 4))
        keys: Ints = self._keys[members] if self._multicast else members
        _, group, sizes = _numbered(keys)
        column, row = (place[members] for place in self._place)
        hops, unicast_hops = _hops(group, len(sizes), column, row, self._rows)
        sets = np.bincount(sizes)
        multicast = np.flatnonzero(sets)
        of_size = (sets, np.bincount(sizes, hops), np.bincount(sizes, unicast_hops))
        return np.stack([multicast, *(figures[multicast] for figures in of_size)], axis=1)


def tabulated(groups: Sequence[Groups]) -> Floats:
    """Put groups side by side, shape (4, ways, sequence).

    A way to share that one has not serves one child, in no set.
    """
    table = np.zeros((4, max(map(len, groups), default=0), len(groups)))
    table[0] = 1.0
    for number, group in enumerate(groups):
        table[:, : len(group), number] = group.T
    return table


def _sets(groups: Groups) -> float:
    return float(groups[:, 1].sum())


def _numbered(keys: Ints) -> tuple[Ints, Ints, Ints]:
    """Give the different keys, ascending, which of them each is, and how often each is there.

    Few copies have small keys: they are counted in a third of the time of sorting them.
    """
    if keys.max() > _SPARSE * len(keys):
        different, which, counts = np.unique(keys, return_inverse=True, return_counts=True)
        return different, which, counts
    counts = np.bincount(keys)
    different = np.flatnonzero(counts)
    number = np.zeros(len(counts), np.int64)
    number[different] = np.arange(len(different))
    return different, number[keys], counts[different]


def _hops(group: Ints, groups: int, column: Ints, row: Ints, rows: int) -> tuple[Floats, Floats]:
    """Hops to all members of each group, together and one by one."""
    middle = (rows - 1) / 2
    distance = row - middle
    unicast = np.bincount(group, column + np.abs(distance), minlength=groups).astype(float)
    furthest = np.zeros(groups)
    np.maximum.at(furthest, group, column)
    lines, line, _ = _numbered(group * (int(column.max()) + 1) + column)
    up = np.zeros(len(lines))
    down = np.zeros(len(lines))
    np.maximum.at(up, line, -distance)
    np.maximum.at(down, line, distance)
    group_of_line = lines // (int(column.max()) + 1)
    return furthest + np.bincount(group_of_line, up + down, minlength=groups), unicast
