"""How full tiles are: non-zeros and metadata, on average and at most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hwsim.engines.timeloop.density._tile_counts import Counts
from hwsim.engines.timeloop.density.actual_density import ActualData, Bools
from hwsim.engines.timeloop.sparse._encoded_tiles import Units, encoded_units
from hwsim.engines.timeloop.sparse.rounding import TIMELOOP, Rounding
from hwsim.engines.timeloop.sparse.sparse_tile import FormatCounts, SparseTile
from hwsim.engines.timeloop.sparse.tile_metadata import (
    TileEncoding,
    expected_ranks,
    expected_tile,
    fullest_ranks,
    sent_tiles,
)
from hwsim.engines.timeloop.terms.formats import RankOccupancy


def set_expected_occupancy(tiles: list[SparseTile], as_timeloop: bool = False) -> list[int]:
    """Average over all occupancies of each tile of a data space.

    Where the parent's metadata tell which tiles are empty, empty ones are not sent: only the
    others count, and fewer instances hold one.

    Parameters
    ----------
    tiles : list of SparseTile
        Of one data space, by level. Changed in place.
    as_timeloop : bool
        With what Timeloop takes for empty and never is, see
        :func:`~hwsim.engines.timeloop.density.least_occupancy.least_to_timeloop`.

    Returns
    -------
    list of int
        Levels at which that is so.
    """
    mistaken = []
    for level, tile in enumerate(tiles):
        if not tile.kept:
            tile.occupancy = 0.0
            tile.expected_density = math.nan
            continue
        parent = None if tile.dense.parent is None else tiles[tile.dense.parent]
        parent_knows = parent is not None and parent.representation is not None
        if isinstance(tile.density, ActualData):
            _count_tiles(tile, tile.density, parent_knows)
        elif _expect_tiles(tile, parent_knows, as_timeloop):
            mistaken.append(level)
    return mistaken


def _count_tiles(tile: SparseTile, density: ActualData, parent_knows: bool) -> None:
    """Average over the tiles that are sent."""
    tile.occupancy, tile.mean_size, present = density.mean_tile(tile.box, occupied=parent_knows)
    tile.expected_density = tile.occupancy / tile.mean_size
    if parent_knows:
        tile.instances *= present
    if tile.representation is None:
        return
    encoding = TileEncoding.of(tile)
    units = _counted_units(tile, density)
    if units is None:
        occupancies, chances, _ = sent_tiles(density, tile.box, parent_knows)
        tile.ranks = _with_entries(tile, encoding.mean_ranks(occupancies, chances))
        return
    sent = density.occupied(tile.box) if parent_knows else None
    tile.ranks = [
        RankOccupancy(_mean(metadata, sent), _mean(payload, sent), *encoding.bits(rank))
        for rank, (metadata, payload) in enumerate(units)
    ]


def _mean(units: Counts, sent: Bools | None) -> float:
    """Average over the tiles that are sent, or over all; nothing if there is none."""
    if sent is not None:
        units = units[sent]
    return int(units.sum(dtype=np.int64)) / max(units.size, 1)


def _expect_tiles(tile: SparseTile, parent_knows: bool, as_timeloop: bool) -> bool:
    """Average over the occupancies that are sent; tells whether Timeloop mistakes the tile."""
    expected = expected_tile(tile.density, tile.box, parent_knows, as_timeloop)
    if expected.occupancy is None:
        tile.occupancy = tile.expected_density = 0.0
        return expected.mistaken
    tile.instances *= expected.present
    tile.occupancy = expected.occupancy * tile.entries
    tile.expected_density = tile.occupancy / tile.dense.size
    if tile.representation is not None:
        ranks = expected_ranks(TileEncoding.of(tile), parent_knows, as_timeloop)
        tile.ranks = _with_entries(tile, ranks)
    return expected.mistaken


def _with_entries(tile: SparseTile, ranks: Sequence[RankOccupancy]) -> list[RankOccupancy]:
    """Give the innermost rank an entry more for each zero that its run lengths need."""
    if tile.entries == 1.0:
        return list(ranks)
    most = float(tile.dense.size)
    metadata = min(ranks[0].metadata * tile.entries, max(most, ranks[0].metadata))
    return [replace(ranks[0], metadata=metadata), *ranks[1:]]


def _counted_units(tile: SparseTile, density: ActualData) -> list[Units] | None:
    """Count the metadata of every tile; None where coordinates overlap or loops are left out."""
    assert tile.representation is not None
    assert tile.fibertree is not None
    subtiles = tile.fibertree.subtiles
    if subtiles is None or subtiles[-1] != tile.box:
        return None
    encoding = TileEncoding.of(tile)
    formats = [
        None if encoding.is_trivial(rank) else form.name
        for rank, form in enumerate(tile.representation.ranks)
    ]
    return encoded_units(density, subtiles, formats)


def max_metadata(tile: SparseTile) -> list[RankOccupancy]:
    """Metadata of the fullest tile; of counted tiles, the most of each rank."""
    if tile.representation is None:
        return []
    encoding = TileEncoding.of(tile)
    if not isinstance(tile.density, ActualData):
        return _with_entries(tile, fullest_ranks(encoding))
    units = _counted_units(tile, tile.density)
    if units is None:
        return _with_entries(tile, encoding.fullest_ranks())
    ranks = [
        RankOccupancy(float(metadata.max()), float(payload.max()), *encoding.bits(rank))
        for rank, (metadata, payload) in enumerate(units)
    ]
    return _with_entries(tile, ranks)


def set_metadata_accesses(tile: SparseTile, rounding: Rounding = TIMELOOP) -> None:
    """Count metadata accesses as if nothing were saved: whole tiles, as often as the data."""
    if not tile.kept or tile.representation is None:
        return
    size = tile.mean_size

    def times(ratio: float) -> FormatCounts:
        return [
            [rounding.up(rank.metadata * ratio), rounding.up(rank.payload * ratio)]
            for rank in tile.ranks
        ]

    tile.format_reads = times(tile.dense.reads / size)
    tile.format_fills = times(tile.dense.fills / size)
    tile.format_updates = times(tile.dense.updates / size)
    for name in tile.formats:
        tile.formats[name] = [[0, 0] for _ in tile.ranks]
