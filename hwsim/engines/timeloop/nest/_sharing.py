"""Which children share data, for a batch of mappings."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from hwsim.engines.timeloop.nest._multicast import Children, Groups
from hwsim.engines.timeloop.nest._reuse import ChildWords, Passed, strides
from hwsim.engines.timeloop.nest.loops import Bools, Floats, LoopRow
from hwsim.engines.timeloop.nest.traffic import Traffic
from hwsim.engines.timeloop.terms.problem import Ints

#: Arrangements of children whose sharing is remembered: of some searches, and some megabytes.
_REMEMBERED: Final = 1 << 14
#: Who gets data from the parent, how many get them from neighbours, and whether that saves
#: accesses of the parent.
_Sharing = tuple[Groups, float, bool]
#: Mappings, words of one child that neighbours pass on, ways to share the rest, which of those
#: each mapping has, and how many children get the words from neighbours.
_PassedOn = tuple[Ints, Floats, list[Groups], Ints, Floats]


class SpatialSharing:
    """How the children of one level, on a mesh of ``fanout``, share one data space.

    With ``multicast`` a word may serve several of them, with ``links`` neighbours may pass words
    on. Hops are counted where they matter: where the network is priced.
    """

    def __init__(
        self,
        projection: Ints,
        fanout: tuple[int, int],
        multicast: bool,
        links: bool,
        hops: bool,
    ) -> None:
        self._projection = projection
        self._fanout = fanout
        self._multicast = multicast
        self._links = links
        self._hops = hops
        used = projection != 0
        self._relevant = used.any(axis=0)
        self._alone = bool((used.sum(axis=0) <= 1).all() and (used.sum(axis=1) <= 1).all())

    def reach(self, spatial: list[LoopRow]) -> Floats | None:
        """How far apart the data of any two children lie at most; None without neighbours."""
        if not self._links or not spatial:
            return None
        moves = [np.abs(strides(self._projection, row)) * (row.end - 1) for row in spatial]
        only_child = np.all([row.end == 1 for row in spatial], axis=0)
        return np.where(only_child, -np.inf, sum(moves))  # an only child has no neighbour

    def links_may_save(self, reuse: bool) -> bool:
        """Whether any mapping lets neighbours pass words on.

        With reuse, and every dimension alone on its rank, a move along a spread dimension is by
        whole multiples of what all children cover together: no neighbour has the data.
        """
        return self._links and not (reuse and self._alone)

    def traffic(self, found: ChildWords, spatial: list[LoopRow]) -> Traffic:
        """Combine what one child fetches with who shares it."""
        if not spatial:
            one = np.ones(len(found.words))
            return Traffic.uniform(one, one, found.words)
        words = found.words.copy()
        links = np.zeros(len(words))
        found_ways = [self._pass_on(passed, spatial) for passed in found.passed]
        for which, amount, _, _, linked in found_ways:
            words[which] -= amount
            links[which] += amount * linked
        traffic = self._shared(words, spatial)
        traffic.links = links
        for which, amount, groups, of_each, _ in found_ways:
            traffic.append(which, groups, amount, of_each)
        traffic.merge_equal()
        return traffic

    def _shared(self, words: Floats, spatial: list[LoopRow]) -> Traffic:
        """Words that no neighbour passes on."""
        count = len(words)
        together, apart = np.ones(count), np.ones(count)
        crowded: Bools = np.zeros(count, dtype=bool)
        spread = np.zeros((len(self._projection), count), dtype=np.int64)
        several = self._multicast and not self._hops  # loops that spread along one rank
        for row in spatial:
            relevant = self._relevant[row.dimension] | (not self._multicast)
            together *= np.where(relevant, 1.0, row.end)
            apart *= np.where(relevant, row.end, 1.0)
            if several:
                spread += (self._projection[:, row.dimension] != 0) & (row.end > 1)
        if several:
            crowded = np.asarray((spread > 1).any(axis=0))
        elif self._hops:
            crowded = np.greater(together * apart, 1)
        which = np.flatnonzero(crowded)
        traffic = Traffic.uniform(together, apart, words * apart)
        if len(which):
            traffic.accesses[0, which] = 0.0
            sharing, of_each = self._arrangements(spatial, which, None)
            traffic.place(which, [found[0] for found in sharing], words[which], of_each)
        return traffic

    def _pass_on(self, passed: Passed, spatial: list[LoopRow]) -> _PassedOn:
        """Which of the mappings gain by passing words on, and how they then share."""
        sharing, of_each = self._arrangements(spatial, passed.which, passed.offset)
        saves = np.array([found[2] for found in sharing])[of_each]
        linked = np.array([found[1] for found in sharing])
        of_each = of_each[saves]
        groups = [found[0] for found in sharing]
        return passed.which[saves], passed.words[saves], groups, of_each, linked[of_each]

    def _arrangements(
        self, spatial: list[LoopRow], which: Ints, offset: Floats | None
    ) -> tuple[list[_Sharing], Ints]:
        """Find the different arrangements of children among some mappings, and which each has.

        An arrangement is the spatial loops that iterate, innermost first, each with its strides,
        then the offset. Common factors of a rank do not matter and are divided out.
        """
        ranks = len(self._projection)
        width = 1 + ranks
        table = np.zeros((len(which), width * (len(spatial) + 1)), dtype=np.int64)
        place = np.zeros(len(which), dtype=np.int64)
        at = np.arange(len(which))
        for row in spatial:
            iterating = row.end[which] > 1
            here, column = at[iterating], place[iterating] * width
            table[here, column] = row.end[which][iterating]
            moved = strides(self._projection, row)[:, which[iterating]]
            for rank in range(ranks):
                table[here, column + 1 + rank] = moved[rank]
            place += iterating
        last = width * len(spatial)
        if offset is not None:
            table[:, last] = 1
            table[:, last + 1 :] = offset.T
        for rank in range(ranks):
            part = table[:, rank + 1 :: width]
            common = np.gcd.reduce(part, axis=1)
            part //= np.maximum(common, 1)[:, None]
        # bytes in a dictionary: a fifth of the time of np.unique over rows
        content, length = table.tobytes(), table.itemsize * table.shape[1]
        numbers: dict[bytes, int] = {}
        of_each = [
            numbers.setdefault(content[start : start + length], len(numbers))
            for start in range(0, len(content), length)
        ]
        found = [_sharing(row, self._fanout, self._multicast, ranks) for row in numbers]
        return found, np.array(of_each)



@lru_cache(maxsize=_REMEMBERED)
def _sharing(row: bytes, mesh: tuple[int, int], multicast: bool, ranks: int) -> _Sharing:
    """Find who shares in an arrangement, the same for all problems and machines that have it."""
    *loops, (linked, *offset) = np.frombuffer(row, dtype=np.int64).reshape(-1, 1 + ranks).tolist()
    children = _children(tuple(tuple(loop) for loop in loops if loop[0]), mesh, multicast, ranks)
    apart = tuple(offset) if linked else None
    groups, taken = children.sharing(apart)
    groups.setflags(write=False)
    return groups, float(taken), apart is None or children.links_save(apart)


@lru_cache(maxsize=_REMEMBERED // 16)
def _children(
    loops: tuple[tuple[int, ...], ...], mesh: tuple[int, int], multicast: bool, ranks: int
) -> Children:
    offsets = np.zeros((1, ranks), dtype=np.int64)
    for end, *strides_of_loop in loops:
        steps = np.arange(end, dtype=np.int64)[:, None] * np.array(strides_of_loop, dtype=np.int64)
        offsets = (steps[:, None, :] + offsets[None, :, :]).reshape(-1, ranks)
    return Children(offsets, *mesh, multicast=multicast)
