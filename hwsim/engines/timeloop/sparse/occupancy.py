"""How full tiles are: non-zeros and metadata, on average and at most."""

from __future__ import annotations

import math

import numpy as np

from hwsim.engines.timeloop.nest.loops import Floats
from hwsim.engines.timeloop.sparse.sparse_tile import FormatCounts, SparseTile
from hwsim.engines.timeloop.terms.formats import (
    RankOccupancy,
    rank_units,
    without_innermost_payload,
)
from hwsim.engines.timeloop.terms.problem import Box, Ints


def set_expected_occupancy(tiles: list[SparseTile]) -> None:
    """Average over all occupancies of each tile of a data space.

    Where the parent's metadata tell which tiles are empty, empty ones are not sent: only the
    others count, and fewer instances hold one.

    Parameters
    ----------
    tiles : list of SparseTile
        Of one data space, by level. Changed in place.
    """
    for tile in tiles:
        if not tile.kept:
            tile.occupancy = 0.0
            tile.expected_density = math.nan
            continue
        occupancies, chances = tile.density.distribution(tile.box)
        parent = None if tile.dense.parent is None else tiles[tile.dense.parent]
        parent_knows = parent is not None and parent.representation is not None
        # Timeloop takes the first chance for that of an empty tile even where no tile can be
        # empty; a tensor without zeros would vanish then.
        if parent_knows and occupancies[0] == 0:
            present = 1.0 - float(chances[0])
            tile.instances *= present
            chances = chances / present if present else chances.copy()
            chances[0] = 0.0
        tile.occupancy = _sum(chances * occupancies)
        tile.expected_density = tile.occupancy / tile.dense.size
        if tile.representation is not None:
            units = metadata_units(tile, occupancies)
            tile.ranks = [
                RankOccupancy(_sum(metadata * chances), _sum(payload * chances), *_bits(tile, rank))
                for rank, (metadata, payload) in enumerate(units)
            ]


def _sum(terms: Floats) -> float:
    """Add up from the first to the last, one by one."""
    return float(np.add.accumulate(terms)[-1]) if len(terms) else 0.0


def max_metadata(tile: SparseTile) -> list[RankOccupancy]:
    """Metadata of the fullest tile."""
    if tile.representation is None:
        return []
    fullest = np.array([tile.density.max_occupancy(tile.box)], dtype=np.int64)
    return [
        RankOccupancy(float(metadata[0]), float(payload[0]), *_bits(tile, rank))
        for rank, (metadata, payload) in enumerate(metadata_units(tile, fullest))
    ]


def metadata_units(tile: SparseTile, occupancies: Ints) -> list[tuple[Floats, Floats]]:
    """Metadata and payload units of each rank (innermost first) for each occupancy of a tile."""
    assert tile.representation is not None
    assert tile.fibertree is not None
    tree, formats = tile.fibertree, tile.representation.ranks
    known: dict[Box, Floats] = {}

    def empty(box: Box) -> Floats:
        if box not in known:
            known[box] = tile.density.empty_given(box, tile.box, tile.dense.size, occupancies)
        return known[box]

    units: list[tuple[Floats, Floats]] = []
    current, max_fibers = tile.box, 1
    for rank in range(len(formats) - 1, -1, -1):
        fiber, below = tree.fibers[rank], tree.boxes[rank]
        if _is_trivial(tile, rank):
            nothing = np.zeros(len(occupancies))
            units.insert(0, (nothing, nothing))
        else:
            units.insert(
                0, rank_units(formats[rank], max_fibers, fiber, empty(current), empty(below))
            )
        max_fibers *= fiber
        current = below
    return without_innermost_payload(units)


def _is_trivial(tile: SparseTile, rank: int) -> bool:
    """Whether a rank has a single coordinate and is left out by the hardware."""
    assert tile.representation is not None
    assert tile.fibertree is not None
    first = 0 if tile.representation.inner_to_outer else tile.rank_count - 1
    return tile.fibertree.fibers[rank] == 1 and rank != first


def _bits(tile: SparseTile, rank: int) -> tuple[int, int]:
    if tile.representation is None or _is_trivial(tile, rank):
        return 0, 0
    form = tile.representation.ranks[rank]
    return form.metadata_bits, form.payload_bits


def set_metadata_accesses(tile: SparseTile) -> None:
    """Count metadata accesses as if nothing were saved: whole tiles, as often as the data."""
    if not tile.kept or tile.representation is None:
        return
    size = tile.dense.size

    def times(ratio: float) -> FormatCounts:
        return [
            [math.ceil(rank.metadata * ratio), math.ceil(rank.payload * ratio)]
            for rank in tile.ranks
        ]

    tile.format_reads = times(tile.dense.reads / size)
    tile.format_fills = times(tile.dense.fills / size)
    tile.format_updates = times(tile.dense.updates / size)
    for name in tile.formats:
        tile.formats[name] = [[0, 0] for _ in tile.ranks]
