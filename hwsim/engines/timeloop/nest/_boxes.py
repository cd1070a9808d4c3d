"""Boxes of points: what tiles are where the loops are walked."""

from __future__ import annotations

import math
from collections.abc import Iterable

Point = tuple[int, ...]
#: Lowest and highest corner (exclusive).
Box = tuple[Point, Point]
Boxes = tuple[Box, ...]


def volume(box: Box) -> int:
    """Count the points of a box."""
    return math.prod(high - low for low, high in zip(*box, strict=True))


def volumes(boxes: Iterable[Box]) -> int:
    """Count the points of disjoint boxes."""
    return sum(map(volume, boxes))


def motion(old: Box, new: Box) -> Point:
    """Find the translation of the centre, rounded as C does."""
    found = []
    for old_low, old_high, new_low, new_high in zip(*old, *new, strict=True):
        difference = (new_low + new_high - old_low - old_high) / 2
        found.append(int(math.copysign(math.floor(abs(difference) + 0.5), difference)))
    return tuple(found)


def subtract(new: Box, old: Box) -> list[Box]:
    """Cut what a box has beyond another into boxes."""
    low, high = map(list, new)
    ranks = range(len(low))
    if any(high[r] <= old[0][r] or old[1][r] <= low[r] for r in ranks):
        return [new]
    parts = []
    for rank in ranks:
        if low[rank] < old[0][rank]:
            end = list(high)
            end[rank] = old[0][rank]
            parts.append((tuple(low), tuple(end)))
            low[rank] = old[0][rank]
        if old[1][rank] < high[rank]:
            start = list(low)
            start[rank] = old[1][rank]
            parts.append((tuple(start), tuple(high)))
            high[rank] = old[1][rank]
    return parts
