"""Sums of pairs of sums that several filters have in common, the most common pair first.

The number of filters that the most common pair serves never grows: what is left of the two serves
fewer filters than they did, and the pair's sum no more than the pair. So all pairs that serve as
many filters as there are come first, then those that serve one less, down to two. A pair that
serves a set of filters has the same tuple there, up to the sign, and so has its sum: all sums that
have this tuple become one, pair by pair. Sets of as many filters are gone through in
lexicographic order. That no pair is more common than the one that is merged is what is greedy about
it; which of equally common ones comes first is our choice.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.repetition.shared_sums import SharedSums
from hwsim.engines.repetition.tuples import DistinctTuples, digits

#: Filters of a tile at most: there are 2 ** filters sets of them to go through.
MOST_FILTERS: Final = 10


def merge_pairs(shared: SharedSums) -> None:
    """Merge pairs of sums across filters, greedily, and let filters take in what is left.

    Parameters
    ----------
    shared : SharedSums
        With the sums of the groups, of tiles of at most ``MOST_FILTERS``; gets all others.
    """
    groups, tiles = shared.groups, shared.tiles
    sums = _Sums.of_groups(groups, tiles.filters, tiles.base, shared.skip_zeros)
    listed = made = np.zeros(groups.tiles, np.int64)
    for size in range(tiles.filters, 1, -1):
        members, pairs = _merge(sums, size, tiles.base, groups.tiles)
        listed = listed + np.bincount(members, minlength=groups.tiles)
        made = made + np.bincount(pairs.tile, minlength=groups.tiles)
        sums = sums.and_more(pairs)
    named = groups.per_tile + made
    shared.make(listed, made, listed, named)
    order = np.argsort(sums.tile, kind="stable")
    tile = sums.tile[order]
    left = DistinctTuples(tile, np.zeros_like(tile), np.ones_like(tile), groups.tiles)
    for filter_ in range(tiles.filters):
        needed = (sums.serves[order] >> filter_ & 1).astype(np.bool_)
        shared.take(left, needed, sums.codes[filter_, order], filter_, named)


class _Sums(NamedTuple):
    """Sums of groups or of pairs.

    Parameters
    ----------
    tile : ndarray of int64, shape (n,)
        Which tile.
    codes : ndarray of int, shape (G, n)
        Levels of the filters.
    serves : ndarray of int16, shape (n,)
        Filters that still take it in, as bits.
    """

    tile: NDArray[np.int64]
    codes: NDArray[Any]
    serves: NDArray[np.int16]

    @classmethod
    def of_groups(cls, groups: DistinctTuples, filters: int, base: int, skip_zeros: bool) -> Self:
        codes = np.empty((filters, len(groups.key)), np.int8 if base < 256 else np.int16)
        for filter_, of_filter in digits(groups.key, filters, base):
            codes[filter_] = of_filter
        needed = codes != 0 if skip_zeros else np.ones(codes.shape, np.bool_)
        bits = np.left_shift(np.int16(1), np.arange(filters, dtype=np.int16))
        return cls(groups.tile, codes, (needed * bits[:, None]).sum(axis=0, dtype=np.int16))

    def and_more(self, further: _Sums) -> Self:
        return type(self)(
            np.concatenate([self.tile, further.tile]),
            np.concatenate([self.codes, further.codes], axis=1),
            np.concatenate([self.serves, further.serves]),
        )


def _merge(sums: _Sums, size: int, base: int, tiles: int) -> tuple[NDArray[np.int64], _Sums]:
    """Merge what so many filters have in common.

    Returns
    -------
    members : ndarray of int64
        Tile of each sum that was merged; those no longer serve the filters of the pair.
    pairs : _Sums
        Their sums, which as many filters and no others take in: they pair no more among themselves.
    """
    able = np.flatnonzero(np.bitwise_count(sums.serves) >= size)
    tile, codes, serves = sums.tile[able], sums.codes[:, able], sums.serves[able]
    members, firsts, served_by = [], [], []
    for served in combinations(range(len(codes)), size):
        bits = np.int16(sum(1 << filter_ for filter_ in served))
        at = np.flatnonzero(serves & bits == bits)
        key = codes[served[0]][at].astype(np.int64)
        for filter_ in served[1:]:
            key = key * base + codes[filter_][at]
        order, starts = _alike(tile[at], np.abs(key), tiles, base**size)
        run = np.diff(starts, append=len(at))
        several = run > 1
        if several.any():
            merged = at[order[np.repeat(several, run)]]
            serves[merged] &= ~bits
            members.append(merged)
            firsts.append(at[order[starts[several]]])
            served_by.append(np.full(len(firsts[-1]), bits))
    sums.serves[able] = serves
    if not firsts:
        return np.empty(0, np.int64), _Sums(tile[:0], codes[:, :0], serves[:0])
    first = np.concatenate(firsts)
    pairs = _Sums(tile[first], codes[:, first], np.concatenate(served_by))
    return tile[np.concatenate(members)], pairs


def _alike(
    tile: NDArray[np.int64], key: NDArray[np.int64], tiles: int, span: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Order by tile and key; with where runs of equal ones begin."""
    if tiles * span <= np.iinfo(np.int64).max:
        packed = tile * span + key
        order = np.argsort(packed)
        packed = packed[order]
        first = packed[1:] != packed[:-1]
    else:
        order = np.lexsort((key, tile))
        tile, key = tile[order], key[order]
        first = (key[1:] != key[:-1]) | (tile[1:] != tile[:-1])
    return order, np.flatnonzero(np.concatenate([np.ones(min(1, len(order)), np.bool_), first]))
