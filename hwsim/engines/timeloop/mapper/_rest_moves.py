"""Changes that give loops in space factors that do not divide: imperfect factorisation in space.

Ruby-S of Horeni, Taheri, Tsai, Parashar, Emer, Joshi, Ruby: Improving Hardware Efficiency for
Tensor Algebra Accelerators Through Imperfect Factorization, ISPASS 2022: as many copies as there
are work side by side, in as many rounds as it takes; fewer of them in the last round.
"""

from __future__ import annotations

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._factorization import prime_factors
from hwsim.engines.timeloop.mapper._moves import Moves
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.nest.loops import Bools
from hwsim.engines.timeloop.terms.problem import Ints

#: How often each kind of change is tried: factors, order, bypass, split, rests.
_WEIGHTS = (0.4, 0.2, 0.1, 0.05, 0.25)
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
        self._levels = np.array([nest.kind == "spatial" for nest in space.nests])
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

    def mutate(self, candidates: Candidates) -> None:
        """Make one change to each candidate; some changes turn out not to be possible."""
        kinds = self._random.choice(len(_WEIGHTS), len(candidates), p=_WEIGHTS)
        everywhere = np.ones((len(self._space.nests), len(candidates)), dtype=bool)
        self.shift(candidates, kinds == 0, everywhere, everywhere)
        self._swap(candidates, np.flatnonzero(kinds == 1))
        self._toggle(candidates, np.flatnonzero(kinds == 2))
        self._split(candidates, np.flatnonzero(kinds == 3))
        self.spread(candidates, np.flatnonzero(kinds == 4))

    def shift(self, candidates: Candidates, which: Bools, sources: Bools, targets: Bools) -> None:
        """Move a prime factor of some dimension; as where factors divide, if the rest can stay."""
        columns = np.flatnonzero(which)
        if not len(columns) or not len(self._bounds):
            return
        places = self._random.integers(0, len(self._bounds), len(columns))
        factors = candidates.factors[:, places, columns]
        pick = self._random.integers(0, self._factor_of.shape[1], factors.shape)
        primes = self._factor_of[factors, pick]
        smaller = factors // primes
        least, most = self._least[:, places], self._most[:, places]
        giver, given = self._pick((primes > 1) & sources[:, columns] & (smaller >= least))
        at = np.arange(len(columns))
        larger = factors * primes[giver, at]
        can_take = targets[:, columns] & (larger <= most)
        can_take[giver, at] = False
        taker, taken = self._pick(can_take)
        done = np.flatnonzero(given & taken)
        changed = factors[:, done]
        at = np.arange(len(done))
        changed[giver[done], at] = smaller[giver[done], done]
        changed[taker[done], at] = larger[taker[done], done]
        self._put(candidates, columns[done], places[done], changed)

    def spread(self, candidates: Candidates, columns: Ints) -> None:
        """Spread a dimension over another number of copies, whether it divides or not."""
        if not self.spreads or not len(columns):
            return
        drawn = self._random.integers(0, len(self.spreads), len(columns))
        for number, (nest, place) in enumerate(self.spreads):
            here = columns[drawn == number]
            if len(here):
                self._spread(candidates, here, nest, place)

    def _spread(self, candidates: Candidates, columns: Ints, nest: int, place: int) -> None:
        factors = candidates.factors[:, place, columns]
        least, most = self._least[:, place], self._most[:, place]
        emptied = self._random.random(len(columns)) < _EMPTIED_SHARE
        inside = factors[:nest]
        factors[:nest] = np.where(emptied & (least[:nest, None] == 1), 1, inside)
        covered = factors[:nest].prod(axis=0)
        left = self._bounds[place] // covered
        widest = np.minimum(most[nest], left)
        copies = np.where(
            self._random.random(len(columns)) < _WIDEST_SHARE,
            widest,
            self._random.integers(1, np.maximum(widest, 1) + 1),
        )
        rounds = np.maximum(-(-left // np.maximum(copies, 1)), 1)
        copies = -(-left // rounds)  # as few as do it in as many rounds
        factors[nest] = copies
        rest = copies * rounds != left
        remaining = rounds.copy()
        for outer in range(nest + 1, len(factors)):
            kept = np.gcd(factors[outer], remaining)
            if self._levels[outer]:
                kept = np.where(rest, 1, kept)
            factors[outer] = kept
            remaining //= kept
        in_time = ~self._levels[:, None] & (np.arange(len(factors)) > nest)[:, None]
        taker, taken = self._pick(in_time & (factors * remaining <= most[:, None]))
        at = np.arange(len(columns))
        factors[taker, at] *= remaining
        possible = taken & (self._bounds[place] % covered == 0)
        possible &= copies > 0
        possible &= ((factors >= least[:, None]) & (factors <= most[:, None])).all(axis=0)
        done = np.flatnonzero(possible)
        self._put(candidates, columns[done], np.full(len(done), place), factors[:, done])

    def _put(self, candidates: Candidates, columns: Ints, places: Ints, factors: Ints) -> None:
        """Take over factors of a dimension, shape (nests, columns), where they can be counted."""
        rests = candidates.factors[:, :, columns].prod(axis=0) != self._bounds[:, None]
        rests[places, np.arange(len(columns))] = False
        can = self._countable(factors, self._bounds[places])
        room = rests.sum(axis=0) < _MOST_RESTS
        # Where two rests slide along one rank, their last rounds share words that are not told.
        room &= ~(rests & self._one_rank[:, places]).any(axis=0)
        can &= room | (factors.prod(axis=0) == self._bounds[places])
        candidates.factors[:, places[can], columns[can]] = factors[:, can]

    def _countable(self, factors: Ints, bounds: Ints) -> Bools:
        """Whether only the outermost loop in space leaves a rest, inside loops in time."""
        left = bounds.copy()
        rest = np.zeros(len(bounds), dtype=bool)
        wrong = np.zeros(len(bounds), dtype=bool)
        for factor, spatial in zip(factors, self._levels.tolist(), strict=True):
            after = -(-left // factor)
            here = after * factor != left
            wrong |= (rest & (factor > 1)) if spatial else here
            wrong |= here & (after < 2)
            rest |= here
            left = after
        return np.asarray(~wrong & (left == 1))


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
