"""UCNN (Hegde et al., ISCA 2018): factored dot products, with groups shared by several filters.

Positions are sorted by the level of the first filter, within that by that of the second, and so on.
An innermost group, the positions of one tuple, is summed activation by activation; the groups of
filter g, the positions that share the levels of filters 1 to g, are sums of those of filter g + 1.
Each filter takes in the groups of its own whose level is not zero.

Where groups are limited, so that a product needs few bits, a sum that has so many activations that
the next part of its group would be too much is taken in, handed on, and begun anew.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.repetition.level_codes import LevelCodes
from hwsim.engines.repetition.operations import Operations
from hwsim.engines.repetition.tuples import DistinctTuples, Tile, TileKeys, tiles_of


def count_ucnn(
    weights: LevelCodes, tile: Tile, skip_zeros: bool = True, limit: int | None = None
) -> Operations:
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
    limit : int, optional
        Activations of which a group's sum is made at most; a filter then multiplies each of its
        sums by itself. As many as there are when not given: it multiplies once for each level.

    Returns
    -------
    Operations
    """
    return Operations.of_all(
        count_tiles(
            weights, keys, DistinctTuples.of(keys.keys, skip_zeros), tile, skip_zeros, limit
        )
        for keys in tiles_of(weights, tile)
    )


def count_tiles(
    weights: LevelCodes,
    tiles: TileKeys,
    found: DistinctTuples,
    tile: Tile,
    skip_zeros: bool,
    limit: int | None = None,
) -> Operations:
    """Count tiles whose distinct tuples are known; see :func:`count_ucnn`."""
    walk = _Walk(weights, tiles, found, skip_zeros, limit)
    for filter_ in reversed(range(tiles.filters)):
        walk.step(filter_)
    read = found.sum_per_tile(found.members)
    entries = read + walk.skipped
    live = tiles.live(skip_zeros)
    entry_bits = tiles.filters + index_bits(tile.positions)
    return Operations(
        multiplications=walk.multiplications,
        additions=walk.summed + walk.taken,
        terms=walk.taken,
        activation_reads=int(read.sum()),
        partial_sum_reads=live,
        partial_sum_writes=live,
        groups=len(found.key),
        tiles=found.tiles,
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
    """Goes from the innermost groups of all tiles to the outermost, filter by filter.

    It holds sums of groups of one filter, by tile and in order of their tuples: ``_prefix``, the
    levels of the filters up to this one, as digits from 0 on, above them the tile's number;
    ``_row``, the first filter of the block. Where groups are limited, several sums can be of one
    group: ``_size`` are the activations of each, ``_fresh`` tells whether it begins a group.
    """

    def __init__(
        self,
        weights: LevelCodes,
        tiles: TileKeys,
        found: DistinctTuples,
        skip_zeros: bool,
        limit: int | None,
    ) -> None:
        self._skip_zeros, self._limit, self._base = skip_zeros, limit, tiles.base
        self._unit, self._ranks = weights.unit, weights.ranks
        self._multiplies, self._zero = weights.multiplies, weights.largest
        span = tiles.base**tiles.filters
        # Without room for the tile's number beside the tuple, the two are compared one by one.
        self._packed = found.tiles * span <= np.iinfo(np.int64).max
        small = found.tiles * span <= np.iinfo(np.int32).max
        kind = np.dtype((np.int32 if small else np.int64) if self._packed else np.uint64).type
        self._prefix: NDArray[Any] = found.key.astype(kind) + kind((span - 1) // 2)
        if limit is not None:  # which sums fit depends on the order of the tables
            order = weights.in_order
            self._unit, self._ranks = self._unit[:, order], self._ranks[:, order]
            self._zero = tiles.base - 1
            self._prefix = _renamed(self._prefix, tiles, np.argsort(order).astype(kind))
            by_tile = np.lexsort((self._prefix, found.tile))
            self._prefix, found = self._prefix[by_tile], found.where(by_tile)
        self._tile = found.tile
        if self._packed:
            self._prefix += found.tile.astype(kind) * kind(span)
        self._row = tiles.first_filter + found.tile // tiles.tiles * tiles.filters
        self._size = found.members
        self._fresh = np.ones(len(found.key), np.bool_)
        self.summed = int(found.members.sum()) - len(found.key)  # additions that make sums
        self.taken = 0  # sums that filters take in
        self.multiplications = 0
        self.skipped = np.zeros(found.tiles, np.int64)
        if limit is not None:
            self._cut(limit)

    def step(self, filter_: int) -> None:
        """Count the groups of one filter, and go on to those of the filter before it."""
        base = self._prefix.dtype.type(self._base)
        above = self._prefix // base
        codes = (self._prefix - above * base).astype(np.intp)
        self._take(filter_, codes)
        groups = self._runs(above)
        if len(groups):
            self._skip(groups, filter_, codes)
        self._prefix = above
        if filter_:
            self._sum(groups, filter_)

    def _take(self, filter_: int, codes: NDArray[np.intp]) -> None:
        """Let the filter take in the sums of its groups."""
        zeros = int(np.count_nonzero(codes == self._zero)) if self._skip_zeros else 0
        self.taken += len(codes) - zeros
        if self._multiplies:
            wide = ~self._unit[self._row + filter_, codes]
            if self._limit is None:
                levels = self._tile[wide] * self._base + codes[wide]
                self.multiplications += len(np.unique(levels))
            else:
                self.multiplications += int(np.count_nonzero(wide))

    def _runs(self, prefix: NDArray[Any]) -> NDArray[np.int64]:
        """Give where groups with equal levels begin."""
        first = np.ones(len(prefix), np.bool_)
        np.not_equal(prefix[1:], prefix[:-1], out=first[1:])
        if not self._packed:
            first[1:] |= self._tile[1:] != self._tile[:-1]
        return np.flatnonzero(first)

    def _skip(self, groups: NDArray[np.int64], filter_: int, codes: NDArray[np.intp]) -> None:
        """Count the levels that a filter passes over in each group of the filter before it."""
        ends = np.append(groups[1:], len(codes))
        own = self._row[groups] + filter_
        reached = self._ranks[own, codes[ends - 1]]
        if self._limit is None:  # levels ascend, but zero, which is the last, among them
            zero = np.logical_or.reduceat(codes == self._zero, groups)
            reached = np.where(zero, self._ranks[own, self._zero], reached)
            levels = ends - groups
        else:
            levels = np.add.reduceat(self._fresh, groups, dtype=np.int64)
        passed = np.bincount(self._tile[groups], reached + 1 - levels, len(self.skipped))
        self.skipped += passed.astype(np.int64)

    def _sum(self, groups: NDArray[np.int64], filters: int) -> None:
        """Sum what begins at ``groups``, which share the levels of some filters, and go on."""
        parts = np.diff(groups, append=len(self._prefix))
        nobodys = np.zeros(len(groups), np.bool_)
        if self._skip_zeros:  # groups that are zero in all of these filters
            span = self._base**filters
            kind = self._prefix.dtype.type
            digits = self._prefix[groups] % kind(span) if self._packed else self._prefix[groups]
            nobodys = digits == self._zero * ((span - 1) // (self._base - 1))
        begins = groups
        if self._limit is not None:
            ends = groups + parts
            begins = self._fit(groups, ends, nobodys, self._limit)
            fresh = np.zeros(len(self._prefix), np.bool_)
            fresh[groups] = True
            self._size, self._fresh = np.add.reduceat(self._size, begins), fresh[begins]
        sums = len(begins) - int(np.count_nonzero(nobodys))
        self.summed += int(parts[~nobodys].sum()) - sums
        self._prefix, self._tile = self._prefix[begins], self._tile[begins]
        self._row = self._row[begins]

    def _cut(self, limit: int) -> None:
        """Cut innermost groups into sums of so many activations."""
        sums = -(-self._size // limit)
        self.summed -= int((sums - 1).sum())
        groups = np.concatenate([np.zeros(1, np.int64), np.cumsum(sums)])[:-1]
        last = groups + sums - 1
        size = np.full(int(sums.sum()), limit, np.int64)
        size[last] = self._size - (sums - 1) * limit
        self._fresh = np.zeros(len(size), np.bool_)
        self._fresh[groups] = True
        self._size = size
        self._prefix, self._tile = np.repeat(self._prefix, sums), np.repeat(self._tile, sums)
        self._row = np.repeat(self._row, sums)

    def _fit(
        self,
        begins: NDArray[np.int64],
        ends: NDArray[np.int64],
        whole: NDArray[np.bool_],
        limit: int,
    ) -> NDArray[np.int64]:
        """Give where sums begin, of which each takes what follows as long as it fits."""
        upto = np.concatenate([np.zeros(1, np.int64), np.cumsum(self._size)])
        follow = np.searchsorted(upto, upto[:-1] + limit, side="right") - 1
        found = np.zeros(len(self._size), np.bool_)
        found[begins] = True
        at, end = begins[~whole], ends[~whole]
        while len(at):
            at = follow[at]
            inside = at < end
            at, end = at[inside], end[inside]
            found[at] = True
        return np.flatnonzero(found)


def _renamed(
    prefix: NDArray[Any], tiles: TileKeys, names: NDArray[np.integer[Any]]
) -> NDArray[Any]:
    """Give tuples other digits."""
    kind = prefix.dtype.type
    found, rest = np.zeros_like(prefix), prefix
    for place in range(tiles.filters):
        above = rest // kind(tiles.base)
        digits = (rest - above * kind(tiles.base)).astype(np.intp)
        found += names[digits] * kind(tiles.base**place)
        rest = above
    return found
