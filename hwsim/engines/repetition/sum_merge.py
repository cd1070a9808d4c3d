"""SumMerge (Prabhakar et al., ICS 2021): sums of groups made once a tile, added by each filter."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.repetition.level_codes import LevelCodes
from hwsim.engines.repetition.operations import Operations
from hwsim.engines.repetition.tuples import DistinctTuples, Tile, TileKeys, digits, tiles_of
from hwsim.engines.repetition.ucnn import index_bits

#: Beside the index of an entry: its sign, and whether a list ends with it.
_FLAGS: Final = 2


def count_sum_merge(
    weights: LevelCodes, tile: Tile, skip_zeros: bool = True, halves: bool = False
) -> Operations:
    """Count the operations of sums of groups that G filters add as they need them.

    Parameters
    ----------
    weights : LevelCodes
        Of one group of a layer.
    tile : Tile
        G filters and T positions.
    skip_zeros : bool
        Whether the tuple of zeros is left out, and a filter adds only the groups at which it is
        not zero. Else it adds all.
    halves : bool
        Whether half of the filters make sums of their own of groups that they have alike, half of
        those again, and so on down to one filter. Else each filter adds the groups of the tile.

    Returns
    -------
    Operations
        Tuples that are each other's negative share a group, whose members are added or subtracted.
        A filter multiplies once for each magnitude that is neither 0 nor 1.
    """
    return Operations.of_all(
        count_tiles(
            weights, keys, DistinctTuples.of(keys.keys, skip_zeros), tile, skip_zeros, halves
        )
        for keys in tiles_of(weights, tile)
    )


def count_tiles(
    weights: LevelCodes,
    tiles: TileKeys,
    found: DistinctTuples,
    tile: Tile,
    skip_zeros: bool,
    halves: bool,
) -> Operations:
    """Count tiles whose distinct tuples are known; see :func:`count_sum_merge`."""
    return _Sums(weights, tiles, found, tile.positions, skip_zeros).count(halves)


class _Sums:
    """Sums of all tiles of one shape: of positions, of groups, and of filters."""

    def __init__(
        self,
        weights: LevelCodes,
        tiles: TileKeys,
        found: DistinctTuples,
        longest: int,
        skip_zeros: bool,
    ) -> None:
        self.weights, self.tiles, self.skip_zeros = weights, tiles, skip_zeros
        self.read = self._per_tile(found.tile, found.members)
        self.groups = found.without_sign(tiles.base**tiles.filters)
        self.additions = int(self.read.sum()) - len(self.groups.key)
        self.multiplications = self.partial_sums = self.sums_read = self.terms = 0
        self.sums_written = len(self.groups.key)
        self.kept = self._per_tile(self.groups.tile)
        self.entries = self.read.copy()
        self.table_bits = self.read * (index_bits(longest) + _FLAGS)

    def count(self, halves: bool) -> Operations:
        """Count all of it."""
        if halves:
            self._halve(self.groups, 0, self.tiles.filters)
        else:
            codes = digits(self.groups.key, self.tiles.filters, self.tiles.base)
            for filter_, of_filter in codes:
                self._take(self.groups, of_filter, filter_)
        return Operations(
            multiplications=self.multiplications,
            additions=self.additions,
            terms=self.terms,
            activation_reads=int(self.read.sum()),
            partial_sum_reads=self.partial_sums,
            partial_sum_writes=self.partial_sums,
            group_sum_reads=self.sums_read,
            group_sum_writes=self.sums_written,
            groups=len(self.groups.key),
            tiles=len(self.read),
            table_entries=int(self.entries.sum()),
            table_bits=int(self.table_bits.sum()),
            tile_activations=int(self.read.max()),
            tile_sums=int(self.kept.max()) + self.tiles.filters,
            tile_table_bits=int(self.table_bits.max()),
        )

    def _halve(self, groups: DistinctTuples, first: int, filters: int) -> None:
        """Let each half of some filters sum what it has alike, and then the halves of those."""
        if filters == 1:
            self._take(groups, groups.key, first)
            return
        left, base = (filters + 1) // 2, self.tiles.base
        below = base ** (filters - left)
        above = (groups.key + (below - 1) // 2) // below
        self._sum_alike(groups, above, first, left)
        self._sum_alike(groups, groups.key - above * below, first + left, filters - left)

    def _sum_alike(
        self, groups: DistinctTuples, keys: NDArray[np.int64], first: int, filters: int
    ) -> None:
        """Sum groups that have the same tuple, or its negative, for some of the filters."""
        if filters == 1:
            self._take(groups, keys, first)
            return
        part = self._enter(groups, keys)
        merged = part.without_sign(self.tiles.base**filters)
        sums = merged.members > 1  # of one group it is the group itself
        self.additions += len(part.key) - len(merged.key)
        self.sums_read += int(merged.members[sums].sum())
        self.sums_written += int(np.count_nonzero(sums))
        self.kept += self._per_tile(merged.tile[sums])
        self._halve(merged, first, filters)

    def _take(self, groups: DistinctTuples, codes: NDArray[np.int64], filter_: int) -> None:
        """Let a filter take in groups, those of one magnitude added up before they are scaled."""
        part, weights, tiles = self._enter(groups, codes), self.weights, self.tiles
        self.additions += len(part.key)
        self.terms += len(part.key)
        self.sums_read += len(part.key)
        self.partial_sums += int(np.count_nonzero(self._per_tile(part.tile)))
        if weights.multiplies:
            own = tiles.first_filter + part.tile // tiles.tiles * tiles.filters + filter_
            wide = ~weights.unit[own, part.key + weights.largest]
            scaled = part.tile[wide] * weights.base + np.abs(part.key[wide])
            self.multiplications += len(np.unique(scaled))

    def _enter(self, groups: DistinctTuples, keys: NDArray[np.int64]) -> DistinctTuples:
        """List in the tables the groups that some filters need, and give them."""
        part = DistinctTuples(groups.tile, keys, groups.members)
        part = part.where(keys != 0) if self.skip_zeros else part
        listed = self._per_tile(part.tile)
        self.entries += listed
        self.table_bits += listed * (_bits_of(self._per_tile(groups.tile)) + _FLAGS)
        return part

    def _per_tile(
        self, tile: NDArray[np.int64], each: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Sum by tile; count where nothing is given."""
        found = np.bincount(tile, each, minlength=len(self.tiles.keys))
        return np.asarray(found, np.int64)


def _bits_of(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bits that name one of so many groups."""
    return np.asarray(np.ceil(np.log2(np.maximum(groups, 1))), np.int64)
