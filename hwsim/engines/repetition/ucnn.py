"""UCNN (Hegde et al., ISCA 2018): factored dot products, with groups shared by several filters.

Positions are sorted by the level of the first filter, within that by that of the second, and so on.
An innermost group, the positions of one tuple, is summed activation by activation; the groups of
filter g, the positions that share the levels of filters 1 to g, are sums of those of filter g + 1.
Each filter takes in the groups of its own whose level is not zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.repetition.level_codes import LevelCodes
from hwsim.engines.repetition.operations import Operations
from hwsim.engines.repetition.tuples import DistinctTuples, Tile, TileKeys, tiles_of


def count_ucnn(weights: LevelCodes, tile: Tile, skip_zeros: bool = True) -> Operations:
    """Count the operations of factored dot products with groups shared by G filters.

    Parameters
    ----------
    weights : LevelCodes
        Of one group of a layer.
    tile : Tile
        G filters, of which 1 shares nothing, and T positions.
    skip_zeros : bool
        Whether the tuple of zeros is left out and filters take in nothing at level zero. Else zero
        is a level like another.

    Returns
    -------
    Operations
    """
    return Operations.of_all(
        count_tiles(weights, keys, DistinctTuples.of(keys.keys, skip_zeros), tile, skip_zeros)
        for keys in tiles_of(weights, tile)
    )


def count_tiles(
    weights: LevelCodes, tiles: TileKeys, found: DistinctTuples, tile: Tile, skip_zeros: bool
) -> Operations:
    """Count tiles whose distinct tuples are known; see :func:`count_ucnn`."""
    walk = _Walk(weights, tiles, found.tile, skip_zeros)
    prefixes = found.key.astype(np.int64)
    for filter_ in reversed(range(tiles.filters)):
        prefixes = walk.step(filter_, prefixes)
    count = len(tiles.keys)
    read = np.bincount(found.tile, found.members, minlength=count).astype(np.int64)
    summed = int(read.sum())
    entries = read + walk.skipped
    entry_bits = tiles.filters + index_bits(tile.positions)
    live = int(walk.live.sum())
    return Operations(
        multiplications=walk.multiplications,
        additions=summed - len(found.key) + walk.built + walk.taken,
        terms=walk.taken,
        activation_reads=summed,
        partial_sum_reads=live,
        partial_sum_writes=live,
        groups=len(found.key),
        tiles=count,
        table_entries=int(entries.sum()),
        table_bits=int(entries.sum()) * entry_bits,
        tile_activations=int(read.max(initial=0)),
        tile_sums=2 * tiles.filters,
        tile_table_bits=int(entries.max(initial=0)) * entry_bits,
    )


def index_bits(positions: int) -> int:
    """Bits that name one of a tile's positions."""
    return (positions - 1).bit_length()


class _Walk:
    """Goes from the innermost groups of all tiles to the outermost, filter by filter."""

    def __init__(
        self,
        weights: LevelCodes,
        tiles: TileKeys,
        tile: NDArray[np.int64],
        skip_zeros: bool,
    ) -> None:
        self._weights, self._tiles = weights, tiles
        self._tile, self._skip_zeros = tile, skip_zeros
        self.built = 0  # additions that make groups of groups
        self.taken = 0  # groups that filters take in
        self.multiplications = 0
        self.skipped = np.zeros(len(tiles.keys), np.int64)
        self.live = np.zeros((len(tiles.keys), tiles.filters), np.bool_)

    def step(self, filter_: int, prefixes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Count the groups of one filter, and give those of the filter before it.

        Parameters
        ----------
        filter_ : int
            Of the block.
        prefixes : ndarray of int64, shape (n,)
            Keys of the tuples of filters up to this one, by tile and in order.
        """
        tiles, weights = self._tiles, self._weights
        above = (prefixes + weights.largest) // weights.base
        codes = prefixes - above * weights.base
        own = tiles.first_filter + self._tile // tiles.tiles * tiles.filters + filter_
        takes = codes != 0 if self._skip_zeros else np.ones(len(codes), np.bool_)
        self.taken += int(np.count_nonzero(takes))
        self.live[self._tile[takes], filter_] = True
        if weights.multiplies:
            wide = ~weights.unit[own, codes + weights.largest]
            levels = (self._tile[wide] * weights.base) + codes[wide]
            self.multiplications += len(np.unique(levels))
        first = np.ones(len(above), np.bool_)
        first[1:] = (above[1:] != above[:-1]) | (self._tile[1:] != self._tile[:-1])
        starts = np.flatnonzero(first)
        if len(starts):
            reached = np.maximum.reduceat(weights.ranks[own, codes + weights.largest], starts) + 1
            size = np.diff(starts, append=len(above))
            self.skipped += np.bincount(
                self._tile[starts], reached - size, minlength=len(self.skipped)
            ).astype(np.int64)
            if filter_:
                summed = above[starts] != 0 if self._skip_zeros else slice(None)
                self.built += int((size - 1)[summed].sum())
        self._tile = self._tile[starts]
        return above[starts]
