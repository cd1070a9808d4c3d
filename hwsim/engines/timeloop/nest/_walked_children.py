"""The children of one parent where the loops are walked: who shares data with whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from hwsim.engines.timeloop.nest._boxes import Box, Boxes, Point, volumes
from hwsim.engines.timeloop.nest._multicast import Children

#: What a step needs, for each data space.
Needs = list[Boxes]
#: Words, and the children that need exactly the same.
_SharedWords = list[tuple[int, list[int]]]


@dataclass
class WalkedTraffic:
    """What a parent sends to its children, added up step by step.

    ``ways`` has, for each (children that share a datum, sets of such children), accesses of the
    parent and hops of multicasts and of unicasts, both weighted by accesses. ``links`` are words
    that children get from their neighbours instead.
    """

    ways: dict[tuple[int, int], list[float]] = field(default_factory=dict)
    links: float = 0.0

    def count(self, way: tuple[int, int], accesses: float, hops: float, unicast: float) -> None:
        """Add accesses of one way of sharing."""
        entry = self.ways.setdefault(way, [0.0, 0.0, 0.0])
        entry[0] += accesses
        entry[1] += hops
        entry[2] += unicast


class WalkedChildren:
    """Delivers what children need, which lie on a mesh row by row."""

    def __init__(self, columns: int, rows: int) -> None:
        self._columns, self._rows = columns, rows
        self._known: dict[Point, tuple[float, float]] = {}

    def deliver(
        self,
        needs: Mapping[int, Boxes],
        before: Mapping[int, Boxes],
        epochs: int,
        traffic: WalkedTraffic,
        alone: bool,
        links: bool,
    ) -> None:
        """Count what goes from the parent, and from child to child, in a step of ``epochs`` times.

        Children have their needs of this step and of the one ``before``. ``alone``: each is served
        on its own; ``links``: neighbours may pass words on.
        """
        groups = _shared(needs, alone)
        linked = self._linked(needs, before) if links else set()
        if linked:
            rest = {child: boxes for child, boxes in needs.items() if child not in linked}
            with_links = _shared(rest, alone)
            if _words(with_links) < _words(groups):
                groups = with_links
                traffic.links += float(sum(volumes(needs[child]) for child in linked) * epochs)
        by_factor: dict[int, _SharedWords] = {}
        for words, members in groups:
            if words:
                by_factor.setdefault(len(members), []).append((words, members))
        for factor, sets in by_factor.items():
            accesses, scatter = float(_words(sets) * epochs), len(sets)
            hops = unicast = 0.0
            for _, members in sets:
                together, apart = self._hops(tuple(members))
                hops += together
                unicast += apart
            ways = hops * accesses / scatter, unicast * accesses / scatter
            traffic.count((factor, scatter), accesses, *ways)

    def _hops(self, members: Point) -> tuple[float, float]:
        """Count the hops to a set of children that share their data, together and one by one."""
        if members not in self._known:
            index = np.array(members, dtype=np.int64)
            offsets = np.zeros((int(index.max()) + 1, 1), np.int64)
            groups = Children(offsets, self._columns, self._rows).served(index)
            ((_, _, together, apart),) = groups.tolist()
            self._known[members] = together, apart
        return self._known[members]

    def _linked(self, needs: Mapping[int, Boxes], before: Mapping[int, Boxes]) -> set[int]:
        """Find the children that need what a neighbour had a step ago."""
        found = set()
        for child, boxes in needs.items():
            if not boxes:
                continue
            column = child % self._columns
            neighbours = [child - self._columns, child + self._columns]  # off the mesh is nobody
            neighbours += [child - 1] if column > 0 else []
            neighbours += [child + 1] if column < self._columns - 1 else []
            wanted = frozenset(boxes)
            if any(other in before and frozenset(before[other]) == wanted for other in neighbours):
                found.add(child)
        return found


def _shared(needs: Mapping[int, Boxes], alone: bool) -> _SharedWords:
    if alone:
        return [(volumes(boxes), [child]) for child, boxes in needs.items()]
    groups: dict[frozenset[Box], list[int]] = {}
    for child, boxes in needs.items():
        groups.setdefault(frozenset(boxes), []).append(child)
    return [(volumes(boxes), members) for boxes, members in groups.items()]


def _words(groups: _SharedWords) -> int:
    return sum(words for words, _ in groups)
