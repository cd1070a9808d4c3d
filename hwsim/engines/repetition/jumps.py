"""Tables of UCNN whose entries say how far to go on, not where: fewer bits, a few more entries.

A group's sum does not depend on the order of its members, so that they are taken from the first
position to the last, and an entry needs to name only the positions passed over since the one before
it. A field of j bits passes over at most 2 ** j - 2; its last value passes over 2 ** j - 1 without
taking the activation there, and the next entry goes on. The first group begins at the tile's first
position; at the end of the tile a jump comes in again at its beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.repetition.level_codes import LevelCodes
from hwsim.engines.repetition.tuples import Keys, Tile, tiles_of
from hwsim.engines.repetition.ucnn import count_ucnn, index_bits


@dataclass(frozen=True)
class JumpTable:
    """Tables of a layer with jumps.

    Parameters
    ----------
    jump_bits : int
        Of the field that says how far to go on.
    entries : int
        Of activations, of levels that are passed over, and of jumps that are too long for one.
    bits : int
        Of all entries, each with a bit for each filter.
    """

    jump_bits: int
    entries: int
    bits: int


def smallest_jump_table(
    groups: Sequence[LevelCodes], tile: Tile, skip_zeros: bool = True
) -> JumpTable:
    """Find the width of jumps with which a layer's tables are smallest.

    Parameters
    ----------
    groups : sequence of LevelCodes
        Weights of the groups of the layer.
    tile, skip_zeros
        As for :func:`~hwsim.engines.repetition.ucnn.count_ucnn`.
    """
    widths = range(1, max(1, index_bits(tile.positions)) + 1)
    entries = sum(count_ucnn(each, tile, skip_zeros).table_entries for each in groups)
    long = [count_long_jumps(each, tile, widths, skip_zeros) for each in groups]
    tables = (
        JumpTable(width, entries + sum(more), (entries + sum(more)) * (width + tile.filters))
        for width, *more in zip(widths, *long, strict=True)
    )
    return min(tables, key=lambda each: each.bits)


def count_long_jumps(
    weights: LevelCodes, tile: Tile, widths: Sequence[int], skip_zeros: bool = True
) -> list[int]:
    """Count the entries that only go on, for some widths of the field, in bits.

    Parameters
    ----------
    weights, tile, skip_zeros
        As for :func:`~hwsim.engines.repetition.ucnn.count_ucnn`.
    widths : sequence of int
        1 or more each.
    """
    names = np.argsort(weights.in_order) - weights.largest
    renamed = names[weights.codes.astype(np.intp) + weights.largest]
    ordered = LevelCodes(renamed, weights.largest, weights.unit)
    found = np.zeros(len(widths), np.int64)
    for tiles in tiles_of(ordered, tile):
        passed = _passed(tiles.keys, (tiles.base**tiles.filters - 1) // 2, skip_zeros)
        found += [int((passed // (2**width - 1)).sum()) for width in widths]
    return [int(each) for each in found]


def _passed(keys: Keys, zeros: int, skip_zeros: bool) -> NDArray[np.int64]:
    """Count the positions that are passed over before each entry; ``zeros`` is the last key."""
    tiles, positions = keys.shape
    order = np.argsort(keys, axis=1, kind="stable")
    here = order + 1
    before = np.concatenate([np.zeros((tiles, 1), np.int64), here[:, :-1]], axis=1)
    passed: NDArray[np.int64] = (here - before - 1) % positions
    if skip_zeros:
        passed = passed[np.take_along_axis(keys, order, axis=1) != zeros]
    return passed.ravel()
