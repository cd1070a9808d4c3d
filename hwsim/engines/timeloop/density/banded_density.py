"""Banded matrices: non-zeros on the diagonal and within a distance of it.

Tiles are those of a grid over the matrix. As in Timeloop, the rows of tiles near the top are
counted, those near the bottom are taken for their mirror images, and those between for copies of
the first row of tiles that the band crosses whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hwsim.engines.timeloop.density.density import Box, Distribution, Floats, Ints
from hwsim.errors import InputError

#: Lowest and highest corner (exclusive) of a tile: rows, then columns.
_Place = tuple[int, int, int, int]
#: Rows of a matrix, and tiles at its ends that are counted one by one.
_LARGEST: Final = 2**20
_MOST_TILES: Final = 10**6


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
        """See :class:`~hwsim.engines.timeloop.density.density.Density`.

        Raises
        ------
        InputError
            If the tensor is no square matrix, or one that is no larger than its band, or so large
            that its tiles cannot be counted.
        """
        if len(box) != 2 or box[0] != box[1]:
            shape = " x ".join(map(str, box))
            raise InputError(f"densities: a banded tensor has to be a square matrix. Got {shape}")
        if not self.band_width < box[0] <= _LARGEST:
            raise InputError(
                f"densities: a banded matrix has more rows than the band is wide "
                f"({self.band_width}), and {_LARGEST:,} at most. Got {box[0]:,}"
            )
        return replace(self, side=box[0])

    def _nonzeros(self, place: _Place) -> int:
        """Of one tile."""
        top, left, bottom, right = place
        rows = np.arange(top, bottom)
        first = np.maximum(left, np.maximum(rows - self.band_width, 0))
        last = np.minimum(right, rows + self.band_width + 1)
        return int(np.maximum(last - first, 0).sum())

    def _tiles(self, box: Box) -> tuple[int, int, int]:
        """Tiles across and down, and the rows of tiles before each has its full band."""
        across, down = self.side // box[1], self.side // box[0]
        warm_up = -(-self.band_width // box[0])
        in_row = min(across, (2 * self.band_width + box[0]) // box[1] + 2)
        if min(warm_up + 1, down) * in_row > _MOST_TILES:
            raise InputError(
                f"densities: a band of width {self.band_width} has too many tiles of "
                f"{box[0]} x {box[1]} to be counted; choose larger ones"
            )
        return across, down, warm_up

    def _counts(self, box: Box) -> dict[int, int]:
        """How many tiles have each occupancy."""
        across, down, warm_up = self._tiles(box)
        steady = max(down - 2 * warm_up, 0)
        counts = {0: 0}
        for row in range(min(warm_up + 1, down)):
            times = steady if row >= warm_up else 2 if warm_up != down else 1
            top = row * box[0]
            for column in range(across):
                left = column * box[1]
                if left > top + box[0] - 1 + self.band_width:
                    counts[0] += (across - column) * times
                    break
                occupancy = self._nonzeros((top, left, top + box[0], left + box[1]))
                counts[occupancy] = counts.get(occupancy, 0) + times
        return counts

    def _chances(self, box: Box) -> dict[int, float]:
        tiles = (self.side // box[1]) * (self.side // box[0])
        return {key: count / tiles for key, count in sorted(self._counts(box).items())}

    def max_occupancy(self, box: Box) -> int:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        return max(self._counts(box))

    def max_occupancy_of_size(self, size: int) -> int:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        return min(size, 2 * self.band_width + 1)

    def distribution(self, box: Box) -> Distribution:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        likely = {key: chance for key, chance in self._chances(box).items() if chance}
        return np.array(list(likely), dtype=np.int64), np.array(list(likely.values()))

    def empty(self, box: Box) -> float:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        return self._chances(box)[0]

    def empty_given(self, box: Box, outer: Box, size: int, occupancies: Ints) -> Floats:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        found = np.zeros(len(occupancies))
        for number, occupancy in enumerate(occupancies.tolist()):
            found[number] = self._empty_share(box, outer, self._example(outer, occupancy))
        return found

    def _example(self, box: Box, occupancy: int) -> tuple[int, int]:
        """Corner of the first tile of an occupancy."""
        across, down, warm_up = self._tiles(box)
        for row in range(min(warm_up + 1, down)):
            top = row * box[0]
            for column in range(across):
                left = column * box[1]
                if left > top + box[0] - 1 + self.band_width:
                    if occupancy == 0:
                        return top, left
                    break
                if self._nonzeros((top, left, top + box[0], left + box[1])) == occupancy:
                    return top, left
        raise InputError(
            f"densities: no tile of {box[0]} x {box[1]} in a band of width {self.band_width} has "
            f"{occupancy} non-zeros; choose tiles that divide the matrix"
        )

    def _empty_share(self, box: Box, outer: Box, corner: tuple[int, int]) -> float:
        """Share of empty subtiles of the tile at a corner.

        Timeloop adds the corner twice to where a subtile begins but once to where it ends, so no
        point is left of any, unless the tile is the one at the origin.
        """
        across, down = outer[1] // box[1], outer[0] // box[0]
        if not across * down:
            return math.nan
        if any(corner):
            return 1.0
        empty = 0
        for row in range(down):
            for column in range(across):
                top, left = row * box[0], column * box[1]
                empty += self._nonzeros((top, left, top + box[0], left + box[1])) == 0
        return empty / (across * down)

    def expected(self, box: Box) -> float:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        nonzeros = self.side + self.band_width * (2 * self.side - self.band_width - 1)
        return math.prod(box) * (nonzeros / self.side**2)

    def max_elements(self, fiber: Box, element: Box) -> int:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        fullest = np.array([self.max_occupancy(fiber)], dtype=np.int64)
        share = float(self.empty_given(element, fiber, math.prod(fiber), fullest)[0])
        return math.ceil(math.prod(fiber) // math.prod(element) * share)
