"""Sums that filters of a tile share: what making, keeping and adding them takes."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.repetition.level_codes import LevelCodes
from hwsim.engines.repetition.operations import Operations
from hwsim.engines.repetition.tuples import DistinctTuples, Keys, TileKeys
from hwsim.engines.repetition.ucnn import index_bits

#: Beside the index of an entry: its sign, and whether a list ends with it.
_FLAGS: Final = 2

PerTile = NDArray[np.int64]


class SharedSums:
    """Sums of all tiles of one shape, as they are made: of positions, of groups, and of filters.

    Begins with the sums of the activation groups, of which a tuple and its negative share one.

    Parameters
    ----------
    weights : LevelCodes
        Of one group of a layer.
    tiles : TileKeys
        Tiles of one shape.
    found : DistinctTuples
        Their tuples.
    longest : int
        Positions of the longest tile, by which tables are made.
    skip_zeros : bool
        Whether filters pass over the groups at which they are zero.
    """

    def __init__(
        self,
        weights: LevelCodes,
        tiles: TileKeys,
        found: DistinctTuples,
        longest: int,
        skip_zeros: bool,
    ) -> None:
        self.weights, self.tiles, self.skip_zeros = weights, tiles, skip_zeros
        self.groups = found.without_sign(tiles.base**tiles.filters)
        self._read = found.sum_per_tile(found.members)
        self._additions = int(self._read.sum()) - len(self.groups.key)
        self._multiplications = self._partial_sums = self._sums_read = self._terms = 0
        self._sums_written = len(self.groups.key)
        self._kept = self.groups.per_tile.copy()
        self._entries = self._read.copy()
        self._table_bits = self._read * (index_bits(longest) + _FLAGS)

    def operations(self) -> Operations:
        """Give all that was counted."""
        return Operations(
            multiplications=self._multiplications,
            additions=self._additions,
            terms=self._terms,
            activation_reads=int(self._read.sum()),
            partial_sum_reads=self._partial_sums,
            partial_sum_writes=self._partial_sums,
            group_sum_reads=self._sums_read,
            group_sum_writes=self._sums_written,
            groups=len(self.groups.key),
            tiles=len(self._read),
            table_entries=int(self._entries.sum()),
            table_bits=int(self._table_bits.sum()),
            tile_activations=int(self._read.max()),
            tile_sums=int(self._kept.max()) + self.tiles.filters,
            tile_table_bits=int(self._table_bits.max()),
        )

    def make(self, listed: PerTile, sums: PerTile, read: PerTile, named: PerTile) -> None:
        """Add sums up to further ones.

        Parameters
        ----------
        listed : ndarray of int64, shape (tiles,)
            Sums in lists, all of which the tables name.
        sums : ndarray of int64, shape (tiles,)
            Further ones, of lists of more than one: of one it is the sum itself.
        read : ndarray of int64, shape (tiles,)
            Sums in lists of more than one.
        named : ndarray of int64, shape (tiles,)
            How many sums an index tells apart.
        """
        self._additions += int(read.sum() - sums.sum())
        self._sums_read += int(read.sum())
        self._sums_written += int(sums.sum())
        self._kept += sums
        self._list(listed, named)

    def take(
        self,
        sums: DistinctTuples,
        needed: NDArray[np.bool_],
        codes: Keys,
        filter_: int,
        named: PerTile,
    ) -> None:
        """Let a filter take in sums, those of one magnitude added up before they are scaled.

        Parameters
        ----------
        sums : DistinctTuples
            Those at hand.
        needed : ndarray of bool, shape (n,)
            Which of them the filter takes in.
        codes : ndarray of int, shape (n,)
            Its level at each.
        filter_ : int
            Of the tile.
        named : ndarray of int64, shape (tiles,)
            How many sums an index tells apart.
        """
        listed = sums.sum_per_tile(needed)
        terms = int(listed.sum())
        self._additions += terms
        self._terms += terms
        self._sums_read += terms
        self._partial_sums += int(np.count_nonzero(listed))
        self._list(listed, named)
        weights, tiles = self.weights, self.tiles
        if weights.multiplies:
            tile, code = sums.tile[needed], codes[needed].astype(np.int64)
            own = tiles.first_filter + tile // tiles.tiles * tiles.filters + filter_
            wide = ~weights.unit[own, code + weights.largest]
            scaled = tile[wide] * weights.base + np.abs(code[wide])
            self._multiplications += len(np.unique(scaled))

    def _list(self, listed: PerTile, named: PerTile) -> None:
        self._entries += listed
        self._table_bits += listed * (_bits_of(named) + _FLAGS)


def _bits_of(sums: PerTile) -> PerTile:
    """Bits that name one of so many sums."""
    return np.asarray(np.ceil(np.log2(np.maximum(sums, 1))), np.int64)
