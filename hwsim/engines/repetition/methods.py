"""Ways to compute the dot products of a layer, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hwsim.engines.repetition.dot_product import count_dot_products
from hwsim.engines.repetition.level_codes import LevelCodes
from hwsim.engines.repetition.operations import Operations
from hwsim.engines.repetition.sum_merge import count_sum_merge
from hwsim.engines.repetition.tuples import Tile
from hwsim.engines.repetition.ucnn import count_ucnn


def _dot_products(weights: LevelCodes, tile: Tile, skip_zeros: bool = True) -> Operations:
    return count_dot_products(weights, skip_zeros)


def _halves(weights: LevelCodes, tile: Tile, skip_zeros: bool = True) -> Operations:
    return count_sum_merge(weights, tile, skip_zeros, halves=True)


#: Counts of (weights, tile, skip_zeros); the tile of dot products as they are does not matter.
METHODS: Final[dict[str, Callable[[LevelCodes, Tile, bool], Operations]]] = {
    "dot products": _dot_products,
    "ucnn": count_ucnn,
    "summerge": count_sum_merge,
    "summerge-halves": _halves,
}
