"""Which activations STONNE's dense controller reads for several outputs at once."""

from __future__ import annotations


def whole_windows_read(tile: int, outputs: int, strides: int) -> bool:
    """Tell whether the controller reads all that the outputs of a tile need along an axis.

    It stops as many places behind the filter as there are outputs in the tile, as if their windows
    were next to one another (``SDMemory::cycle`` of stonne-simulator/stonne at 22634b8b), and sends
    zeros from there on. Outputs that the layer has not may get them.

    Parameters
    ----------
    tile : int
        Outputs of the tile along the axis.
    outputs : int
        Outputs of the layer along it.
    strides : int
        Places from one window to the next.
    """
    return (min(tile, outputs) - 1) * strides < tile


def least_tile_with_whole_windows(outputs: int, strides: int) -> int:
    """Give the smallest tile for which all outputs of an axis are right at once."""
    return (outputs - 1) * strides + 1
