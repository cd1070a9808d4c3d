"""Small random changes to candidates, within the constraints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._factorization import divisors, prime_factors
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.nest.loops import Bools, Floats
from hwsim.engines.timeloop.terms.problem import Ints


def cumulated(shares: Sequence[float]) -> Floats:
    """Sum up shares, as numpy's Generator.choice does in each call."""
    found = np.cumsum(shares)
    return np.asarray(found / found[-1])


#: How often each kind of change is tried: factors, order, bypass, split.
_UP_TO: Final = cumulated((0.6, 0.25, 0.1, 0.05))
#: Factors of all primes that are found in a table; a search among those there are takes longer.
_MOST_KEYS: Final = 2**16


class Moves:
    """Changes candidates of one map space in place."""

    def __init__(self, space: MapSpace, random: np.random.Generator) -> None:
        self._space = space
        self._random = random
        self._table = _PrimeTable(space.bounds, space.limits)
        #: Of each prime: random numbers for a move, two of each nest.
        self._of_prime = np.full(len(self._table.primes), 2 * len(space.nests))
        self._choices = np.array(space.choices, dtype=np.int64).reshape(-1, 2).T
        #: Nests with several free places: which, and the first and the number of these.
        ordered = [
            (number, len(nest.prefix), len(nest.free))
            for number, nest in enumerate(space.nests)
            if len(nest.free) > 1
        ]
        self._ordered = np.array(ordered, dtype=np.int64).reshape(-1, 3).T
        self._splittable = [
            number
            for number, nest in enumerate(space.nests)
            if nest.splits > 1 and nest.kind == "spatial"
        ]

    def mutate(self, candidates: Candidates, which: Ints | None = None) -> None:
        """Make one change to each of some candidates, or of all.

        Some changes turn out not to be possible.
        """
        factors, order, bypass, split = self._draw_kinds(_UP_TO, candidates, which)
        self.shift(candidates, factors)
        self._swap(candidates, order)
        self._toggle(candidates, bypass)
        self._split(candidates, split)

    def _draw_kinds(self, up_to: Floats, candidates: Candidates, which: Ints | None) -> list[Ints]:
        """Draw for each of some candidates a kind of change: which ones have each kind."""
        some = np.arange(len(candidates)) if which is None else which
        kinds = up_to.searchsorted(self._random.random(len(some)), side="right")
        return [some[kinds == kind] for kind in range(len(up_to))]

    def shift(
        self,
        candidates: Candidates,
        columns: Ints,
        sources: Bools | None = None,
        targets: Bools | None = None,
    ) -> Ints:
        """Move a prime factor of some dimension from one nest to another, of some candidates.

        Sources and targets, shape (nests, columns), are where one may be taken from, and put;
        anywhere without them. Returns the columns that changed.
        """
        table = self._table
        if not len(table.primes) or not len(columns):
            return columns[:0]
        drawn = self._random.integers(0, len(table.primes), len(columns))
        # in the order of the primes, for each of which random numbers are drawn
        order = drawn.argsort(kind="stable")
        columns, drawn = columns[order], drawn[order]
        weights = self._draw(drawn, self._of_prime)
        place = table.places[drawn]
        factors = candidates.factors[:, place, columns]
        can_give, can_take = table.allowed(drawn, factors)
        if sources is not None:
            can_give &= sources.take(order, axis=1)
        if targets is not None:
            can_take &= targets.take(order, axis=1)
        at = np.arange(len(columns))
        giver, given = first_open(can_give, weights[: len(factors)], at)
        can_take[giver, at] = False
        taker, taken = first_open(can_take, weights[len(factors) :], at)
        done = (given & taken).nonzero()[0]
        giver, taker, prime = giver[done], taker[done], table.primes[drawn[done]]
        place, columns = place[done], columns[done]
        candidates.factors[giver, place, columns] = factors[giver, done] // prime
        candidates.factors[taker, place, columns] = factors[taker, done] * prime
        return columns

    def _draw(self, groups: Ints, rows: Ints) -> Floats:
        """Draw numbers for the rows of each column, one group of columns after the other.

        Groups are ascending, with so many rows each; where a group has fewer than another, what
        is below them means nothing.
        """
        counts = np.bincount(groups, minlength=len(rows))
        numbers = self._random.random(int(counts @ rows))
        before = (counts * rows).cumsum() - counts * rows - (counts.cumsum() - counts)
        first = before[groups] + np.arange(len(groups))
        index = first + counts[groups] * np.arange(rows.max())[:, None]
        found: Floats = numbers.take(index, mode="clip")
        return found

    def _swap(self, candidates: Candidates, columns: Ints) -> None:
        """Exchange two places of a nest, those of loops that iterate if there are two."""
        nests, firsts, lengths = self._ordered
        if not len(nests) or not len(columns):
            return
        drawn = self._random.integers(0, len(nests), len(columns))
        # in the order of the nests, for each of which random numbers are drawn
        order = drawn.argsort(kind="stable")
        columns, drawn = columns[order], drawn[order]
        nest, first = nests[drawn], firsts[drawn]
        weights = self._draw(drawn, lengths)
        row = np.arange(len(weights))[:, None]
        there = row < lengths[drawn]
        dimensions = candidates.order[nest, np.where(there, first + row, 0), columns]
        weights += candidates.factors[nest, dimensions, columns] > 1
        weights[~there] = -1.0
        at = np.arange(len(columns))
        one = weights.argmax(axis=0)
        weights[one, at] = -1.0
        other = weights.argmax(axis=0)
        candidates.order[nest, first + one, columns] = dimensions[other, at]
        candidates.order[nest, first + other, columns] = dimensions[one, at]

    def _toggle(self, candidates: Candidates, columns: Ints) -> None:
        levels, spaces = self._choices
        if not len(levels) or not len(columns):
            return
        drawn = self._random.integers(0, len(levels), len(columns))
        candidates.keep[levels[drawn], spaces[drawn], columns] ^= True

    def _split(self, candidates: Candidates, columns: Ints) -> None:
        for number in self._splittable:
            nest = self._space.nests[number]
            candidates.split[number, columns] = self._random.integers(
                nest.least_split, nest.most_split + 1, len(columns)
            )


def first_open(options: Bools, weights: Floats, at: Ints) -> tuple[Ints, Bools]:
    """Take the open row of most weight in each column (all of which are ``at``).

    And whether there is one.
    """
    found = np.where(options, weights, -1.0).argmax(axis=0)
    return found, options[found, at]


class _PrimeTable:
    """Prime factors of the dimensions, and from which factors one may be taken, or put there.

    Parameters
    ----------
    bounds : sequence of int
        Of each dimension.
    limits : sequence of sequence of set of int
        By nest and dimension, the divisors of its bound that it may take.
    """

    def __init__(self, bounds: Sequence[int], limits: Sequence[Sequence[set[int]]]) -> None:
        found = [
            (place, prime) for place, bound in enumerate(bounds) for prime in prime_factors(bound)
        ]
        #: Dimensions with their primes.
        self.places, self.primes = np.array(found, dtype=np.int64).reshape(-1, 2).T
        self._span = max(bounds, default=1) + 1
        entries = [
            (number, place, prime, factor)
            for number, (place, prime) in enumerate(found)
            for factor in divisors(bounds[place])
        ]
        #: Of each prime the divisors of the dimension's bound, ascending.
        self._known = np.array(
            [number * self._span + factor for number, *_, factor in entries], dtype=np.int64
        )
        #: Whether a nest with this factor may give the prime, and take it: (nests x entries).
        self._gives = np.array(
            [
                factor % prime == 0 and factor // prime in allowed[place]
                for allowed in limits
                for _, place, prime, factor in entries
            ],
            dtype=bool,
        )
        self._takes = np.array(
            [
                factor * prime in allowed[place]
                for allowed in limits
                for _, place, prime, factor in entries
            ],
            dtype=bool,
        )
        self._first = np.arange(len(limits))[:, None] * len(entries)
        #: Where to find what may be looked for, unless that is too much.
        keys = len(found) * self._span
        self._place = self._known.searchsorted(np.arange(keys)) if keys <= _MOST_KEYS else None

    def allowed(self, drawn: Ints, factors: Ints) -> tuple[Bools, Bools]:
        """Tell which nests may give, and take, the prime that is drawn for each column.

        Factors are divisors of the dimension's bound, shape (nests, columns).
        """
        key = factors + drawn * self._span
        place = self._known.searchsorted(key) if self._place is None else self._place.take(key)
        entry = place + self._first
        return self._gives.take(entry), self._takes.take(entry)
