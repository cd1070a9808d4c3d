"""Tuples of levels: what several filters have at one position, as one number.

A tile is G filters by T positions of the reduction. A tuple's key is its codes read as digits, the
first filter's highest, in a base that holds them with their signs: the negative of a tuple has the
negative key, all zeros have key 0, and keys in order are tuples in lexicographic order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.repetition.level_codes import LevelCodes

#: Positions of blocks that are looked at together, so that large layers take little memory.
_CHUNK: Final = 1 << 22
_DTYPES: Final = (np.int16, np.int32, np.int64)

Keys = NDArray[np.signedinteger[Any]]


class Tile(NamedTuple):
    """Filters that share sums, and positions whose sums they share.

    Parameters
    ----------
    filters : int
        G, at least 1.
    positions : int
        T, at least 1.
    """

    filters: int
    positions: int


@dataclass(frozen=True)
class TileKeys:
    """Keys of equal tiles, of some blocks of filters.

    Parameters
    ----------
    keys : ndarray of int, shape (blocks * tiles, positions)
        All tiles of a block follow one another.
    filters : int
        Filters of each block.
    first_filter : int
        Of the first block.
    tiles : int
        Tiles of a block.
    base : int
        Of the digits.
    codes : ndarray of int, shape (blocks, filters, tiles, positions)
        What the keys are made of.
    """

    keys: Keys
    filters: int
    first_filter: int
    tiles: int
    base: int
    codes: Keys

    def live(self, skip_zeros: bool) -> int:
        """Count the filters of all tiles that take in anything."""
        if skip_zeros:
            return int(np.count_nonzero(self.codes.any(axis=3)))
        return len(self.keys) * self.filters


def most_filters(base: int) -> int:
    """Tell how many filters fit into a key of 64 bits."""
    filters = 1
    while (base ** (filters + 1) - 1) // 2 + base <= np.iinfo(np.int64).max:
        filters += 1
    return filters


def block_keys(codes: Keys, base: int) -> Keys:
    """Give the key of each position of blocks of filters.

    Parameters
    ----------
    codes : ndarray of int, shape (blocks, G, positions)
        Levels as codes between ``-(base - 1) / 2`` and ``(base - 1) / 2``.
    base : int
        Of the digits, odd.

    Returns
    -------
    ndarray of int16, int32 or int64, shape (blocks, positions)
    """
    filters = codes.shape[1]
    largest = (base**filters - 1) // 2
    dtype = next(each for each in _DTYPES if largest <= np.iinfo(each).max)
    keys: Keys = codes[:, 0].astype(dtype)
    for filter_ in range(1, filters):
        np.multiply(keys, base, out=keys)
        np.add(keys, codes[:, filter_], out=keys, casting="unsafe")
    return keys


def tiles_of(weights: LevelCodes, tile: Tile) -> Iterator[TileKeys]:
    """Cut weights into tiles, in order; the last block and the last tile are what is left.

    Parameters
    ----------
    weights : LevelCodes
        Of one group of a layer.
    tile : Tile
        At most as large as the layer.

    Yields
    ------
    TileKeys
        Tiles of one shape at a time.
    """
    filters, positions = weights.codes.shape
    whole = filters // tile.filters * tile.filters
    step = max(1, _CHUNK // positions) * tile.filters
    spans = [(at, min(at + step, whole), tile.filters) for at in range(0, whole, step)]
    if whole < filters:
        spans.append((whole, filters, filters - whole))
    full = positions // tile.positions * tile.positions
    for start, stop, size in spans:
        blocks = weights.codes[start:stop].reshape(-1, size, positions)
        keys = block_keys(blocks, weights.base)
        for first, last, length in (
            (0, full, tile.positions),
            (full, positions, positions - full),
        ):
            if first < last:
                yield TileKeys(
                    keys[:, first:last].reshape(-1, length),
                    size,
                    start,
                    (last - first) // length,
                    weights.base,
                    blocks[:, :, first:last].reshape(len(blocks), size, -1, length),
                )


@dataclass(frozen=True)
class DistinctTuples:
    """Tuples that occur in tiles, each once a tile, by tile and in order of their keys.

    Parameters
    ----------
    tile : ndarray of int64, shape (n,)
        Which tile, along the first axis of the keys.
    key : ndarray of int, shape (n,)
        Of the tuple.
    members : ndarray of int64, shape (n,)
        Positions that have it: its activation group.
    tiles : int
        Tiles that were looked at.
    """

    tile: NDArray[np.int64]
    key: Keys
    members: NDArray[np.int64]
    tiles: int

    @classmethod
    def of(cls, keys: Keys, skip_zeros: bool = True) -> Self:
        """Find them.

        Parameters
        ----------
        keys : ndarray of int, shape (tiles, positions)
            Of each position.
        skip_zeros : bool
            Whether the tuple of zeros is left out.
        """
        ordered = np.sort(keys, axis=1)
        first = np.empty(ordered.shape, np.bool_)
        first[:, 0] = True
        np.not_equal(ordered[:, 1:], ordered[:, :-1], out=first[:, 1:])
        places = np.flatnonzero(first)
        members = np.diff(places, append=ordered.size)
        found = cls(places // keys.shape[1], ordered.ravel()[places], members, len(keys))
        return found.where(found.key != 0) if skip_zeros else found

    def where(self, kept: NDArray[np.bool_] | NDArray[np.int64]) -> Self:
        """Give some of them, tile after tile."""
        return type(self)(self.tile[kept], self.key[kept], self.members[kept], self.tiles)

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """Where the tuples of each tile begin, and where the last ones end; (tiles + 1,)."""
        return np.searchsorted(self.tile, np.arange(self.tiles + 1))

    @cached_property
    def per_tile(self) -> NDArray[np.int64]:
        """How many each tile has; (tiles,)."""
        return np.diff(self.bounds)

    def sum_per_tile(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """Sum what each tuple has, whole numbers or whether something is so, by tile."""
        upto = np.zeros(len(values) + 1, np.int64)
        np.cumsum(values, out=upto[1:])
        return np.diff(upto[self.bounds])

    def without_sign(self, span: int) -> Self:
        """Take a tuple and its negative as one, under the key that is not negative.

        Parameters
        ----------
        span : int
            How many keys there are, ``base ** filters``.

        Returns
        -------
        DistinctTuples
            Of which ``members`` are the tuples that were given, not positions.
        """
        magnitude = np.abs(self.key)
        if self.tiles * span <= np.iinfo(np.int64).max:
            narrow = np.int32 if self.tiles * span <= np.iinfo(np.int32).max else np.int64
            packed: Keys = np.multiply(self.tile, span, dtype=narrow, casting="unsafe")
            packed += magnitude
            packed.sort()
            starts = _starts(packed)
            above, key = np.divmod(packed[starts], span)
            tile = above.astype(np.int64)
        else:
            order = np.lexsort((magnitude, self.tile))
            tile, key = self.tile[order], magnitude[order]
            starts = np.union1d(_starts(key), _starts(tile))
            tile, key = tile[starts], key[starts]
        members = np.diff(starts, append=len(self.tile))
        return type(self)(tile, key, members, self.tiles)


def _starts(ordered: NDArray[Any]) -> NDArray[np.int64]:
    """Give where runs of equal values begin."""
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return np.flatnonzero(first)


def digits(key: Keys, filters: int, base: int) -> Iterator[tuple[int, Keys]]:
    """Give the codes of tuples, as (filter, codes), from the last filter to the first."""
    # The key and half of the base may be more than its own type holds.
    rest = key.astype(np.promote_types(key.dtype, np.int32))
    half = (base - 1) // 2
    for filter_ in reversed(range(filters)):
        above = (rest + half) // base
        yield filter_, rest - above * base
        rest = above


class MergedGroups(NamedTuple):
    """Activation groups of one tile, a tuple and its negative being one.

    Parameters
    ----------
    tuples : ndarray of int64, shape (groups, G)
        Codes that the filters have for each group; the first that is not zero is positive.
    group : ndarray of int64, shape (T,)
        Group of each position, -1 where all filters have zero.
    sign : ndarray of int8, shape (T,)
        +1 or -1: whether a position is added to its group's sum or subtracted; 0 in none.
    """

    tuples: NDArray[np.int64]
    group: NDArray[np.int64]
    sign: NDArray[np.int8]


def merged_groups(weights: LevelCodes) -> MergedGroups:
    """Find the groups of one tile with the positions that they sum.

    Parameters
    ----------
    weights : LevelCodes
        Of the tile alone: (G, T).
    """
    filters = len(weights.codes)
    keys = block_keys(weights.codes[None], weights.base)[0]
    found, places = np.unique(np.abs(keys), return_inverse=True)
    skipped = int(found[0] == 0)
    tuples = np.empty((len(found) - skipped, filters), np.int64)
    for filter_, codes in digits(found[skipped:].astype(np.int64), filters, weights.base):
        tuples[:, filter_] = codes
    return MergedGroups(
        tuples, places.reshape(-1).astype(np.int64) - skipped, np.sign(keys).astype(np.int8)
    )
