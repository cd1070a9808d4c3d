"""All ways to write a length as a product over loop nests, counted and numbered.

The ways are never listed: how many there are is found from the divisors, nest by nest, and a way
is found from its number the same way. So a length of millions over ten nests costs no memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from hwsim.engines.timeloop.terms.problem import Ints


class Factorization:
    """The factorisations of one dimension into factors that each nest is allowed."""

    def __init__(self, length: int, allowed: Sequence[set[int]]) -> None:
        self.length = length
        self.divisors = divisors(length)
        index = {divisor: number for number, divisor in enumerate(self.divisors)}
        count = len(self.divisors)
        self._ways = [[0] * count for _ in range(len(allowed) + 1)]
        self._ways[-1][0] = 1  # nothing is left to be divided
        self._cumulative: list[list[list[int]]] = []
        self._rest: list[list[list[int]]] = []
        self._factor: list[list[list[int]]] = []
        for nest in range(len(allowed) - 1, -1, -1):
            cumulative, rest, factors = [], [], []
            for number, left in enumerate(self.divisors):
                total, sums, rests, taken = 0, [], [], []
                for factor in self.divisors:
                    if factor in allowed[nest] and left % factor == 0:
                        after = index[left // factor]
                        ways = self._ways[nest + 1][after]
                        if ways:
                            total += ways
                            sums.append(total)
                            rests.append(after)
                            taken.append(factor)
                self._ways[nest][number] = total
                cumulative.append(sums)
                rest.append(rests)
                factors.append(taken)
            self._cumulative.insert(0, cumulative)
            self._rest.insert(0, rest)
            self._factor.insert(0, factors)
        self._tables = [self._table(nest) for nest in range(len(allowed))]

    @property
    def count(self) -> int:
        """How many there are."""
        return self._ways[0][-1]

    def _table(self, nest: int) -> tuple[Ints, Ints, Ints]:
        """Cumulated ways, rests and factors of a nest as padded arrays."""
        width = max(len(sums) for sums in self._cumulative[nest])
        shape = (len(self.divisors), width)
        cumulative = np.full(shape, np.iinfo(np.int64).max, dtype=np.int64)
        rest = np.zeros(shape, dtype=np.int64)
        factor = np.ones(shape, dtype=np.int64)
        for number, sums in enumerate(self._cumulative[nest]):
            cumulative[number, : len(sums)] = sums
            rest[number, : len(sums)] = self._rest[nest][number]
            factor[number, : len(sums)] = self._factor[nest][number]
        return cumulative, rest, factor

    def at(self, numbers: Ints) -> Ints:
        """Find the factorisations with these numbers from 0 on: (nests, candidates)."""
        numbers = numbers.copy()
        left = np.full(len(numbers), len(self.divisors) - 1, dtype=np.int64)
        found = np.empty((len(self._tables), len(numbers)), dtype=np.int64)
        for nest, (cumulative, rest, factor) in enumerate(self._tables):
            rows = cumulative[left]
            choice = (rows <= numbers[:, None]).sum(axis=1)
            before = np.where(choice > 0, rows[np.arange(len(left)), choice - 1], 0)
            numbers -= before
            found[nest] = factor[left, choice]
            left = rest[left, choice]
        return found

    def number(self, factors: Sequence[int]) -> int:
        """Find the number of a factorisation."""
        total, left = 0, len(self.divisors) - 1
        for nest, factor in enumerate(factors):
            place = self._factor[nest][left].index(factor)
            total += self._cumulative[nest][left][place - 1] if place else 0
            left = self._rest[nest][left][place]
        return total


def divisors(length: int) -> list[int]:
    """List all divisors, ascending."""
    found = [1]
    for prime in prime_factors(length):
        powers = found
        while length % prime == 0:  # every divisor so far, times each power of the prime
            length //= prime
            powers = [prime * divisor for divisor in powers]
            found = found + powers
    return sorted(found)


@lru_cache(maxsize=1024)
def prime_factors(length: int) -> tuple[int, ...]:
    """List the different primes, ascending."""
    found, prime = [], 2
    while prime * prime <= length:
        if length % prime == 0:
            found.append(prime)
            while length % prime == 0:
                length //= prime
        prime += 1 if prime == 2 else 2
    return (*found, length) if length > 1 else tuple(found)
