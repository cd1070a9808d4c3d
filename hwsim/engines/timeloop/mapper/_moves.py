"""Small random changes to candidates, within the constraints."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._factorization import divisors, prime_factors
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.nest.loops import Bools, Floats
from hwsim.engines.timeloop.terms.problem import Ints

#: How often each kind of change is tried: factors, order, bypass, split.
_WEIGHTS = (0.6, 0.25, 0.1, 0.05)


class Moves:
    """Changes candidates of one map space in place."""

    def __init__(self, space: MapSpace, random: np.random.Generator) -> None:
        self._space = space
        self._random = random
        bounds = [space.problem.bounds[number] for number in space.dimensions]
        self._divisors = _DivisorTable(bounds, space.limits)
        primes = [
            (place, prime) for place, bound in enumerate(bounds) for prime in prime_factors(bound)
        ]
        #: Dimensions with their prime factors, shape (2, factors).
        self._primes = np.array(primes, dtype=np.int64).reshape(-1, 2).T
        self._ordered = [number for number, nest in enumerate(space.nests) if len(nest.free) > 1]
        self._splittable = [
            number
            for number, nest in enumerate(space.nests)
            if nest.splits > 1 and nest.kind == "spatial"
        ]

    def mutate(self, candidates: Candidates) -> None:
        """Make one change to each candidate; some changes turn out not to be possible."""
        kinds = self._random.choice(len(_WEIGHTS), len(candidates), p=_WEIGHTS)
        everywhere = np.ones((len(self._space.nests), len(candidates)), dtype=bool)
        self.shift(candidates, kinds == 0, everywhere, everywhere)
        self._swap(candidates, np.flatnonzero(kinds == 1))
        self._toggle(candidates, np.flatnonzero(kinds == 2))
        self._split(candidates, np.flatnonzero(kinds == 3))

    def shift(self, candidates: Candidates, which: Bools, sources: Bools, targets: Bools) -> None:
        """Move a prime factor of some dimension from one nest to another, of some candidates.

        Sources and targets, shape (nests, candidates), are where one may be taken from, and put.
        """
        if not self._primes.size:
            return
        columns = np.flatnonzero(which)
        drawn = self._random.integers(0, self._primes.shape[1], len(columns))
        # in the order of the factors, for each of which random numbers are drawn
        order = np.argsort(drawn, kind="stable")
        columns, drawn = columns[order], drawn[order]
        counts = np.bincount(drawn, minlength=self._primes.shape[1])
        of_giver, of_taker = self._draw(len(self._space.nests), counts[counts > 0].tolist())
        place, prime = self._primes[:, drawn]
        factors = candidates.factors[:, place, columns]
        smaller = np.where(factors % prime == 0, factors // prime, 0)
        larger = factors * prime
        can_give = (smaller > 0) & sources[:, columns] & self._divisors.allow(place, smaller)
        can_take = targets[:, columns] & self._divisors.allow(place, larger)
        giver, given = _first(can_give, of_giver)
        at = np.arange(len(columns))
        can_take[giver, at] = False
        taker, taken = _first(can_take, of_taker)
        done = given & taken
        giver, taker, at = giver[done], taker[done], at[done]
        place, columns = place[done], columns[done]
        candidates.factors[giver, place, columns] = smaller[giver, at]
        candidates.factors[taker, place, columns] = larger[taker, at]

    def _draw(self, rows: int, counts: list[int]) -> tuple[Floats, Floats]:
        """Draw two numbers for each row of each column, one set of columns after the other."""
        first, second = [], []
        for count in counts:
            both = self._random.random((2, rows, count))
            first.append(both[0])
            second.append(both[1])
        if not first:
            return np.empty((rows, 0)), np.empty((rows, 0))
        return np.concatenate(first, axis=1), np.concatenate(second, axis=1)

    def _pick(self, options: Bools) -> tuple[Ints, Bools]:
        """One of the rows that are open in each column, and whether there is one."""
        return _first(options, self._random.random(options.shape))

    def _swap(self, candidates: Candidates, columns: Ints) -> None:
        """Exchange two places of a nest, those of loops that iterate if there are two."""
        if not self._ordered or not len(columns):
            return
        drawn = self._random.integers(0, len(self._ordered), len(columns))
        for number, nest in enumerate(self._ordered):
            here = columns[drawn == number]
            if not len(here):
                continue
            first = len(self._space.nests[nest].prefix)
            last = first + len(self._space.nests[nest].free)
            order = candidates.order[nest][:, here]
            at = np.arange(len(here))
            ends = candidates.factors[nest][:, here][order, at]
            weights = self._random.random((last - first, len(here))) + (ends[first:last] > 1)
            ranked = np.argsort(-weights, axis=0) + first
            one, other = ranked[0], ranked[1]
            order[one, at], order[other, at] = order[other, at], order[one, at].copy()
            candidates.order[nest][:, here] = order

    def _toggle(self, candidates: Candidates, columns: Ints) -> None:
        if not self._space.choices:
            return
        drawn = self._random.integers(0, len(self._space.choices), len(columns))
        choices = np.array(self._space.choices)[drawn]
        candidates.keep[choices[:, 0], choices[:, 1], columns] ^= True

    def _split(self, candidates: Candidates, columns: Ints) -> None:
        for number in self._splittable:
            nest = self._space.nests[number]
            candidates.split[number, columns] = self._random.integers(
                nest.least_split, nest.most_split + 1, len(columns)
            )


def _first(options: Bools, weights: Floats) -> tuple[Ints, Bools]:
    """Take the open row of most weight in each column, and whether there is one."""
    found = np.where(options, weights, -1.0).argmax(axis=0)
    return found, np.asarray(options.any(axis=0))


class _DivisorTable:
    """Which factors of which dimensions each nest may take.

    Parameters
    ----------
    bounds : sequence of int
        Of each dimension.
    limits : sequence of sequence of set of int
        By nest and dimension, the divisors of its bound that it may take.
    """

    def __init__(self, bounds: Sequence[int], limits: Sequence[Sequence[set[int]]]) -> None:
        of_place = [divisors(bound) for bound in bounds]
        self._span = max(bounds, default=1) + 2
        self._known = np.array(
            [place * self._span + each for place, found in enumerate(of_place) for each in found],
            dtype=np.int64,
        )
        self._allowed = np.array(
            [
                [each in allowed[place] for place, found in enumerate(of_place) for each in found]
                for allowed in limits
            ],
            dtype=bool,
        )

    def allow(self, places: Ints, factors: Ints) -> Bools:
        """Whether each nest may take factors, shape (nests, columns), of a column's dimension."""
        wanted = np.minimum(factors, self._span - 1) + places * self._span
        index = np.minimum(np.searchsorted(self._known, wanted), len(self._known) - 1)
        allowed = self._allowed[np.arange(len(factors))[:, None], index]
        found: Bools = allowed & (self._known[index] == wanted)
        return found
