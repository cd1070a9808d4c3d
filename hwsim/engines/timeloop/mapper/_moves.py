"""Small random changes to candidates, within the constraints."""

from __future__ import annotations

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._factorization import divisors, prime_factors
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.nest.loops import Bools
from hwsim.engines.timeloop.terms.problem import Ints

#: How often each kind of change is tried: factors, order, bypass, split.
_WEIGHTS = (0.6, 0.25, 0.1, 0.05)


class Moves:
    """Changes candidates of one map space in place."""

    def __init__(self, space: MapSpace, random: np.random.Generator) -> None:
        self._space = space
        self._random = random
        bounds = [space.problem.bounds[number] for number in space.dimensions]
        self._divisors = [np.array(divisors(bound), dtype=np.int64) for bound in bounds]
        #: Of each dimension, whether a nest may take a divisor: (nests, divisors).
        self._allowed = [
            np.array([np.isin(known, list(limits[place])) for limits in space.limits])
            for place, known in enumerate(self._divisors)
        ]
        self._primes = [
            (place, prime) for place, bound in enumerate(bounds) for prime in prime_factors(bound)
        ]
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
        if not self._primes:
            return
        columns = np.flatnonzero(which)
        drawn = self._random.integers(0, len(self._primes), len(columns))
        for number, (place, prime) in enumerate(self._primes):
            here = columns[drawn == number]
            if len(here):
                self._shift(candidates, here, place, prime, sources, targets)

    def _shift(
        self,
        candidates: Candidates,
        columns: Ints,
        place: int,
        prime: int,
        sources: Bools,
        targets: Bools,
    ) -> None:
        factors = candidates.factors[:, place, columns]
        smaller = np.where(factors % prime == 0, factors // prime, 0)
        larger = factors * prime
        can_give = (smaller > 0) & sources[:, columns] & self._may(place, smaller)
        can_take = targets[:, columns] & self._may(place, larger)
        giver, given = self._pick(can_give)
        at = np.arange(len(columns))
        can_take[giver, at] = False
        taker, taken = self._pick(can_take)
        done = given & taken
        giver, taker, at = giver[done], taker[done], at[done]
        candidates.factors[giver, place, columns[at]] = smaller[giver, at]
        candidates.factors[taker, place, columns[at]] = larger[taker, at]

    def _may(self, place: int, factors: Ints) -> Bools:
        """Whether each nest may take these factors of a dimension."""
        known = self._divisors[place]
        index = np.minimum(np.searchsorted(known, factors), len(known) - 1)
        allowed = np.take_along_axis(self._allowed[place], index, axis=1)
        found: Bools = allowed & (known[index] == factors)
        return found

    def _pick(self, options: Bools) -> tuple[Ints, Bools]:
        """One of the rows that are open in each column, and whether there is one."""
        weights = np.where(options, self._random.random(options.shape), -np.inf)
        return weights.argmax(axis=0), np.asarray(options.any(axis=0))

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
