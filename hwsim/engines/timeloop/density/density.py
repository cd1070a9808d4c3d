"""Density models: how many non-zeros a tile of a tensor holds, as probabilities.

Probabilities follow the definitions of Sparseloop (MICRO 2022, section 5). Where their rounding
decides whole counts, they are found in extended precision and rounded once to doubles, and sums
run from low to high occupancies, as the real program's do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.density.large_population import LARGEST_EXACT
from hwsim.engines.timeloop.density.large_population import chances as large_chances

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Box = tuple[int, ...]
#: Occupancies with a chance of their own (ascending), and the chances.
Distribution = tuple[Ints, Floats]

#: A product of chances below exp(-745) is 0 in double precision.
_LOG_OF_NOTHING = 745.0
#: Chances that are smaller than the likeliest by this do not change any sum of doubles.
_NEGLIGIBLE = np.longdouble(1e-25)


class Density(Protocol):
    """What the sparse analysis asks about a tensor. Tiles are boxes: lengths along its ranks."""

    @property
    def name(self) -> str:
        """The distribution, as Timeloop's statistics call it."""

    def of_tensor(self, box: Box) -> Density:
        """Tell the model the shape of the whole tensor."""

    def max_occupancy(self, box: Box) -> int:
        """Most non-zeros that a tile may hold."""

    def max_occupancy_of_size(self, size: int) -> int:
        """Find the same from the number of points alone, for quick capacity checks."""

    def distribution(self, box: Box) -> Distribution:
        """Chances of all occupancies of a tile."""

    def empty(self, box: Box) -> float:
        """Chance that a tile holds no non-zero."""

    def empty_given(self, box: Box, outer: Box, size: int, occupancies: Ints) -> Floats:
        """Chance that a tile is empty inside a larger one of known occupancies.

        ``size`` is the points of the larger one; fewer than its box where factors leave a rest.
        """

    def expected(self, box: Box) -> float:
        """Mean number of non-zeros of a tile."""

    def max_elements(self, fiber: Box, element: Box) -> int:
        """Most non-empty elements that a fiber of elements may hold."""


@dataclass(frozen=True)
class FixedStructured:
    """Non-zeros at regular distances: every tile holds its share, rounded up or down."""

    density: float
    name: str = "fixed_structured"

    def of_tensor(self, box: Box) -> FixedStructured:
        """See :class:`Density`."""
        return self

    def max_occupancy(self, box: Box) -> int:
        """See :class:`Density`."""
        return self.max_occupancy_of_size(math.prod(box))

    def max_occupancy_of_size(self, size: int) -> int:
        """See :class:`Density`."""
        exact = size * self.density
        whole = math.floor(exact)
        return whole if 1 - (exact - whole) >= 1.0 else math.ceil(exact)

    def distribution(self, box: Box) -> Distribution:
        """See :class:`Density`."""
        exact = math.prod(box) * self.density
        low, high = math.floor(exact), math.ceil(exact)
        up = exact - low
        pairs = [(low, 1 - up)] + ([(high, up)] if high != low else [])
        likely = [(occupancy, chance) for occupancy, chance in pairs if chance != 0]
        return (
            np.array([occupancy for occupancy, _ in likely], dtype=np.int64),
            np.array([chance for _, chance in likely]),
        )

    def empty(self, box: Box) -> float:
        """See :class:`Density`."""
        exact = math.prod(box) * self.density
        return 1 - exact if exact < 1 else 0.0

    def empty_given(self, box: Box, outer: Box, size: int, occupancies: Ints) -> Floats:
        """See :class:`Density`."""
        exact = math.prod(box) * (occupancies / size)
        return np.where(exact < 1, 1 - exact, 0.0)

    def expected(self, box: Box) -> float:
        """See :class:`Density`."""
        return math.prod(box) * self.density

    def max_elements(self, fiber: Box, element: Box) -> int:
        """See :class:`Density`."""
        return min(self.max_occupancy(fiber), math.prod(fiber) // math.prod(element))


@dataclass(frozen=True)
class Hypergeometric:
    """Non-zeros at random places: a tile draws its points from the tensor.

    Parameters
    ----------
    density : float
        Of the whole tensor.
    tensor_size : int
        Points of the whole tensor; 0 until it is known.
    """

    density: float
    tensor_size: int = 0
    name: str = "hypergeometric"

    @property
    def nonzeros(self) -> int:
        """Of the whole tensor."""
        return math.ceil(self.density * self.tensor_size)

    def of_tensor(self, box: Box) -> Hypergeometric:
        """See :class:`Density`."""
        return replace(self, tensor_size=math.prod(box))

    def max_occupancy(self, box: Box) -> int:
        """See :class:`Density`."""
        return self.max_occupancy_of_size(math.prod(box))

    def max_occupancy_of_size(self, size: int) -> int:
        """See :class:`Density`."""
        return min(size, self.nonzeros)

    def distribution(self, box: Box) -> Distribution:
        """See :class:`Density`."""
        return hypergeometric(self.nonzeros, math.prod(box), self.tensor_size)

    def empty(self, box: Box) -> float:
        """See :class:`Density`."""
        return float(_none_drawn(self.nonzeros, math.prod(box), self.tensor_size))

    def empty_given(self, box: Box, outer: Box, size: int, occupancies: Ints) -> Floats:
        """See :class:`Density`."""
        return none_drawn(occupancies, math.prod(box), size)

    def expected(self, box: Box) -> float:
        """See :class:`Density`."""
        occupancies, chances = self.distribution(box)
        return float(np.add.accumulate(chances * occupancies)[-1])

    def max_elements(self, fiber: Box, element: Box) -> int:
        """See :class:`Density`."""
        return min(self.max_occupancy(fiber), math.prod(fiber) // math.prod(element))


@lru_cache(maxsize=4096)
def hypergeometric(nonzeros: int, draws: int, population: int) -> Distribution:
    """Chances of each number of non-zeros among points drawn without putting them back.

    Parameters
    ----------
    nonzeros, draws, population : int
        Non-zeros among all points; points drawn; all points.

    Returns
    -------
    occupancies : ndarray of int
        Ascending; those of negligible chance (1e-25 of the likeliest) are left out.
    chances : ndarray of float
        Each rounded once from extended precision.
    """
    draws = min(draws, population)
    low = max(0, draws + nonzeros - population)
    high = min(draws, nonzeros)
    mode = (draws + 1) * (nonzeros + 1) // (population + 2)
    mode = min(max(mode, low), high)
    spread = math.sqrt(max(draws * nonzeros / population * (1 - nonzeros / population), 1.0))
    reach = math.ceil(11 * spread + 60)
    first, last = max(low, mode - reach), min(high, mode + reach)

    up = np.arange(mode, last, dtype=np.int64)
    rise = _ratio(up, nonzeros, draws, population)
    down = np.arange(mode - 1, first - 1, -1, dtype=np.int64)
    fall = 1 / _ratio(down, nonzeros, draws, population)
    one = np.ones(1, dtype=np.longdouble)
    weights = np.concatenate((np.cumprod(fall)[::-1], one, np.cumprod(rise)))
    likely = weights > _NEGLIGIBLE
    occupancies = np.arange(first, last + 1, dtype=np.int64)[likely]
    if population > LARGEST_EXACT:
        chances = large_chances(occupancies, np.full_like(occupancies, nonzeros), draws, population)
    else:
        chances = (weights / weights.sum())[likely].astype(np.float64)
    found = occupancies, chances
    for array in found:
        array.setflags(write=False)
    return found


def _ratio(k: Ints, nonzeros: int, draws: int, population: int) -> npt.NDArray[np.longdouble]:
    """Chance of k + 1 over the chance of k."""
    wide = k.astype(np.longdouble)
    more = (nonzeros - wide) * (draws - wide)
    return more / ((wide + 1) * (population - nonzeros - draws + 1 + wide))


@lru_cache(maxsize=4096)
def _none_drawn(nonzeros: int, draws: int, population: int) -> np.longdouble:
    """Chance that no non-zero is drawn, in extended precision."""
    if nonzeros + draws > population:
        return np.longdouble(0)
    if population > LARGEST_EXACT:
        return np.longdouble(none_drawn(np.array([nonzeros]), draws, population)[0])
    few, many = sorted((nonzeros, draws))
    if few * many > _LOG_OF_NOTHING * population:
        return np.longdouble(0)
    steps = np.arange(few).astype(np.longdouble)
    return np.longdouble(np.prod((population - many - steps) / (population - steps)))


def none_drawn(nonzeros: Ints, draws: int, population: int) -> Floats:
    """Chance that no non-zero is drawn, for ascending consecutive numbers of non-zeros.

    Parameters
    ----------
    nonzeros : ndarray of int
        Non-zeros among all points.
    draws, population : int
        Points drawn; all points.
    """
    wide = nonzeros.astype(np.longdouble)
    if draws > population:
        return np.zeros(len(nonzeros))
    if population > LARGEST_EXACT:
        possible = nonzeros + draws <= population
        found = np.zeros(len(nonzeros))
        none = np.zeros(int(possible.sum()), dtype=np.int64)
        found[possible] = large_chances(none, nonzeros[possible], draws, population)
        return found
    if draws <= 16:
        chances = np.ones(len(nonzeros), dtype=np.longdouble)
        for step in range(draws):
            chances *= np.maximum(population - wide - step, 0) / (population - step)
        return chances.astype(np.float64)
    first = _none_drawn(int(nonzeros[0]), draws, population) if len(nonzeros) else 1
    before = wide[:-1]
    rest = population - before
    consecutive = np.where(rest > draws, (rest - draws) / np.maximum(rest, 1), 0)
    chances = np.concatenate(([np.longdouble(1)], np.cumprod(consecutive)))[: len(nonzeros)] * first
    return chances.astype(np.float64)
