"""The loops of MAERI's controller over a tiled convolution.

For each input, group and set of filters (an *iteration*) the controller sends the weights of all
folds, then for each position of the tile on the output, row by row, what the multipliers need in
each fold. A *fold* is a piece of the reduction; a *step* is one position in one fold
(stonne-simulator/stonne at 22634b8b, ``SDMemory::cycle``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.maeri.operation import Convolution, Tile


def _steps(size: int, tile: int) -> int:
    return -(-size // tile)


@dataclass(frozen=True)
class Loops:
    """A convolution in tiles on a machine.

    Parameters
    ----------
    layer : Convolution
        What is run.
    tile : Tile
        What of it is on the multipliers at once.
    machine : MaeriMachine
        What runs it.
    """

    layer: Convolution
    tile: Tile
    machine: MaeriMachine

    @cached_property
    def fold_sizes(self) -> tuple[int, int, int]:
        """Folds along channels, rows and columns of a filter."""
        layer, tile = self.layer, self.tile
        return (
            _steps(layer.channels, tile.C),
            _steps(layer.R, tile.R),
            _steps(layer.S, tile.S),
        )

    @cached_property
    def folds(self) -> int:
        """Pieces of the reduction."""
        channels, rows, columns = self.fold_sizes
        return channels * rows * columns

    @cached_property
    def sums_return(self) -> bool:
        """Whether partial sums come back from the buffer, to a multiplier of each neuron."""
        return self.folds > 1 and not self.machine.sums_stay

    @cached_property
    def neuron_size(self) -> int:
        """Multipliers of a virtual neuron."""
        return self.tile.products + self.sums_return

    @cached_property
    def batches(self) -> int:
        """Iterations over inputs."""
        return _steps(self.layer.N, self.tile.N)

    @cached_property
    def group_sets(self) -> int:
        """Iterations over groups."""
        return _steps(self.layer.G, self.tile.G)

    @cached_property
    def filter_sets(self) -> int:
        """Iterations over the filters of a group."""
        return _steps(self.layer.filters, self.tile.K)

    @cached_property
    def iterations(self) -> int:
        """How often weights are sent."""
        return self.batches * self.group_sets * self.filter_sets

    @cached_property
    def rows(self) -> int:
        """Positions of the tile along the rows of the output."""
        return _steps(self.layer.rows, self.tile.X)

    @cached_property
    def columns(self) -> int:
        """Positions along its columns."""
        return _steps(self.layer.columns, self.tile.Y)

    @cached_property
    def positions(self) -> int:
        """Positions of the tile on the output."""
        return self.rows * self.columns

    @cached_property
    def steps(self) -> int:
        """Steps of an iteration."""
        return self.positions * self.folds

    @cached_property
    def forwards(self) -> bool:
        """Whether a multiplier takes the activation of its neighbour for the next column.

        Then only the last column of a filter is sent, but for the first position of a row.
        """
        layer, tile = self.layer, self.tile
        return tile.Y == 1 and tile.S > 1 and layer.strides == 1 and layer.S % tile.S == 0

    @cached_property
    def received(self) -> int:
        """Values that the memory receives in an iteration, those beside the output included."""
        return self.positions * self.tile.neurons * (self.folds if self.sums_return else 1)

    def needed(self, iteration: int) -> int:
        """Values that the memory has to have received before an iteration begins.

        The controller counts by the size of the output, so a tile that reaches over its edge, or
        that has several inputs, lets the next iteration begin early.
        """
        layer, tile = self.layer, self.tile
        group, filters = divmod(iteration % (self.group_sets * self.filter_sets), self.filter_sets)
        turn = group * tile.G * layer.filters + filters * tile.K * tile.G
        return turn * layer.rows * layer.columns * (self.folds if self.sums_return else 1)

    @cached_property
    def one_after_the_other(self) -> bool:
        """Whether every iteration waits for the last value of the one before."""
        return all(
            self.needed(iteration) == iteration * self.received
            for iteration in range(1, self.iterations)
        )
