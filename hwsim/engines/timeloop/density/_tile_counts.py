"""Counts of non-zeros in tiles that lie on grids over a tensor, in the narrowest integers.

A grid of single points is as large as the tensor: in 64-bit integers eight times as large as its
mask, and a layer of 10**8 weights would take gigabytes.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.density._double_double import Floats
from hwsim.engines.timeloop.density._extended import Ints

#: Whole numbers of any width; never negative.
Counts = npt.NDArray[np.unsignedinteger[Any]]
_AT_ONCE: Final = 2**20


def narrowest(most: int) -> np.dtype[np.unsignedinteger[Any]]:
    """Find the narrowest type that holds counts of at most so many."""
    return np.min_scalar_type(most)


def block_sums(counts: Counts | npt.NDArray[np.bool_], box: tuple[int, ...]) -> Counts:
    """Sum over the tiles of a grid that starts at the origin; those at the far edges are smaller.

    Parameters
    ----------
    counts : ndarray
        Counts, or booleans to count.
    box : tuple of int
        Lengths of a tile along the axes.
    """
    grid: Counts = counts.view(np.uint8) if counts.dtype == np.bool_ else counts  # type: ignore[assignment]
    most = int(grid.max(initial=0))
    for axis, length in enumerate(box):
        if length == 1:
            continue
        extent = grid.shape[axis]
        most *= min(length, extent)
        inside = math.prod(grid.shape[axis + 1 :])
        if inside > 1 and extent % length == 0:
            # Much faster than reduceat, but slower along rows.
            split = (*grid.shape[:axis], extent // length, length, *grid.shape[axis + 1 :])
            grid = grid.reshape(split).sum(axis=axis + 1, dtype=narrowest(most))
        else:
            starts = np.arange(0, extent, length)
            grid = np.add.reduceat(grid, starts, axis=axis, dtype=narrowest(most))
    return grid


def tile_points(shape: tuple[int, ...], box: tuple[int, ...]) -> Counts:
    """Count the points of each tile of a grid over a tensor of this shape."""
    width = narrowest(int(np.prod(box)))
    points: Counts = np.ones((1,) * len(shape), dtype=width)
    for axis, (extent, length) in enumerate(zip(shape, box, strict=True)):
        tiles = -(-extent // length)
        lengths = np.full(tiles, length, dtype=width)
        lengths[-1] = extent - (tiles - 1) * length
        points = points * lengths.reshape([-1 if each == axis else 1 for each in range(len(shape))])
    return points


def tally(counts: Counts) -> tuple[Ints, Ints]:
    """Find the different counts, ascending, and how often each is there."""
    if counts.itemsize > 2:  # few: a tile has to hold 2**16 points
        different, times = np.unique(counts, return_counts=True)
        return different.astype(np.int64), times
    flat = counts.reshape(-1)
    found: Ints = np.zeros(2 ** (8 * counts.itemsize), dtype=np.int64)
    for first in range(0, flat.size, _AT_ONCE):  # in parts, as bincount widens what it counts
        found += np.bincount(flat[first : first + _AT_ONCE], minlength=len(found))
    (values,) = found.nonzero()
    return values, found[values]


def _count_by(chosen: npt.NDArray[np.bool_], wholes: tuple[int, ...]) -> Counts:
    """Count the chosen parts inside each whole of a coarser grid of this shape."""
    parts: Counts = chosen.view(np.uint8)
    most = 1
    for axis, count in enumerate(wholes):
        length = parts.shape[axis]
        if length == count:
            continue
        first = -(-np.arange(count) * length // count)
        most *= int(np.diff(first, append=length).max())
        parts = np.add.reduceat(parts, first, axis=axis, dtype=narrowest(most))
    return parts


def empty_share(parts: Counts, wholes: Counts, occupancies: Ints) -> Floats:
    """Share of empty parts among the wholes of each occupancy; parts lie inside wholes.

    An occupancy that no whole has gives the share of all.
    """
    empty = _count_by(parts == 0, wholes.shape)
    parts_each = parts.size / wholes.size
    shares = np.zeros(len(occupancies))
    for number, occupancy in enumerate(occupancies.tolist()):
        chosen = wholes == occupancy
        shares[number] = (empty[chosen] if chosen.any() else empty).mean() / parts_each
    return shares


def most_elements(elements: Counts, fibers: tuple[int, ...]) -> int:
    """Most non-empty elements that any fiber holds, of a coarser grid of this shape."""
    return int(_count_by(elements != 0, fibers).max())
