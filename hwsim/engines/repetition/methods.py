"""Ways to compute the dot products of a layer, by name."""

from __future__ import annotations

from typing import Final

from hwsim.engines.repetition import sum_merge, ucnn
from hwsim.engines.repetition.dot_product import count_dot_products
from hwsim.engines.repetition.level_codes import LevelCodes
from hwsim.engines.repetition.operations import Operations
from hwsim.engines.repetition.tuples import DistinctTuples, Tile, tiles_of

#: Weight by weight, without tiles.
AS_THEY_ARE: Final = "dot products"
#: Sums shared by the filters of a tile.
TILED: Final = ("ucnn", "summerge", "summerge-halves")
METHODS: Final = (AS_THEY_ARE, *TILED)


def count_tiled(weights: LevelCodes, tile: Tile, skip_zeros: bool = True) -> dict[str, Operations]:
    """Count by every method that has tiles, with their tuples found once.

    Parameters
    ----------
    weights : LevelCodes
        Of one group of a layer.
    tile : Tile
        G filters by T positions, at most as large as the layer.
    skip_zeros : bool
        Whether zeros cost nothing; else zero is a level like another.
    """
    parts: dict[str, list[Operations]] = {name: [] for name in TILED}
    for keys in tiles_of(weights, tile):
        found = DistinctTuples.of(keys.keys, skip_zeros)
        asked = weights, keys, found, tile, skip_zeros
        parts["ucnn"].append(ucnn.count_tiles(*asked))
        parts["summerge"].append(sum_merge.count_tiles(*asked, halves=False))
        parts["summerge-halves"].append(sum_merge.count_tiles(*asked, halves=True))
    return {name: Operations.of_all(of_tiles) for name, of_tiles in parts.items()}


def count_all(weights: LevelCodes, tile: Tile, skip_zeros: bool = True) -> dict[str, Operations]:
    """Count by every method; see :func:`count_tiled`."""
    as_they_are = {AS_THEY_ARE: count_dot_products(weights, skip_zeros)}
    return as_they_are | count_tiled(weights, tile, skip_zeros)
