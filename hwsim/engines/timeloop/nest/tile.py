"""The tiles of one mapping, in whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hwsim.engines.timeloop.nest.tiles import TileRows


@dataclass
class Tile:
    """One data space at one storage level, dense, for one instance.

    A tile of size 0 is bypassed. Counts are of scalars.

    Parameters
    ----------
    size, partition_size : int
        Points of the tile; points of the tensor that the instance ever holds.
    instances : float
        That work; on average where factors leave rests.
    reads, fills, updates : int
        Scalar actions.
    temporal_reductions : float
        Additions of an arriving partial sum to a stored one.
    parent, child : int or None
        The next levels outwards and inwards that keep the data space.
    """

    size: int
    partition_size: int
    instances: float
    reads: int
    fills: int
    updates: int
    temporal_reductions: float
    parent: int | None = None
    child: int | None = None

    @property
    def kept(self) -> bool:
        """Whether the level stores the data space."""
        return self.size > 0


def whole_or_mean(count: float) -> float:
    """Show a count as an integer, unless it is an average that is none."""
    return int(count) if count == int(count) else count


def tiles_of(rows: Sequence[TileRows], read_write: bool, which: int = 0) -> list[Tile]:
    """Pick one mapping of a batch.

    Parameters
    ----------
    rows : sequence of TileRows
        Of one data space, by storage level.
    read_write : bool
        Whether it is a result.
    which : int
        The mapping.
    """
    tiles = [
        Tile(
            size=int(row.size[which]),
            partition_size=int(row.partition_size[which]),
            instances=whole_or_mean(float(row.instances[which])),
            reads=int(row.reads[which]),
            fills=int(row.fills[which]),
            updates=int(row.updates[which]),
            temporal_reductions=float(row.reads[which]) if read_write else 0.0,
        )
        for row in rows
    ]
    kept = [level for level, tile in enumerate(tiles) if tile.kept]
    for inner, outer in pairwise(kept):
        tiles[inner].parent = outer
        tiles[outer].child = inner
    return tiles
