"""Density models: how many non-zeros a tile of a tensor holds, as probabilities.

Probabilities follow the definitions of Sparseloop (MICRO 2022, section 5). Where their rounding
decides whole counts, sums run from low to high occupancies, as the real program's do.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from hwsim.engines.timeloop.density._double_double import Floats
from hwsim.engines.timeloop.density._draws import Distribution, hypergeometric, none_drawn
from hwsim.engines.timeloop.density._extended import Ints

__all__ = [
    "Box",
    "Density",
    "Distribution",
    "FixedStructured",
    "Floats",
    "Hypergeometric",
    "Ints",
]

Box = tuple[int, ...]


class Density(Hashable, Protocol):
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
        # A rest is the chance of one more; one that does not change 1 is the product's rounding.
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
        nonzeros = np.array([self.nonzeros])
        return float(none_drawn(nonzeros, math.prod(box), self.tensor_size)[0])

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
