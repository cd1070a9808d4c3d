"""How full tiles are: non-zeros and metadata, on average and at most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hwsim.engines.timeloop.density._tile_counts import Counts
from hwsim.engines.timeloop.density.actual_density import ActualData, Bools
from hwsim.engines.timeloop.density.least_occupancy import least_to_timeloop
from hwsim.engines.timeloop.nest.loops import Floats
from hwsim.engines.timeloop.sparse._encoded_tiles import Units, encoded_units
from hwsim.engines.timeloop.sparse.rounding import TIMELOOP, Rounding
from hwsim.engines.timeloop.sparse.sparse_tile import FormatCounts, SparseTile
from hwsim.engines.timeloop.terms.formats import (
    RankOccupancy,
    rank_units,
    without_innermost_payload,
)
from hwsim.engines.timeloop.terms.problem import Box, Ints


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
        else:
            if _mistaken(tile, parent_knows):
                mistaken.append(level)
            _expect_tiles(tile, parent_knows, as_timeloop)
    return mistaken


def _count_tiles(tile: SparseTile, density: ActualData, parent_knows: bool) -> None:
    """Average over the tiles that are sent."""
    tile.occupancy, tile.mean_size, present = density.mean_tile(tile.box, occupied=parent_knows)
    tile.expected_density = tile.occupancy / tile.mean_size
    if parent_knows:
        tile.instances *= present
    if tile.representation is None:
        return
    units = _counted_units(tile, density)
    if units is None:
        tile.ranks = _expected_ranks(tile, *_sent(tile, parent_knows)[:2])
        return
    sent = density.occupied(tile.box) if parent_knows else None
    tile.ranks = [
        RankOccupancy(_mean(metadata, sent), _mean(payload, sent), *_bits(tile, rank))
        for rank, (metadata, payload) in enumerate(units)
    ]


def _mean(units: Counts, sent: Bools | None) -> float:
    """Average over the tiles that are sent, or over all; nothing if there is none."""
    if sent is not None:
        units = units[sent]
    return int(units.sum(dtype=np.int64)) / max(units.size, 1)


def _mistaken(tile: SparseTile, parent_knows: bool) -> bool:
    """Tell whether Timeloop takes a tile for empty that never is."""
    occupancies, _ = tile.density.distribution(tile.box)
    if occupancies[0] == 0:
        return False
    least = least_to_timeloop(tile.density, tile.box)
    return least > occupancies[-1] or (parent_knows and least == 0)


def _expect_tiles(tile: SparseTile, parent_knows: bool, as_timeloop: bool) -> None:
    """Average over the occupancies of a tile by their chances."""
    occupancies, chances, present = _sent(tile, parent_knows, as_timeloop)
    if not len(chances):  # no occupancy is possible
        tile.occupancy = tile.expected_density = 0.0
        return
    tile.instances *= present
    tile.occupancy = _sum(chances * occupancies) * tile.entries
    tile.expected_density = tile.occupancy / tile.dense.size
    if tile.representation is not None:
        tile.ranks = _expected_ranks(tile, occupancies, chances)


def _sent(
    tile: SparseTile, parent_knows: bool, as_timeloop: bool = False
) -> tuple[Ints, Floats, float]:
    """Occupancies of the tiles that are sent, their chances, and the share of tiles that are."""
    occupancies, chances = tile.density.distribution(tile.box)
    # A tensor without zeros would vanish where the first chance were taken for that of an empty
    # tile and no tile can be empty.
    least = least_to_timeloop(tile.density, tile.box) if as_timeloop else int(occupancies[0])
    if least > occupancies[-1]:
        return occupancies[:0], chances[:0], 1.0
    if not (parent_knows and least == 0):
        return occupancies, chances, 1.0
    present = 1.0 - float(chances[0])
    chances = chances / present if present else chances.copy()
    chances[0] = 0.0
    return occupancies, chances, present


def _expected_ranks(tile: SparseTile, occupancies: Ints, chances: Floats) -> list[RankOccupancy]:
    ranks = [
        RankOccupancy(_sum(metadata * chances), _sum(payload * chances), *_bits(tile, rank))
        for rank, (metadata, payload) in enumerate(metadata_units(tile, occupancies))
    ]
    return _with_entries(tile, ranks)


def _with_entries(tile: SparseTile, ranks: list[RankOccupancy]) -> list[RankOccupancy]:
    """Give the innermost rank an entry more for each zero that its run lengths need."""
    if tile.entries == 1.0:
        return ranks
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
    formats = [
        None if _is_trivial(tile, rank) else form.name
        for rank, form in enumerate(tile.representation.ranks)
    ]
    return encoded_units(density, subtiles, formats)


def _sum(terms: Floats) -> float:
    """Add up from the first to the last, one by one."""
    return float(np.add.accumulate(terms)[-1]) if len(terms) else 0.0


def max_metadata(tile: SparseTile) -> list[RankOccupancy]:
    """Metadata of the fullest tile; of counted tiles, the most of each rank."""
    if tile.representation is None:
        return []
    units: Sequence[tuple[Counts, Counts]] | Sequence[tuple[Floats, Floats]] | None = None
    if isinstance(tile.density, ActualData):
        units = _counted_units(tile, tile.density)
    if units is None:
        fullest = np.array([tile.density.max_occupancy(tile.box)], dtype=np.int64)
        units = metadata_units(tile, fullest)
    ranks = [
        RankOccupancy(float(metadata.max()), float(payload.max()), *_bits(tile, rank))
        for rank, (metadata, payload) in enumerate(units)
    ]
    return _with_entries(tile, ranks)


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
    if tree.once is not None:
        units = [
            (metadata * share, payload * share)
            for (metadata, payload), share in zip(units, tree.once, strict=True)
        ]
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
