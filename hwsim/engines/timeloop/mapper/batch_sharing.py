"""Which children share data, for a batch of mappings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwsim.engines.timeloop.mapper.batch_loops import Floats, LoopRow
from hwsim.engines.timeloop.mapper.batch_reuse import BatchWords, Passed, strides
from hwsim.engines.timeloop.mapper.candidates import Bools, Ints
from hwsim.engines.timeloop.nest.multicast import Children, Sharing


@dataclass
class BatchTraffic:
    """What a level sends to its children, by ways of sharing.

    Parameters
    ----------
    multicast, sets : ndarray of float, shape (ways, candidates)
        Children that share a word, and sets of such children; 0 sets where there are fewer ways.
    accesses, hops : ndarray of float, shape (ways, candidates)
        Accesses of the parent; hops, weighted by accesses.
    links : ndarray of float, shape (candidates,)
        Words that children get from neighbours.
    """

    multicast: Floats
    sets: Floats
    accesses: Floats
    hops: Floats
    links: Floats

    @property
    def total(self) -> Floats:
        """Accesses of the parent."""
        return _sum(self.accesses)

    @property
    def delivered(self) -> Floats:
        """Words that arrive at children."""
        return _sum(self.accesses * self.multicast)


def _sum(rows: Floats) -> Floats:
    total: Floats = rows[0]
    for row in rows[1:]:
        total = total + row
    return total


class SpatialSharing:
    """How the children of one level share one data space.

    Parameters
    ----------
    projection : ndarray of int, shape (ranks, dimensions)
        Of the data space.
    fanout : tuple of int
        Columns and rows of children that there are.
    multicast, links : bool
        Whether a word may serve several children, and whether neighbours may pass words on.
    hops : bool
        Whether hops matter: whether the network is priced.
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
        self._relevant = np.abs(projection).sum(axis=0) > 0
        self._children: dict[bytes, Children] = {}
        self._known: dict[bytes, tuple[Sharing, bool]] = {}

    def reach(self, spatial: list[LoopRow]) -> Floats | None:
        """How far apart the data of any two children lie at most; None without neighbours."""
        if not self._links or not spatial:
            return None
        total = np.zeros((len(self._projection), len(spatial[0].end)))
        children = np.ones(len(spatial[0].end))
        for row in spatial:
            children *= row.end
            for rank, stride in enumerate(strides(self._projection, row)):
                total[rank] += np.abs(stride) * (row.end - 1)
        total[:, children == 1] = -1.0  # an only child has no neighbour
        return total

    def links_may_save(self, reuse: bool) -> bool:
        """Whether any mapping lets neighbours pass words on.

        With reuse, and every dimension alone on its rank, a move along a spread dimension is by
        whole multiples of what all children cover together: no neighbour has the data.
        """
        alone = (np.abs(self._projection) > 0).sum(axis=1).max(initial=0) <= 1
        apart = (np.abs(self._projection) > 0).sum(axis=0).max(initial=0) <= 1
        return self._links and not (reuse and alone and apart)

    def traffic(self, found: BatchWords, spatial: list[LoopRow]) -> BatchTraffic:
        """Combine what a child fetches with who shares it.

        Parameters
        ----------
        found : BatchWords
            Of one child.
        spatial : list of LoopRow
            The level's spatial loops.
        """
        count = len(found.words)
        if not spatial:
            one, zero = np.ones((1, count)), np.zeros((1, count))
            return BatchTraffic(one, one, found.words[None].copy(), zero, zero[0])
        words = found.words.copy()
        links = np.zeros(count)
        ways: list[tuple[Ints, list[list[float]], Floats]] = []
        for passed in found.passed:
            saves, groups, linked = self._pass_on(passed, spatial)
            which = passed.which[saves]
            words[which] -= passed.words[saves]
            links[which] += passed.words[saves] * linked
            ways.append((which, groups, passed.words[saves]))
        traffic = self._shared(words, spatial)
        traffic.links = links
        for which, groups, amount in ways:
            _append(traffic, which, groups, amount)
        _merge_equal(traffic)
        return traffic

    def _shared(self, words: Floats, spatial: list[LoopRow]) -> BatchTraffic:
        """Words that no neighbour passes on."""
        count = len(words)
        together, apart = np.ones(count), np.ones(count)
        crowded: Bools = np.zeros(count, dtype=bool)
        spread = np.zeros((len(self._projection), count), dtype=np.int64)
        for row in spatial:
            relevant = self._relevant[row.dimension] | (not self._multicast)
            together *= np.where(relevant, 1.0, row.end)
            apart *= np.where(relevant, row.end, 1.0)
            iterating = row.end > 1
            for rank, coefficients in enumerate(self._projection):
                spread[rank] += iterating & (coefficients[row.dimension] != 0)
        if self._multicast:
            crowded = np.asarray((spread > 1).any(axis=0))
        if self._hops:
            crowded = np.greater(together * apart, 1)
        which = np.flatnonzero(crowded)
        traffic = BatchTraffic(
            together[None],
            apart[None],
            (words * apart)[None],
            np.zeros((1, count)),
            np.zeros(count),
        )
        if len(which):
            traffic.accesses[0, which] = 0.0
            rows, inverse = self._signatures(spatial, which, None)
            groups = [_flat(self._sharing(row)[0]) for row in rows]
            _place(traffic, which, [groups[number] for number in inverse], words[which])
        return traffic

    def _pass_on(
        self, passed: Passed, spatial: list[LoopRow]
    ) -> tuple[Ints, list[list[float]], Floats]:
        """Which of the candidates gain by passing words on, and how they then share."""
        rows, inverse = self._signatures(spatial, passed.which, passed.offset)
        sharing = [self._sharing(row) for row in rows]
        saves = np.flatnonzero([sharing[number][1] for number in inverse])
        chosen = [sharing[inverse[number]][0] for number in saves]
        linked = np.array([float(found[1]) for found in chosen])
        return saves, [_flat(found) for found in chosen], linked

    def _signatures(
        self, spatial: list[LoopRow], which: Ints, offset: Floats | None
    ) -> tuple[list[Ints], list[int]]:
        """Find the different arrangements of children among some candidates.

        An arrangement is the spatial loops that iterate, outermost first, each with its strides,
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
            for rank, stride in enumerate(strides(self._projection, row)):
                table[here, column + 1 + rank] = stride[which][iterating]
            place += iterating
        last = width * len(spatial)
        if offset is not None:
            table[:, last] = 1
            table[:, last + 1 :] = offset.T
        for rank in range(ranks):
            part = table[:, rank + 1 :: width]
            common = np.gcd.reduce(part, axis=1)
            part //= np.maximum(common, 1)[:, None]
        rows, inverse = np.unique(table, axis=0, return_inverse=True)
        return list(rows), inverse.ravel().tolist()

    def _sharing(self, row: Ints) -> tuple[Sharing, bool]:
        key = row.tobytes()
        if key not in self._known:
            width = 1 + len(self._projection)
            loops = row.reshape(-1, width)
            children = self._arranged(loops[:-1])
            if loops[-1, 0] == 0:
                self._known[key] = children.sharing(None), True
            else:
                offset = tuple(loops[-1, 1:].tolist())
                self._known[key] = children.sharing(offset), children.links_save(offset)
        return self._known[key]

    def _arranged(self, loops: Ints) -> Children:
        key = loops.tobytes()
        if key not in self._children:
            offsets = np.zeros((1, loops.shape[1] - 1), dtype=np.int64)
            for loop in loops:
                if loop[0] > 1:
                    steps = np.arange(loop[0], dtype=np.int64)[:, None] * loop[1:]
                    offsets = (steps[:, None, :] + offsets[None, :, :]).reshape(
                        -1, offsets.shape[1]
                    )
            columns, rows = self._fanout
            self._children[key] = Children(
                offsets, columns, rows, multicast=self._multicast, links=self._links
            )
        return self._children[key]


def _flat(sharing: Sharing) -> list[float]:
    """Multicast, sets and hops of each group, one after the other."""
    return [
        float(value)
        for group in sharing[0]
        for value in (group.multicast, group.scatter, group.hops)
    ]


def _place(traffic: BatchTraffic, which: Ints, groups: list[list[float]], words: Floats) -> None:
    """Put groups of some candidates into their ways, adding ways as needed."""
    ways = max((len(group) // 3 for group in groups), default=0)
    _grow(traffic, ways)
    table = np.zeros((len(which), ways, 3))
    for number, group in enumerate(groups):
        table[number, : len(group) // 3] = np.reshape(group, (-1, 3))
    sets = table[:, :, 1].T
    accesses = words * sets
    traffic.multicast[:ways, which] = np.maximum(table[:, :, 0], 1.0).T
    traffic.sets[:ways, which] = sets
    traffic.accesses[:ways, which] = accesses
    traffic.hops[:ways, which] = table[:, :, 2].T * accesses / np.maximum(sets, 1.0)


def _grow(traffic: BatchTraffic, ways: int) -> None:
    more = ways - len(traffic.multicast)
    if more > 0:
        empty = np.zeros((more, traffic.multicast.shape[1]))
        traffic.multicast = np.concatenate([traffic.multicast, empty + 1])
        traffic.sets = np.concatenate([traffic.sets, empty])
        traffic.accesses = np.concatenate([traffic.accesses, empty])
        traffic.hops = np.concatenate([traffic.hops, empty])


def _append(traffic: BatchTraffic, which: Ints, groups: list[list[float]], words: Floats) -> None:
    """Add further ways of sharing for some candidates."""
    if not len(which):
        return
    none = np.zeros((0, traffic.multicast.shape[1]))
    more = BatchTraffic(none, none, none, none, traffic.links)
    _place(more, which, groups, words)
    traffic.multicast = np.concatenate([traffic.multicast, more.multicast])
    traffic.sets = np.concatenate([traffic.sets, more.sets])
    traffic.accesses = np.concatenate([traffic.accesses, more.accesses])
    traffic.hops = np.concatenate([traffic.hops, more.hops])


def _merge_equal(traffic: BatchTraffic) -> None:
    """Count together the ways in which equally many sets of equally many children share."""
    for later in range(1, len(traffic.multicast)):
        for earlier in range(later):
            same = (
                (traffic.multicast[earlier] == traffic.multicast[later])
                & (traffic.sets[earlier] == traffic.sets[later])
                & (traffic.sets[later] > 0)
            )
            for rows in (traffic.accesses, traffic.hops):
                rows[earlier] += np.where(same, rows[later], 0.0)
                rows[later] = np.where(same, 0.0, rows[later])
            traffic.sets[later] = np.where(same, 0.0, traffic.sets[later])
