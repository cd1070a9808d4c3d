"""SumMerge (Prabhakar et al., ICS 2021): sums of groups made once a tile, added by each filter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from hwsim.engines.repetition.halves import merge_halves
from hwsim.engines.repetition.level_codes import LevelCodes
from hwsim.engines.repetition.operations import Operations
from hwsim.engines.repetition.pairs import merge_pairs
from hwsim.engines.repetition.shared_sums import SharedSums
from hwsim.engines.repetition.tuples import DistinctTuples, Tile, TileKeys, digits, tiles_of


def _take_all(shared: SharedSums) -> None:
    """Let each filter take in the sums of groups."""
    groups = shared.groups
    for filter_, codes in digits(groups.key, shared.tiles.filters, shared.tiles.base):
        needed = codes != 0 if shared.skip_zeros else np.ones(len(codes), np.bool_)
        shared.take(groups, needed, codes, filter_, groups.per_tile)


#: What filters share beyond the sums of groups.
MERGING: Final[Mapping[str, Callable[[SharedSums], None]]] = {
    "none": _take_all,
    "halves": merge_halves,
    "pairs": merge_pairs,
}


def count_sum_merge(
    weights: LevelCodes, tile: Tile, skip_zeros: bool = True, merging: str = "none"
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
    merging : {"none", "halves", "pairs"}
        Whether filters share sums of groups as well: those that half of the filters have alike,
        half of those again, and so on down to one filter; or those of pairs, the most common one
        first, for which a tile has 10 filters at most. Else each filter adds the groups of the
        tile.

    Returns
    -------
    Operations
        Tuples that are each other's negative share a group, whose members are added or subtracted.
        A filter multiplies once for each magnitude that is neither 0 nor 1.
    """
    return Operations.of_all(
        count_tiles(
            weights, keys, DistinctTuples.of(keys.keys, skip_zeros), tile, skip_zeros, merging
        )
        for keys in tiles_of(weights, tile)
    )


def count_tiles(
    weights: LevelCodes,
    tiles: TileKeys,
    found: DistinctTuples,
    tile: Tile,
    skip_zeros: bool,
    merging: str,
) -> Operations:
    """Count tiles whose distinct tuples are known; see :func:`count_sum_merge`."""
    shared = SharedSums(weights, tiles, found, tile.positions, skip_zeros)
    MERGING[merging](shared)
    return shared.operations()
