"""The tile at which a layer takes the fewest operations, by counting them for each of a grid."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from hwsim.engines.repetition.jumps import JumpTable, smallest_jump_table
from hwsim.engines.repetition.level_codes import LevelCodes
from hwsim.engines.repetition.methods import TILED, count_tiled
from hwsim.engines.repetition.operations import Operations
from hwsim.engines.repetition.tuples import Tile, most_filters

#: Filters and positions that are tried; the whole reduction is one of the latter.
GRID_FILTERS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12)
GRID_POSITIONS: Final = (128, 256, 512, 1024)


class Counted(NamedTuple):
    """Operations of a layer at a tile."""

    tile: Tile
    operations: Operations


@dataclass(frozen=True, eq=False)
class GroupedCodes:
    """Weights of a layer whose groups of filters have inputs of their own.

    Parameters
    ----------
    weights : LevelCodes
        Of all groups, one below the other.
    groups : int
        Into which the filters divide.
    """

    weights: LevelCodes
    groups: int

    @property
    def filters(self) -> int:
        """Filters of one group."""
        return len(self.weights.codes) // self.groups

    @property
    def positions(self) -> int:
        """K, the length of the reduction."""
        return int(self.weights.codes.shape[1])

    def clip(self, tile: Tile) -> Tile:
        """Make a tile no larger than the layer, and its tuples no longer than 64 bits hold."""
        most = min(self.filters, most_filters(self.weights.base))
        return Tile(min(tile.filters, most), min(tile.positions, self.positions))

    def grid(
        self, filters: Iterable[int] = GRID_FILTERS, positions: Iterable[int] = GRID_POSITIONS
    ) -> list[Tile]:
        """List the tiles of a grid that differ on this layer, the whole reduction among them."""
        lengths = (*positions, self.positions)
        return sorted({self.clip(Tile(g, t)) for g in filters for t in lengths})

    def count(
        self, tile: Tile, skip_zeros: bool = True, methods: Collection[str] = TILED
    ) -> dict[str, Operations]:
        """Count the operations of all groups by methods that have tiles."""
        of_parts = [
            count_tiled(each, tile, skip_zeros, methods) for each in self._parts(tile.filters)
        ]
        return {name: Operations.of_all(each[name] for each in of_parts) for name in of_parts[0]}

    def smallest_jump_table(self, tile: Tile, skip_zeros: bool = True) -> JumpTable:
        """Find the width of jumps with which the tables of ``ucnn`` are smallest."""
        return smallest_jump_table(self._parts(tile.filters), tile, skip_zeros)

    def _parts(self, filters: int) -> list[LevelCodes]:
        """Cut the weights so that no block of filters has some of two groups."""
        size = self.filters
        if size % filters == 0:  # none has, wherever they begin
            return [self.weights]
        starts = range(0, len(self.weights.codes), size)
        return [self.weights.rows(start, start + size) for start in starts]


def fewest(counted: Iterable[Counted]) -> Counted:
    """Choose the fewest operations; of equal ones the smallest table, and then the first."""
    return min(counted, key=lambda each: (each.operations.arithmetic, each.operations.table_bits))


def best_tiles(
    layer: GroupedCodes, tiles: Iterable[Tile], skip_zeros: bool = True
) -> dict[str, Counted]:
    """Find the tile of the fewest multiplications and additions for each method.

    Parameters
    ----------
    layer : GroupedCodes
        The weights.
    tiles : iterable of Tile
        To choose from, each clipped to the layer.
    skip_zeros : bool
        As for the counts.
    """
    counted = [(tile, layer.count(tile, skip_zeros)) for tile in tiles]
    return {
        name: fewest(Counted(tile, of[name]) for tile, of in counted if name in of)
        for name in TILED
        if any(name in of for _, of in counted)
    }
