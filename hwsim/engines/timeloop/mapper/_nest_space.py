"""One loop nest of a map space: what may stand where, and its permutations by number."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hwsim.engines.timeloop.terms.constraints import SlotKind
from hwsim.engines.timeloop.terms.problem import Ints


@dataclass(frozen=True)
class Nest:
    """One loop nest of a mapping.

    The dimensions of ``prefix`` stand innermost, those of ``suffix`` outermost; a split is how many
    places lie along X.
    """

    level: int
    kind: SlotKind
    prefix: tuple[int, ...]
    free: tuple[int, ...]
    suffix: tuple[int, ...]
    least_split: int
    most_split: int

    @property
    def orders(self) -> int:
        """Permutations."""
        return math.factorial(len(self.free))

    @property
    def splits(self) -> int:
        """Ways to share the places among X and Y."""
        return self.most_split - self.least_split + 1

    def orders_at(self, numbers: Ints) -> Ints:
        """Dimension at each place, (dimensions, candidates), of permutations by number.

        Numbers are read in factorial base.
        """
        count = len(numbers)
        free = len(self.free)
        left = np.tile(np.array(self.free, dtype=np.int64)[:, None], (1, count))
        found = np.empty((free, count), dtype=np.int64)
        columns = np.arange(count)
        numbers = numbers.copy()
        for place in range(free):
            numbers, pick = np.divmod(numbers, free - place)
            found[place] = left[pick, columns]
            rows = np.arange(free - place - 1)[:, None]
            left = left[rows + (rows >= pick), columns] if free - place > 1 else left[:0]
        fixed = [
            np.tile(np.array(part, dtype=np.int64)[:, None], (1, count))
            for part in (self.prefix, self.suffix)
        ]
        return np.concatenate([fixed[0], found, fixed[1]], axis=0)

    def order_number(self, order: list[int]) -> int:
        """Find the number of a permutation."""
        start = len(self.prefix)
        left = list(self.free)
        digits = []
        for dimension in order[start : start + len(self.free)]:
            digits.append(left.index(dimension))
            left.pop(digits[-1])
        total = 0
        for place in reversed(range(len(digits))):
            total = total * (len(digits) - place) + digits[place]
        return total
