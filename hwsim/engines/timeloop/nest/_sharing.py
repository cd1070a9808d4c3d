"""Which children share data, for a batch of mappings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from hwsim.engines.timeloop.nest._multicast import Children, Groups, tabulated
from hwsim.engines.timeloop.nest._reuse import Passed
from hwsim.engines.timeloop.nest.loops import Floats, LoopKinds, LoopStack, different_rows
from hwsim.engines.timeloop.nest.traffic import Traffic
from hwsim.engines.timeloop.terms.problem import Ints

#: Arrangements of children whose sharing is remembered: of some searches, and some megabytes.
_REMEMBERED: Final = 1 << 14
#: Who gets data from the parent, how many get them from neighbours, and whether that saves
#: accesses of the parent.
_Sharing = tuple[Groups, float, bool]


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
        self._known = SharingTable()
        self._alone = bool((used.sum(axis=0) <= 1).all() and (used.sum(axis=1) <= 1).all())

    def reach(self, spatial: LoopStack) -> Floats | None:
        """How far apart the data of any two children lie at most; None without neighbours."""
        if not self._links or not len(spatial):
            return None
        kinds = spatial.kinds
        moved = np.abs(self._projection[:, kinds.dimension] * kinds.step) * (kinds.end - 1)
        # an only child has no neighbour
        reach = np.where(kinds.end.any(axis=1), moved.sum(axis=2), -np.inf)
        return reach.take(kinds.of_each, axis=1)

    def links_may_save(self, reuse: bool) -> bool:
        """Whether any mapping lets neighbours pass words on.

        With reuse, and every dimension alone on its rank, a move along a spread dimension is by
        whole multiples of what all children cover together: no neighbour has the data.
        """
        return self._links and not (reuse and self._alone)

    def traffic(self, words: Floats, passed: Passed | None, spatial: LoopStack) -> Traffic:
        """Combine what one child fetches, and what neighbours might have, with who shares it."""
        if not len(spatial):
            one = np.ones(len(words))
            return Traffic.uniform(one, one, words)
        if passed is None:
            return self._shared(words, spatial)
        handed = self._handed_on(passed, spatial)
        count = len(words)
        left = words - np.bincount(handed.which, handed.words, count)
        traffic = self._shared(left, spatial)
        traffic.links = traffic.links + np.bincount(
            handed.which, handed.words * handed.takers, count
        )
        for some in handed.one_by_one():
            traffic.append(some.which, handed.groups, some.words, some.of_each)
        traffic.merge_equal()
        return traffic

    def _shared(self, words: Floats, spatial: LoopStack) -> Traffic:
        """Words that no neighbour passes on."""
        kinds = spatial.kinds
        new = self._known.unknown(kinds.names)
        if new:
            self._known.add([kinds.names[kind] for kind in new], self._groups(kinds, np.array(new)))
        return Traffic.shared(self._known.of(kinds.names, kinds.of_each), words)

    def _groups(self, kinds: LoopKinds, which: Ints) -> list[Groups]:
        """Tell who shares where some kinds of loops spread children, and nothing is passed on."""
        dimension, end = kinds.dimension[which], np.maximum(kinds.end[which], 1).astype(np.float64)
        relevant = self._relevant[dimension] | (not self._multicast)
        together = np.where(relevant, 1.0, end).prod(axis=1)
        apart = np.where(relevant, end, 1.0).prod(axis=1)
        if self._hops:
            crowded = together * apart > 1
        elif self._multicast:  # loops that spread along one rank
            along = (self._projection[:, dimension] != 0) & (end > 1)
            crowded = (np.count_nonzero(along, axis=2) > 1).any(axis=0)
        else:
            crowded = np.zeros(len(which), dtype=bool)
        of_crowded = iter(self._arrangements(kinds, which[crowded], None))
        alike = np.zeros((len(which), 1, 4))
        alike[:, 0, 0], alike[:, 0, 1] = together, apart
        return [
            next(of_crowded)[0] if here else found
            for here, found in zip(crowded.tolist(), alike, strict=True)
        ]

    def _handed_on(self, passed: Passed, spatial: LoopStack) -> _Handed:
        """Take the words that gain by being passed on, and tell how the rest is then shared."""
        kinds = spatial.kinds.of_each[passed.which]
        table = np.concatenate([kinds[None], passed.offset.astype(np.int64)]).T
        different, of_each = different_rows(np.ascontiguousarray(table))
        sharing = self._arrangements(spatial.kinds, different[:, 0], different[:, 1:])
        saves = np.array([found[2] for found in sharing])[of_each]
        takers = np.array([found[1] for found in sharing])
        of_each = of_each[saves]
        groups = [found[0] for found in sharing]
        return _Handed(passed.which[saves], passed.words[saves], of_each, takers[of_each], groups)

    def _arrangements(self, kinds: LoopKinds, which: Ints, offset: Ints | None) -> list[_Sharing]:
        """Find who shares where some kinds of loops spread children, with an offset of each.

        Common factors of a rank do not matter and are divided out.
        """
        ranks, loops = len(self._projection), kinds.end.shape[1]
        table = np.zeros((len(which), loops + 1, 1 + ranks), dtype=np.int64)
        table[:, :-1, 0] = kinds.end[which]
        moved = self._projection[:, kinds.dimension[which]] * kinds.step[which]
        table[:, :-1, 1:] = moved.transpose(1, 2, 0)
        if offset is not None:
            table[:, -1, 0] = 1
            table[:, -1, 1:] = offset
        common = np.gcd.reduce(table[:, :, 1:], axis=1, keepdims=True)
        table[:, :, 1:] //= np.maximum(common, 1)
        return [_sharing(row.tobytes(), self._fanout, self._multicast, ranks) for row in table]


class SharingTable:
    """Who shares one data space below one level, of the kinds of loops met so far."""

    def __init__(self) -> None:
        self._columns: dict[bytes, int] = {}
        self._clear()

    def _clear(self) -> None:
        self._columns.clear()
        self._ways = np.zeros(64, dtype=np.int64)
        #: As :func:`tabulated`, with room for more kinds.
        self._figures = np.zeros((4, 1, 64))

    def unknown(self, kinds: Sequence[bytes]) -> list[int]:
        """Tell which kinds, given by name, were not met before."""
        if len(self._columns) > _REMEMBERED:
            self._clear()
        return [number for number, kind in enumerate(kinds) if kind not in self._columns]

    def add(self, kinds: Sequence[bytes], groups: Sequence[Groups]) -> None:
        """Take in kinds with the groups of each."""
        table, first = tabulated(groups), len(self._columns)
        ways, end = table.shape[1], first + len(kinds)
        self._widen(end, ways)
        self._columns |= zip(kinds, range(first, end), strict=True)
        self._ways[first:end] = [*map(len, groups)]
        self._figures[:, :ways, first:end] = table

    def _widen(self, kinds: int, ways: int) -> None:
        _, had, room = self._figures.shape
        if kinds > room or ways > had:
            room = max(room, 2 * kinds if kinds > room else 0)
            figures = np.zeros((4, max(ways, had), room))
            figures[0] = 1.0
            known = len(self._columns)
            figures[:, :had, :known] = self._figures[:, :, :known]
            self._figures = figures
            self._ways = np.resize(self._ways, room)

    def of(self, kinds: Sequence[bytes], of_each: Ints) -> Floats:
        """Give the figures of mappings, of which kind each is; shape (4, ways, mappings)."""
        columns = np.array([self._columns[kind] for kind in kinds])
        ways = self._ways[columns].max()
        return self._figures[:, :ways, columns[of_each]]


@dataclass(frozen=True)
class _Handed:
    """Words of one child that neighbours pass on; a mapping has several in their order.

    ``of_each`` tells the ways to share, of ``groups``, that the givers have, and takers how many
    children get the words from neighbours.
    """

    which: Ints
    words: Floats
    of_each: Ints
    takers: Floats
    groups: list[Groups]

    def one_by_one(self) -> Iterator[_Handed]:
        """Part them into some of which no mapping has more than one."""
        left = np.arange(len(self.which))
        while len(left):
            _, first = np.unique(self.which[left], return_index=True)
            now = left[first]
            yield _Handed(
                self.which[now], self.words[now], self.of_each[now], self.takers[now], self.groups
            )
            left = np.delete(left, first)


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
