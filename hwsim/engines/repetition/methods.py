"""Ways to compute the dot products of a layer, by name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from hwsim.engines.repetition import sum_merge, ucnn
from hwsim.engines.repetition.dot_product import count_dot_products
from hwsim.engines.repetition.level_codes import LevelCodes
from hwsim.engines.repetition.operations import Operations
from hwsim.engines.repetition.pairs import MOST_FILTERS
from hwsim.engines.repetition.tuples import DistinctTuples, Tile, tiles_of

#: Weight by weight, without tiles.
AS_THEY_ARE: Final = "dot products"
#: Activations of a group at most.
_LIMITS: Final = {"ucnn": None, "ucnn-16": 16}
#: What is merged.
_MERGING: Final = {"summerge": "none", "summerge-halves": "halves", "summerge-pairs": "pairs"}
#: Sums shared by the filters of a tile.
TILED: Final = (*_LIMITS, *_MERGING)
METHODS: Final = (AS_THEY_ARE, *TILED)
#: Those that never take fewer operations when tiles are cut into shorter ones: each of their sums
#: counts once for each tile in which it occurs, as parts that it adds up less itself, and a tuple
#: occurs in at least one part of a tile in which it occurs (docs/repetition.md).
LONGEST_BEST: Final = ("ucnn", "summerge", "summerge-halves")


def count_tiled(
    weights: LevelCodes,
    tile: Tile,
    skip_zeros: bool = True,
    methods: Collection[str] = TILED,
) -> dict[str, Operations]:
    """Count by methods that have tiles, with their tuples found once.

    Parameters
    ----------
    weights : LevelCodes
        Of one group of a layer.
    tile : Tile
        G filters by T positions, at most as large as the layer.
    skip_zeros : bool
        Whether zeros cost nothing; else zero is a level like another.
    methods : collection of str
        Some of those that have tiles. ``summerge-pairs`` is left out where a tile has more filters
        than it can have.
    """
    chosen = [name for name in TILED if name in methods and counts(name, tile)]
    parts: dict[str, list[Operations]] = {name: [] for name in chosen}
    for keys in tiles_of(weights, tile):
        found = DistinctTuples.of(keys.keys, skip_zeros)
        asked = weights, keys, found, tile, skip_zeros
        for name, of_tiles in parts.items():
            if name in _MERGING:
                of_tiles.append(sum_merge.count_tiles(*asked, _MERGING[name]))
            else:
                of_tiles.append(ucnn.count_tiles(*asked, _LIMITS[name]))
    return {name: Operations.of_all(of_tiles) for name, of_tiles in parts.items()}


def counts(method: str, tile: Tile) -> bool:
    """Tell whether a method can have a tile of so many filters."""
    return method != "summerge-pairs" or tile.filters <= MOST_FILTERS


def count_all(weights: LevelCodes, tile: Tile, skip_zeros: bool = True) -> dict[str, Operations]:
    """Count by every method; see :func:`count_tiled`."""
    as_they_are = {AS_THEY_ARE: count_dot_products(weights, skip_zeros)}
    return as_they_are | count_tiled(weights, tile, skip_zeros)
