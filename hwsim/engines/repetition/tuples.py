"""Tuples of levels: what several filters have at one position, as one number.

A tile is G filters by T positions of the reduction. A tuple's key is its codes read as digits, the
first filter's highest, in a base that holds them with their signs: the negative of a tuple has the
negative key, all zeros have key 0, and keys in order are tuples in lexicographic order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
    """

    keys: Keys
    filters: int
    first_filter: int
    tiles: int
    base: int


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
        if full:
            cut = keys[:, :full].reshape(-1, tile.positions)
            yield TileKeys(cut, size, start, full // tile.positions, weights.base)
        if full < positions:
            yield TileKeys(keys[:, full:], size, start, 1, weights.base)


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
    """

    tile: NDArray[np.int64]
    key: Keys
    members: NDArray[np.int64]

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
        found = cls(places // keys.shape[1], ordered.ravel()[places], members)
        return found.where(found.key != 0) if skip_zeros else found

    def where(self, kept: NDArray[np.bool_]) -> Self:
        """Give some of them."""
        return type(self)(self.tile[kept], self.key[kept], self.members[kept])

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
        magnitude = np.abs(self.key.astype(np.int64))
        if len(self.tile) and (int(self.tile[-1]) + 1) * span <= np.iinfo(np.int64).max:
            packed = np.sort(self.tile * span + magnitude)
            tile, key = packed // span, packed % span
        else:
            order = np.lexsort((magnitude, self.tile))
            tile, key = self.tile[order], magnitude[order]
        first = np.ones(len(tile), np.bool_)
        first[1:] = (key[1:] != key[:-1]) | (tile[1:] != tile[:-1])
        starts = np.flatnonzero(first)
        return type(self)(tile[starts], key[starts], np.diff(starts, append=len(tile)))


def digits(key: Keys, filters: int, base: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Give the codes of tuples, as (filter, codes), from the last filter to the first."""
    half, rest = (base - 1) // 2, key.astype(np.int64)
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
