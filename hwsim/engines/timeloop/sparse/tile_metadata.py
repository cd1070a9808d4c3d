"""What tiles of known densities hold: non-zeros and metadata, on average and at most.

Averages are remembered: the mappings that a search evaluates have most of their tiles in common,
and so have layers of the same shape.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from hwsim.engines.timeloop.density.density import Density, Floats, Ints
from hwsim.engines.timeloop.density.least_occupancy import least_to_timeloop
from hwsim.engines.timeloop.sparse.sparse_tile import SparseTile
from hwsim.engines.timeloop.terms.formats import (
    RankOccupancy,
    Representation,
    rank_units,
    without_innermost_payload,
)
from hwsim.engines.timeloop.terms.problem import Box

_REMEMBERED: Final = 4096


class SentTiles(NamedTuple):
    """Occupancies of the tiles that are sent, their chances, and the share of tiles that are."""

    occupancies: Ints
    chances: Floats
    present: float


def sent_tiles(
    density: Density, box: Box, parent_knows: bool, as_timeloop: bool = False
) -> SentTiles:
    """Find which tiles are sent: where the parent's metadata tell of empty ones, the others.

    Parameters
    ----------
    density : Density
        Of the tensor.
    box : tuple of int
        Lengths of the tile.
    parent_knows : bool
        Whether the parent has metadata.
    as_timeloop : bool
        With what Timeloop takes for empty and never is.
    """
    occupancies, chances = density.distribution(box)
    # A tensor without zeros would vanish where the first chance were taken for that of an empty
    # tile and no tile can be empty.
    least = least_to_timeloop(density, box) if as_timeloop else int(occupancies[0])
    if least > occupancies[-1]:
        return SentTiles(occupancies[:0], chances[:0], 1.0)
    if not (parent_knows and least == 0):
        return SentTiles(occupancies, chances, 1.0)
    present = 1.0 - float(chances[0])
    chances = chances / present if present else chances.copy()
    chances[0] = 0.0
    return SentTiles(occupancies, chances, present)


class ExpectedTile(NamedTuple):
    """A tile on average.

    Parameters
    ----------
    occupancy : float or None
        Non-zeros of those that are sent; None if no occupancy is possible.
    present : float
        Share of tiles that are sent.
    mistaken : bool
        Whether Timeloop takes it for empty, which it never is.
    """

    occupancy: float | None
    present: float
    mistaken: bool


@lru_cache(_REMEMBERED)
def expected_tile(
    density: Density, box: Box, parent_knows: bool, as_timeloop: bool
) -> ExpectedTile:
    """Average over the occupancies of a tile by their chances; see :func:`sent_tiles`."""
    sent = sent_tiles(density, box, parent_knows, as_timeloop)
    occupancy = _sum(sent.chances * sent.occupancies) if len(sent.chances) else None
    return ExpectedTile(occupancy, sent.present, _mistaken(density, box, parent_knows))


def _mistaken(density: Density, box: Box, parent_knows: bool) -> bool:
    """Tell whether Timeloop takes a tile for empty that never is."""
    occupancies, _ = density.distribution(box)
    if occupancies[0] == 0:
        return False
    least = least_to_timeloop(density, box)
    return bool(least > occupancies[-1]) or (parent_knows and least == 0)


class TileEncoding(NamedTuple):
    """What the metadata of a tile follow from.

    Parameters
    ----------
    density, representation, box
        As of a :class:`SparseTile`.
    size : int
        Points of the tile.
    fibers, boxes, once
        As of its :class:`Fibertree`.
    """

    density: Density
    representation: Representation
    box: Box
    size: int
    fibers: tuple[int, ...]
    boxes: tuple[Box, ...]
    once: tuple[float, ...] | None

    @classmethod
    def of(cls, tile: SparseTile) -> TileEncoding:
        """Take it from a tile that is laid out."""
        form, tree = tile.representation, tile.fibertree
        assert form is not None
        assert tree is not None
        size = tile.dense.size
        return cls(tile.density, form, tile.box, size, tree.fibers, tree.boxes, tree.once)

    def is_trivial(self, rank: int) -> bool:
        """Whether a rank has a single coordinate and is left out by the hardware."""
        if self.fibers[rank] != 1:
            return False
        first = 0 if self.representation.inner_to_outer else len(self.representation.ranks) - 1
        return rank != first

    def bits(self, rank: int) -> tuple[int, int]:
        """Bits of a unit of metadata and of payload."""
        if self.is_trivial(rank):
            return 0, 0
        form = self.representation.ranks[rank]
        return form.metadata_bits, form.payload_bits

    def units(self, occupancies: Ints) -> list[tuple[Floats, Floats]]:
        """Metadata and payload units of each rank (innermost first) for each occupancy."""
        known: dict[Box, Floats] = {}

        def empty(box: Box) -> Floats:
            if box not in known:
                known[box] = self.density.empty_given(box, self.box, self.size, occupancies)
            return known[box]

        units: list[tuple[Floats, Floats]] = []
        formats = self.representation.ranks
        current, max_fibers = self.box, 1
        for rank in range(len(formats) - 1, -1, -1):
            fiber, below = self.fibers[rank], self.boxes[rank]
            if self.is_trivial(rank):
                nothing = np.zeros(len(occupancies))
                units.insert(0, (nothing, nothing))
            else:
                units.insert(
                    0, rank_units(formats[rank], max_fibers, fiber, empty(current), empty(below))
                )
            max_fibers *= fiber
            current = below
        if self.once is not None:
            units = [
                (metadata * share, payload * share)
                for (metadata, payload), share in zip(units, self.once, strict=True)
            ]
        return without_innermost_payload(units)

    def mean_ranks(self, occupancies: Ints, chances: Floats) -> tuple[RankOccupancy, ...]:
        """Average the metadata over occupancies by their chances."""
        return tuple(
            RankOccupancy(_sum(metadata * chances), _sum(payload * chances), *self.bits(rank))
            for rank, (metadata, payload) in enumerate(self.units(occupancies))
        )

    def fullest_ranks(self) -> tuple[RankOccupancy, ...]:
        """Metadata of the fullest tile."""
        fullest = np.array([self.density.max_occupancy(self.box)], dtype=np.int64)
        return tuple(
            RankOccupancy(float(metadata[0]), float(payload[0]), *self.bits(rank))
            for rank, (metadata, payload) in enumerate(self.units(fullest))
        )


@lru_cache(_REMEMBERED)
def expected_ranks(
    encoding: TileEncoding, parent_knows: bool, as_timeloop: bool
) -> tuple[RankOccupancy, ...]:
    """Average the metadata of the tiles that are sent; see :func:`sent_tiles`."""
    occupancies, chances, _ = sent_tiles(encoding.density, encoding.box, parent_knows, as_timeloop)
    return encoding.mean_ranks(occupancies, chances)


@lru_cache(_REMEMBERED)
def fullest_ranks(encoding: TileEncoding) -> tuple[RankOccupancy, ...]:
    """Find the metadata of the fullest tile."""
    return encoding.fullest_ranks()


def _sum(terms: Floats) -> float:
    """Add up from the first to the last, one by one."""
    return float(np.add.accumulate(terms)[-1]) if len(terms) else 0.0
