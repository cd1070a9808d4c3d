"""Metadata of tiles whose zeros are known: counted, as an encoder that walks a tile writes them.

A fiber is written if it holds a non-zero, and so is a tile: what is empty is told of further out.
Below a rank that leaves nothing out (U, UB) every fiber is written. A written fiber has, by format,

- UOP: an offset for each coordinate, and one for the end;
- CP: a coordinate, and a payload, for each coordinate that is not empty;
- RLE: a run, and a payload, for each coordinate that is not empty;
- B, UB: a bit for each coordinate, and a payload for each (B: that is not empty);
- U: nothing.

The payload of the innermost rank is the data themselves, unless it is of offsets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from hwsim.engines.timeloop.density._tile_counts import (
    Counts,
    block_sums,
    narrowest,
    tile_points,
)
from hwsim.engines.timeloop.density.actual_density import ActualData, Bools
from hwsim.engines.timeloop.terms.formats import FormatName
from hwsim.engines.timeloop.terms.problem import Box

#: Metadata and payload units of a rank, for every tile of the grid.
Units = tuple[Counts, Counts]
_PLAIN: Final = frozenset({"u", "ub"})


def encoded_units(
    density: ActualData, subtiles: Sequence[Box], formats: Sequence[FormatName | None]
) -> list[Units]:
    """Count the units of each rank, innermost first.

    Parameters
    ----------
    density : ActualData
        Of the tensor.
    subtiles : sequence of Box
        Lengths of a coordinate of each rank, innermost first, then those of the tile.
    formats : sequence of FormatName or None
        Of each rank; None for one that the hardware leaves out.

    Returns
    -------
    list of (ndarray of int, ndarray of int)
        Metadata and payload units of each rank, for every tile of the grid.
    """
    tile = subtiles[-1]
    occupied = [density.occupied(box) for box in subtiles]
    outermost = next((form for form in reversed(formats) if form is not None), None)
    written = np.ones_like(occupied[-1]) if outermost in _PLAIN else occupied[-1]
    units: list[Units] = []
    for rank in reversed(range(len(formats))):
        form, elements = formats[rank], occupied[rank]
        fiber = _ratio(subtiles[rank + 1], subtiles[rank])
        fibers = _ratio(tile, subtiles[rank + 1])
        count = block_sums(written, fibers)
        bits = _coordinates(written, count, fiber, fibers, elements.shape)
        if math.prod(subtiles[rank]) == 1:
            present = density.occupancies(tile)
        else:
            present = block_sums(elements, _ratio(tile, subtiles[rank]))
        units.append(_units(form, count, bits, present))
        if form in _PLAIN:
            written = _spread(written, fiber, elements.shape)
        elif form is not None:
            written = elements
    return _without_data(units[::-1], formats)


def _coordinates(
    written: Bools, count: Counts, fiber: Box, fibers: Box, shape: tuple[int, ...]
) -> Counts:
    """Count the coordinates of the fibers of each tile; fibers at the far edges may be shorter."""
    if any(extent % length for extent, length in zip(shape, fiber, strict=True)):
        return block_sums(written * tile_points(shape, fiber), fibers)
    length = math.prod(fiber)
    return np.multiply(count, length, dtype=narrowest(int(count.max()) * length))


def _units(form: FormatName | None, fibers: Counts, coordinates: Counts, present: Counts) -> Units:
    """Count one rank: from fibers that are written, their coordinates, and those not empty."""
    nothing = np.zeros_like(fibers)
    if form is None or form == "u":
        return nothing, nothing
    if form == "uop":
        width = narrowest(int(coordinates.max()) + int(fibers.max()))
        return nothing, np.add(coordinates, fibers, dtype=width)
    if form == "ub":
        return coordinates, coordinates
    return (coordinates if form == "b" else present), present


def _without_data(units: list[Units], formats: Sequence[FormatName | None]) -> list[Units]:
    innermost = next((rank for rank, form in enumerate(formats) if form not in (None, "u")), None)
    if innermost is not None and formats[innermost] != "uop":
        metadata, payload = units[innermost]
        units[innermost] = metadata, np.zeros_like(payload)
    return units


def _ratio(outer: Box, inner: Box) -> Box:
    return tuple(-(-long // short) for long, short in zip(outer, inner, strict=True))


def _spread(fibers: Bools, fiber: Box, shape: tuple[int, ...]) -> Bools:
    """Give each coordinate what holds for its fiber."""
    for axis, length in enumerate(fiber):
        fibers = fibers.repeat(length, axis=axis)
    return fibers[tuple(slice(extent) for extent in shape)]
