"""Banded matrices: non-zeros on the diagonal and within a distance of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from hwsim.engines.sparseloop.density import Box, Distribution, Floats, Ints
from hwsim.errors import InputError


@dataclass(frozen=True)
class Banded:
    """A square matrix with ``|row - column| <= band_width`` where it is not zero.

    Parameters
    ----------
    band_width : int
        0 is a diagonal matrix.
    side : int
        Of the matrix; 0 until it is known.
    """

    band_width: int
    side: int = 0

    @property
    def name(self) -> str:
        """As Timeloop's statistics call it."""
        return f"banded-{self.band_width}"

    def of_tensor(self, box: Box) -> Banded:
        """See :class:`~hwsim.engines.sparseloop.density.Density`.

        Raises
        ------
        InputError
            If the tensor is no square matrix.
        """
        if len(box) != 2 or box[0] != box[1]:
            shape = " x ".join(map(str, box))
            raise InputError(f"densities: a banded tensor has to be a square matrix. Got {shape}")
        return replace(self, side=box[0])

    def _occupancies(self, box: Box) -> Ints:
        """Of all tiles of the matrix that are whole."""
        rows = np.arange(self.side // box[0] * box[0])
        starts = np.arange(self.side // box[1]) * box[1]
        low = np.maximum(starts[None, :], rows[:, None] - self.band_width)
        high = np.minimum(starts[None, :] + box[1], rows[:, None] + self.band_width + 1)
        in_row = np.maximum(np.minimum(high, self.side) - np.maximum(low, 0), 0)
        return in_row.reshape(-1, box[0], len(starts)).sum(axis=1)

    def min_occupancy(self, box: Box) -> int:
        """See :class:`~hwsim.engines.sparseloop.density.Density`."""
        return int(self._occupancies(box).min())

    def max_occupancy(self, box: Box) -> int:
        """See :class:`~hwsim.engines.sparseloop.density.Density`."""
        return int(self._occupancies(box).max())

    def max_occupancy_of_size(self, size: int) -> int:
        """See :class:`~hwsim.engines.sparseloop.density.Density`."""
        return min(size, 2 * self.band_width + 1)

    def distribution(self, box: Box) -> Distribution:
        """See :class:`~hwsim.engines.sparseloop.density.Density`."""
        occupancies, tiles = np.unique(self._occupancies(box), return_counts=True)
        return occupancies, tiles / tiles.sum()

    def empty(self, box: Box) -> float:
        """See :class:`~hwsim.engines.sparseloop.density.Density`."""
        return float((self._occupancies(box) == 0).mean())

    def empty_given(self, box: Box, outer: Box, occupancies: Ints) -> Floats:
        """See :class:`~hwsim.engines.sparseloop.density.Density`."""
        return empty_share(self._occupancies(box), self._occupancies(outer), occupancies)

    def expected(self, box: Box) -> float:
        """See :class:`~hwsim.engines.sparseloop.density.Density`."""
        outside = np.arange(1, self.band_width + 1)
        nonzeros = self.side + 2 * int(np.maximum(self.side - outside, 0).sum())
        return math.prod(box) * (nonzeros / self.side**2)

    def max_elements(self, fiber: Box, element: Box) -> int:
        """See :class:`~hwsim.engines.sparseloop.density.Density`."""
        return most_elements(self._occupancies(element), self._occupancies(fiber).shape)


def empty_share(parts: Ints, wholes: Ints, occupancies: Ints) -> Floats:
    """Share of empty parts among the wholes of each occupancy.

    Parameters
    ----------
    parts, wholes : ndarray of int
        Occupancies of tiles on two grids over one tensor; parts lie inside wholes.
    occupancies : ndarray of int
        Of wholes that are asked for; an occupancy that no whole has gives the share of all.
    """
    empty = parts == 0
    for axis, count in enumerate(wholes.shape):
        group = np.minimum(np.arange(parts.shape[axis]) * count // parts.shape[axis], count - 1)
        first = np.searchsorted(group, np.arange(count))
        empty = np.add.reduceat(empty.astype(np.int64), first, axis=axis)
    parts_each = parts.size / wholes.size
    shares = np.zeros(len(occupancies))
    for number, occupancy in enumerate(occupancies.tolist()):
        chosen = wholes == occupancy
        shares[number] = (empty[chosen] if chosen.any() else empty).mean() / parts_each
    return shares


def most_elements(elements: Ints, fibers: tuple[int, ...]) -> int:
    """Most non-empty elements that any fiber of a grid holds."""
    present = (elements != 0).astype(np.int64)
    for axis, count in enumerate(fibers):
        group = np.minimum(
            np.arange(elements.shape[axis]) * count // elements.shape[axis], count - 1
        )
        present = np.add.reduceat(present, np.searchsorted(group, np.arange(count)), axis=axis)
    return int(present.max())
