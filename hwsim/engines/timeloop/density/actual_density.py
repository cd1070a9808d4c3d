"""Actual data: tiles of a tensor whose zeros are known."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.density._tile_counts import (
    Counts,
    block_sums,
    empty_share,
    most_elements,
    tally,
    tile_points,
)
from hwsim.engines.timeloop.density.density import Box, Distribution, Floats, Ints
from hwsim.errors import InputError

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ActualData:
    """The non-zeros of a tensor. Tiles are those of a grid that starts at its origin.

    Parameters
    ----------
    mask : ndarray of bool
        Where the tensor is not zero, in the order of the data space's ranks.
    """

    mask: Bools
    name: str = "actual"
    _grids: dict[Box, Counts] = field(default_factory=dict, repr=False)
    _derived: dict[Hashable, ActualData] = field(default_factory=dict, repr=False)

    @classmethod
    def of_array(
        cls,
        array: npt.NDArray[np.generic],
        box: Box,
        error: Callable[[str, str], InputError],
        key: str,
    ) -> ActualData:
        """Check an array against the shape of the tensor.

        Parameters
        ----------
        array : ndarray
            Values (or a mask); what equals 0 is a zero.
        box : tuple of int
            Lengths of the tensor along its ranks.
        error : callable
            Makes the error of a problem with a key.
        key : str
            Under which the array stands.
        """
        if array.shape != box:
            expected, got = ("x".join(map(str, shape)) for shape in (box, array.shape))
            raise error(
                f"expected an array of {expected} (the ranks of the data space). Got {got}", key
            )
        if array.dtype.kind not in "bifu":
            raise error(f"expected numbers. Got an array of {array.dtype}", key)
        return cls(np.ascontiguousarray(array != 0))

    def of_tensor(self, box: Box) -> ActualData:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        return self

    @cached_property
    def _nonzeros(self) -> int:
        return int(np.count_nonzero(self.mask))

    def occupancies(self, box: Box) -> Counts:
        """Of all tiles; those at the far edges may be smaller."""
        if box not in self._grids:
            self._grids[box] = block_sums(self.mask, box)
        return self._grids[box]

    def derived(self, key: Hashable, make: Callable[[Bools], Bools]) -> ActualData:
        """Make a tensor of this one, once for each key; its tiles are counted once, too."""
        if key not in self._derived:
            self._derived[key] = ActualData(make(self.mask), self.name)
        return self._derived[key]

    def occupied(self, box: Box) -> Bools:
        """Tell of each tile of the grid whether it holds a non-zero."""
        occupied: Bools = self.occupancies(box) != 0
        return occupied

    def mean_tile(self, box: Box, *, occupied: bool) -> tuple[float, float, float]:
        """Average over the tiles, or over those that hold a non-zero.

        Parameters
        ----------
        box : tuple of int
            Lengths of a tile; tiles at the far edges may be smaller.
        occupied : bool
            Whether tiles without a non-zero are left out.

        Returns
        -------
        (float, float, float)
            Non-zeros and points of such a tile, and the share of all points that lie in them; of
            no tile, nothing.
        """
        occupancies = self.occupancies(box)
        tiles = int(np.count_nonzero(occupancies)) if occupied else occupancies.size
        if not tiles:
            return 0.0, float(math.prod(box)), 0.0
        held = self.mask.size
        if tiles < occupancies.size:
            held = int(tile_points(self.mask.shape, box)[occupancies != 0].sum(dtype=np.int64))
        return self._nonzeros / tiles, held / tiles, held / self.mask.size

    def max_occupancy(self, box: Box) -> int:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        return int(self.occupancies(box).max())

    def max_occupancy_of_size(self, size: int) -> int:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        return min(size, self._nonzeros)

    def distribution(self, box: Box) -> Distribution:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        occupancies, tiles = tally(self.occupancies(box))
        return occupancies, tiles / tiles.sum()

    def empty(self, box: Box) -> float:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        grid = self.occupancies(box)
        return (grid.size - int(np.count_nonzero(grid))) / grid.size

    def empty_given(self, box: Box, outer: Box, size: int, occupancies: Ints) -> Floats:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        return empty_share(self.occupancies(box), self.occupancies(outer), occupancies)

    def expected(self, box: Box) -> float:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        return math.prod(box) * (self._nonzeros / self.mask.size)

    def max_elements(self, fiber: Box, element: Box) -> int:
        """See :class:`~hwsim.engines.timeloop.density.density.Density`."""
        return most_elements(self.occupancies(element), self.occupancies(fiber).shape)
