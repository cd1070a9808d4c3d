"""What a level sends to its children, for a batch of mappings, by ways of sharing.

A way of sharing is how many children one word serves, and how many such sets of children there
are; a mapping has several where windows slide and children at the edge share less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hwsim.engines.timeloop.nest._multicast import Groups, tabulated
from hwsim.engines.timeloop.nest.loops import Bools, Floats
from hwsim.engines.timeloop.terms.problem import Ints


@dataclass
class Traffic:
    """Of one data space from one instance of a level to its children.

    Parameters
    ----------
    multicast, sets : ndarray of float, shape (ways, mappings)
        Children that share a word, and sets of such children; 0 sets where there are fewer ways.
    accesses, hops, unicast_hops : ndarray of float, shape (ways, mappings)
        Accesses of the parent; hops of multicasts and of unicasts, both weighted by accesses.
    links : ndarray of float, shape (mappings,)
        Words that children get from their neighbours instead.
    """

    multicast: Floats
    sets: Floats
    accesses: Floats
    hops: Floats
    unicast_hops: Floats
    links: Floats

    @classmethod
    def uniform(cls, multicast: Floats, sets: Floats, accesses: Floats) -> Traffic:
        """Make traffic of one way of sharing, its hops not counted."""
        hops = np.zeros((2, 1, len(accesses)))
        links = np.zeros(len(accesses))
        return cls(multicast[None], sets[None], accesses[None], hops[0], hops[1], links)

    @classmethod
    def shared(cls, figures: Floats, words: Floats) -> Traffic:
        """Make traffic of the words of one child, of those who share them.

        Parameters
        ----------
        figures : ndarray of float, shape (4, ways, mappings)
            Of the groups of each mapping, see :func:`tabulated`.
        words : ndarray of float
            Of one child.
        """
        multicast, sets, hops, unicast_hops = figures
        accesses, each = words * sets, np.maximum(sets, 1.0)
        hops, unicast_hops = hops * accesses / each, unicast_hops * accesses / each
        return cls(multicast, sets, accesses, hops, unicast_hops, np.zeros(len(words)))

    @classmethod
    def of_one(cls, ways: Mapping[tuple[int, int], Sequence[float]], links: float) -> Traffic:
        """Make the traffic of one mapping.

        Parameters
        ----------
        ways : mapping of (int, int) to (float, float, float)
            By (children that share a word, sets): accesses, hops and unicast hops.
        links : float
            Words from neighbours.
        """
        keys = list(ways) or [(1, 0)]
        figures = [ways.get(key, (0.0, 0.0, 0.0)) for key in keys]
        rows = np.array([[*key, *found] for key, found in zip(keys, figures, strict=True)])
        multicast, sets, accesses, hops, unicast_hops = rows.T[:, :, None]
        return cls(multicast, sets, accesses, hops, unicast_hops, np.array([links]))

    @property
    def ways(self) -> Ints:
        """How many ways of sharing each mapping has."""
        found: Ints = np.count_nonzero(self.sets, axis=0)
        return found

    @property
    def total(self) -> Floats:
        """Accesses of the parent."""
        return sum_rows(self.accesses)

    @property
    def delivered(self) -> Floats:
        """Words that arrive at children."""
        return sum_rows(self.accesses * self.multicast)

    def cut(self, where: Bools) -> None:
        """Leave nothing of some mappings."""
        for name in ("sets", "accesses", "links"):
            setattr(self, name, np.where(where, 0.0, getattr(self, name)))

    def append(self, which: Ints, groups: Sequence[Groups], words: Floats, of_each: Ints) -> None:
        """Add words to what is there.

        Parameters
        ----------
        which : ndarray of int
            The mappings.
        groups : sequence of Groups
            Different ways to share.
        words : ndarray of float
            Of one child, of each of the mappings.
        of_each : ndarray of int
            Which groups share them.
        """
        if not len(which):
            return
        own = Traffic.shared(tabulated(groups)[:, :, of_each], words)
        for name in _ROWS:
            rows = getattr(own, name)
            more = np.full((len(rows), len(self.links)), 1.0 if name == "multicast" else 0.0)
            more[:, which] = rows
            setattr(self, name, np.concatenate([getattr(self, name), more]))

    def drop_empty_ways(self) -> None:
        """Let what carries nothing be no way."""
        self.sets = np.where(self.accesses > 0, self.sets, 0.0)

    def extend(self, other: Traffic) -> None:
        """Add the traffic of other steps of the same mappings."""
        for name in _ROWS:
            setattr(self, name, np.concatenate([getattr(self, name), getattr(other, name)]))
        self.links = self.links + other.links

    def merge_equal(self) -> None:
        """Count together the ways in which equally many sets of equally many children share."""
        for later in range(1, len(self.multicast)):
            for earlier in range(later):
                same = (
                    (self.multicast[earlier] == self.multicast[later])
                    & (self.sets[earlier] == self.sets[later])
                    & (self.sets[later] > 0)
                )
                if not same.any():
                    continue
                for rows in (self.accesses, self.hops, self.unicast_hops):
                    rows[earlier] += np.where(same, rows[later], 0.0)
                    rows[later] = np.where(same, 0.0, rows[later])
                self.sets[later] = np.where(same, 0.0, self.sets[later])


_ROWS = ("multicast", "sets", "accesses", "hops", "unicast_hops")


def sum_rows(rows: Floats, total: Floats | None = None) -> Floats:
    """Add row by row to a total, for one mapping as for many: numpy's order depends on how many."""
    found: Floats = rows[0] if total is None else total + rows[0]
    for row in rows[1:]:
        found = found + row
    return found
