"""Sums shared by halves of the filters, by halves of those, and so on down to one filter."""

from __future__ import annotations

import numpy as np

from hwsim.engines.repetition.shared_sums import SharedSums
from hwsim.engines.repetition.tuples import DistinctTuples, Keys


def merge_halves(shared: SharedSums) -> None:
    """Let each half of the filters sum the groups that it has alike, and then the halves of it.

    Parameters
    ----------
    shared : SharedSums
        With the sums of the groups; gets all others.
    """
    _halve(shared, shared.groups, 0, shared.tiles.filters)


def _halve(shared: SharedSums, groups: DistinctTuples, first: int, filters: int) -> None:
    if filters == 1:
        _take(shared, groups, groups.key, first)
        return
    left, base = (filters + 1) // 2, shared.tiles.base
    below = groups.key.dtype.type(base ** (filters - left))
    above = (groups.key + (below - 1) // 2) // below
    _sum_alike(shared, groups, above, first, left)
    _sum_alike(shared, groups, groups.key - above * below, first + left, filters - left)


def _sum_alike(
    shared: SharedSums, groups: DistinctTuples, keys: Keys, first: int, filters: int
) -> None:
    """Sum groups that have the same tuple, or its negative, for some of the filters."""
    if filters == 1:
        _take(shared, groups, keys, first)
        return
    part = DistinctTuples(groups.tile, keys, groups.members, groups.tiles)
    part = part.where(keys != 0) if shared.skip_zeros else part
    merged = part.without_sign(shared.tiles.base**filters)
    several = merged.members > 1
    shared.make(
        listed=part.per_tile,
        sums=merged.sum_per_tile(several),
        read=merged.sum_per_tile(merged.members * several),
        named=groups.per_tile,
    )
    _halve(shared, merged, first, filters)


def _take(shared: SharedSums, groups: DistinctTuples, codes: Keys, filter_: int) -> None:
    needed = codes != 0 if shared.skip_zeros else np.ones(len(codes), np.bool_)
    shared.take(groups, needed, codes, filter_, groups.per_tile)
