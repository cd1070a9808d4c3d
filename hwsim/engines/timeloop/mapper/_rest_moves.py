"""Changes that give loops in space factors that do not divide: imperfect factorisation in space.

Ruby-S of Horeni, Taheri, Tsai, Parashar, Emer, Joshi, Ruby: Improving Hardware Efficiency for
Tensor Algebra Accelerators Through Imperfect Factorization, ISPASS 2022: as many copies as there
are work side by side, in as many rounds as it takes; fewer of them in the last round.
"""

from __future__ import annotations

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._factorization import prime_factors
from hwsim.engines.timeloop.mapper._moves import Moves, cumulated, first_open
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.nest.loops import Bools, Floats
from hwsim.engines.timeloop.terms.problem import Ints

#: How often each kind of change is tried: factors, order, bypass, split, rests.
_UP_TO = cumulated((0.4, 0.2, 0.1, 0.05, 0.25))
#: Rests of a mapping at most: each one doubles the cases that the nest analysis tells apart.
_MOST_RESTS = 2
#: How often as many copies are tried as there are, and how often loops inside give their factors.
_WIDEST_SHARE, _EMPTIED_SHARE = 0.5, 0.3


class RestMoves(Moves):
    """Changes candidates of one map space in place, within what the nest analysis can count."""

    def __init__(self, space: MapSpace, random: np.random.Generator) -> None:
        super().__init__(space, random)
        self._least, self._most = _ranges(space)
        self._bounds = np.array(space.bounds, dtype=np.int64)
        self._spatial = np.array([nest.kind == "spatial" for nest in space.nests])[:, None]
        self._nests = np.arange(len(space.nests))[:, None]
        self._factor_of = _some_primes(max(space.bounds, default=1))
        self._one_rank = _of_one_rank(space)
        #: Places where copies may be spread: nest and dimension.
        self.spreads = [
            (number, place)
            for number, nest in enumerate(space.nests)
            if nest.kind == "spatial"
            for place, bound in enumerate(space.bounds)
            if bound > 2 and self._most[number, place] > max(1, self._least[number, place])
        ]
        self._spread_at = np.array(self.spreads, dtype=np.int64).reshape(-1, 2).T

    def mutate(self, candidates: Candidates, which: Ints | None = None) -> None:
        """Make one change to each of some candidates, or of all.

        Some changes turn out not to be possible.
        """
        factors, order, bypass, split, rests = self._draw_kinds(_UP_TO, candidates, which)
        self.shift(candidates, factors)
        self._swap(candidates, order)
        self._toggle(candidates, bypass)
        self._split(candidates, split)
        self.spread(candidates, rests)

    def shift(
        self,
        candidates: Candidates,
        columns: Ints,
        sources: Bools | None = None,
        targets: Bools | None = None,
    ) -> Ints:
        """Move a prime factor of some dimension; as where factors divide, if the rest can stay."""
        if not len(columns) or not len(self._bounds):
            return columns[:0]
        places = self._random.integers(0, len(self._bounds), len(columns))
        factors = candidates.factors[:, places, columns]
        pick = self._random.integers(0, self._factor_of.shape[1], factors.shape)
        weights = self._random.random((2, *factors.shape))
        primes = self._factor_of[factors, pick]
        smaller = factors // primes
        can_give = (primes > 1) & (smaller >= self._least[:, places])
        if sources is not None:
            can_give &= sources
        at = np.arange(len(columns))
        giver, given = first_open(can_give, weights[0], at)
        larger = factors * primes[giver, at]
        can_take = larger <= self._most[:, places]
        if targets is not None:
            can_take &= targets
        can_take[giver, at] = False
        taker, taken = first_open(can_take, weights[1], at)
        done = (given & taken).nonzero()[0]
        giver, taker = giver[done], taker[done]
        changed = factors.take(done, axis=1)
        at = np.arange(len(done))
        changed[giver, at] = smaller[giver, done]
        changed[taker, at] = larger[taker, done]
        return self._put(candidates, columns[done], places[done], changed)

    def spread(self, candidates: Candidates, columns: Ints) -> None:
        """Spread a dimension over another number of copies, whether it divides or not."""
        if not self.spreads or not len(columns):
            return
        drawn = self._random.integers(0, len(self.spreads), len(columns))
        # in the order of the places, for each of which random numbers are drawn
        order = drawn.argsort(kind="stable")
        columns, drawn = columns[order], drawn[order]
        nest, place = self._spread_at[:, drawn]
        factors = candidates.factors[:, place, columns]
        least, most = self._least[:, place], self._most[:, place]
        inside, outside = self._nests < nest, self._nests > nest
        # as they are, and where loops inside have given their factors
        of_inside = np.where(inside, factors, 1)
        of_inside = np.stack([of_inside, np.where(least == 1, 1, of_inside)])
        covered = of_inside.prod(axis=1)
        left = self._bounds[place] // covered
        at = np.arange(len(columns))
        widest = np.minimum(most[nest, at], left)
        emptied, copies, weights = self._draw_copies(drawn, widest)
        of_inside, covered, left = (
            of_inside[emptied, :, at].T,
            covered[emptied, at],
            left[emptied, at],
        )
        rounds = np.maximum((left - 1) // np.maximum(copies, 1) + 1, 1)
        copies = (left - 1) // rounds + 1  # as few as do it in as many rounds
        rest = copies * rounds != left
        # what loops outside keep of their factors: in space none beside a rest
        kept = np.where(outside & ~(self._spatial & rest), factors, 1)
        remaining = _keep_divisors(kept, rounds)
        factors = np.where(outside, kept, of_inside)
        factors[nest, at] = copies
        can_take = outside & ~self._spatial & (factors * remaining <= most)
        taker, taken = first_open(can_take, weights, at)
        factors[taker, at] *= remaining
        possible = taken & (self._bounds[place] % covered == 0) & (copies > 0)
        possible &= ((factors >= least) & (factors <= most)).all(axis=0)
        done = possible.nonzero()[0]
        self._put(candidates, columns[done], place[done], factors.take(done, axis=1))

    def _draw_copies(self, drawn: Ints, widest: Ints) -> tuple[Ints, Ints, Floats]:
        """Draw which loops inside give their factors, copies, and weights of the nests.

        For one place of a spread after the other. At most ``widest`` copies, shape (2, columns):
        if loops inside keep their factors, and if not.
        """
        chances, fewer = np.empty((2, len(drawn))), np.empty(len(drawn), dtype=np.int64)
        weights = np.empty((len(self._nests), len(drawn)))
        above = np.maximum(widest, 1) + 1
        start = 0
        for count in np.bincount(drawn).tolist():
            if count:
                here = slice(start, start + count)
                chances[:, here] = drawn_here = self._random.random((2, count))
                empties = drawn_here[0] < _EMPTIED_SHARE
                fewer[here] = self._random.integers(1, np.where(empties, *above[::-1, here]))
                weights[:, here] = self._random.random((len(weights), count))
                start += count
        emptied = (chances[0] < _EMPTIED_SHARE).astype(np.int64)
        most = np.where(emptied, *widest[::-1])
        return emptied, np.where(chances[1] < _WIDEST_SHARE, most, fewer), weights

    def _put(self, candidates: Candidates, columns: Ints, places: Ints, factors: Ints) -> Ints:
        """Take over factors of a dimension, shape (nests, columns), where they can be counted.

        Returns the columns where they can.
        """
        bounds = self._bounds[places]
        rests = candidates.factors.take(columns, axis=2).prod(axis=0) != self._bounds[:, None]
        rests[places, np.arange(len(columns))] = False
        can, whole = self._countable(factors, bounds)
        room = rests.sum(axis=0) < _MOST_RESTS
        # Where two rests slide along one rank, their last rounds share words that are not told.
        room &= ~(rests & self._one_rank[:, places]).any(axis=0)
        kept = (can & (room | whole)).nonzero()[0]
        columns = columns[kept]
        candidates.factors[:, places[kept], columns] = factors.take(kept, axis=1)
        return columns

    def _countable(self, factors: Ints, bounds: Ints) -> tuple[Bools, Bools]:
        """Whether only the outermost loop in space leaves a rest, inside loops in time.

        And whether none does.
        """
        inside = np.ones((len(factors) + 1, len(bounds)), dtype=np.int64)
        for nest, factor in enumerate(factors):
            np.multiply(inside[nest], factor, out=inside[nest + 1])
        left = (bounds - 1) // inside + 1  # rounding up at once is rounding up nest by nest
        rest = left[1:] * factors != left[:-1]
        rest_inside = left[:-1] * inside[:-1] != bounds
        wrong = np.where(self._spatial, rest_inside & (factors > 1), rest)
        wrong |= rest & (left[1:] < 2)
        return ~wrong.any(axis=0) & (left[-1] == 1), inside[-1] == bounds


def _keep_divisors(factors: Ints, rounds: Ints) -> Ints:
    """Leave of each nest's factors what divides the rounds; and find what is left of these."""
    for of_nest in factors:
        np.gcd(of_nest, rounds, out=of_nest)
        rounds = rounds // of_nest
    return rounds


def _ranges(space: MapSpace) -> tuple[Ints, Ints]:
    """Find the least and the most iterations of each nest over each dimension."""
    shape = (len(space.nests), len(space.names))
    least, most = np.ones(shape, dtype=np.int64), np.ones(shape, dtype=np.int64)
    for number, nest in enumerate(space.nests):
        for place, name in enumerate(space.names):
            least[number, place], most[number, place] = space.range_of(nest, name)
    return least, most


def _of_one_rank(space: MapSpace) -> Bools:
    """Tell which of the space's dimensions walk a rank of some data space together."""
    places = [space.problem.dimensions.index(name) for name in space.names]
    walks = np.concatenate([each.projection != 0 for each in space.problem.data_spaces])
    walks = walks[:, places]
    return np.asarray(walks.T.astype(np.int64) @ walks > 0)


def _some_primes(most: int) -> Ints:
    """List for each number up to ``most`` its different primes, again and again; 1 for 0 and 1."""
    primes = [prime_factors(number) or (1,) for number in range(2, most + 1)]
    width = max(map(len, primes), default=1)
    table = np.ones((most + 1, width), dtype=np.int64)
    for number, found in enumerate(primes, start=2):
        table[number] = np.resize(found, width)
    return table
