"""Tiles of a batch of mappings: bypassed levels removed, traffic split into reads and writes.

The same steps as in ``tiles.py``, each on rows of candidates.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hwsim.engines.timeloop.mapper.batch_loops import Floats
from hwsim.engines.timeloop.mapper.batch_sharing import BatchTraffic
from hwsim.engines.timeloop.mapper.candidates import Bools


@dataclass
class BatchTile:
    """One data space at one storage level. Rows of candidates; counts of one instance.

    Parameters
    ----------
    size, partition : ndarray of float
        Points of the tile; points of the tensor that the instance ever holds. 0 if bypassed.
    traffic : BatchTraffic
        To the children.
    fanout, instances : ndarray of float
        Children of an instance; instances that work.
    content, share, peer : ndarray of float
        Accesses on behalf of children; words from the parent; words from neighbours.
    kept : ndarray of bool
        Whether the level stores the data space.
    reads, fills, updates : ndarray of float
        Scalar actions.
    """

    size: Floats
    partition: Floats
    traffic: BatchTraffic
    fanout: Floats
    instances: Floats
    content: Floats
    share: Floats
    peer: Floats
    kept: Bools
    reads: Floats
    fills: Floats
    updates: Floats


def batch_tiles(
    sizes: list[Floats],
    spread: list[Floats],
    traffic: list[BatchTraffic],
    fanout: list[Floats],
    instances: list[Floats],
    keep: Bools,
    read_write: bool,
    rmw_first_update: list[bool],
) -> list[BatchTile]:
    """Turn the traffic of one data space into actions.

    Parameters
    ----------
    sizes, spread : list of ndarray of float
        Points of each level's tile, and of the tiles of all children of an instance.
    traffic : list of BatchTraffic
        Of each level if all levels kept the data space. Changed in place.
    fanout, instances : list of ndarray of float
        Of each level.
    keep : ndarray of bool, shape (levels, candidates)
        What is stored.
    read_write : bool
        Whether it is a result.
    rmw_first_update : list of bool
        Whether a level reads before its first write.
    """
    tiles = []
    for level, size in enumerate(sizes):
        zero = np.zeros_like(size)
        tiles.append(
            BatchTile(
                size,
                size,
                traffic[level],
                fanout[level],
                instances[level],
                traffic[level].total,
                zero,
                zero,
                keep[level],
                zero,
                zero,
                zero,
            )
        )
    for tile, outer, share in zip(tiles[-2::-1], tiles[:0:-1], spread[:0:-1], strict=True):
        whole = np.where(outer.fanout > 1, share, tile.size)
        tile.partition = np.floor_divide(outer.partition * tile.size, whole)
    for tile, outer in pairwise(tiles):
        for accesses, multicast in zip(
            outer.traffic.accesses, outer.traffic.multicast, strict=True
        ):
            tile.share = tile.share + (accesses * multicast) / outer.fanout
    _bypass(tiles)
    outermost = _bypass_outermost(tiles)
    for inner, outer in pairwise(tiles):
        inner.peer = outer.traffic.links / inner.instances
    for tile, last, rmw in zip(tiles, outermost, rmw_first_update, strict=True):
        _split(tile, read_write, last, rmw)
    return tiles


def _bypass(tiles: list[BatchTile]) -> None:
    for tile, outer in pairwise(tiles):
        skipped = ~tile.kept
        if skipped.any():
            delivered = outer.traffic.delivered
            some = skipped & (delivered != 0)
            factor = np.where(
                some, tile.content * outer.fanout / np.where(some, delivered, 1.0), 1.0
            )
            outer.traffic.accesses = outer.traffic.accesses * factor
            outer.traffic.links = np.where(skipped, 0.0, outer.traffic.links)
            outer.content = np.where(skipped, outer.traffic.total, outer.content)
            _clear(tile, skipped)
    _clear(tiles[-1], ~tiles[-1].kept)


def _clear(tile: BatchTile, where: Bools) -> None:
    tile.size = np.where(where, 0.0, tile.size)
    tile.partition = np.where(where, 0.0, tile.partition)
    tile.content = np.where(where, 0.0, tile.content)
    tile.share = np.where(where, 0.0, tile.share)


def _bypass_outermost(tiles: list[BatchTile]) -> list[Bools]:
    """Cut what lies above the outermost level that stores; returns which level that is."""
    found: list[Bools] = []
    above = np.zeros(len(tiles[0].size), dtype=bool)
    for tile in reversed(tiles):
        last = tile.kept & ~above
        above = above | tile.kept
        found.insert(0, last)
        tile.share = np.where(last, 0.0, tile.share)
        cut = ~above
        if cut.any():
            tile.traffic.sets = np.where(cut, 0.0, tile.traffic.sets)
            tile.traffic.accesses = np.where(cut, 0.0, tile.traffic.accesses)
            tile.traffic.links = np.where(cut, 0.0, tile.traffic.links)
            tile.fanout = np.where(cut, 0.0, tile.fanout)
    return found


def _split(tile: BatchTile, read_write: bool, outermost: Bools, rmw: bool) -> None:
    accesses = tile.content + tile.peer
    arriving = tile.share + tile.peer
    if not read_write:
        tile.reads = np.where(tile.kept, _rounded(accesses), 0.0)
        tile.fills = np.where(tile.kept, np.floor(arriving), 0.0)
        return
    elided = np.zeros_like(tile.partition) if rmw else tile.partition
    tile.updates = np.where(tile.kept, _rounded(tile.content), 0.0)
    tile.reads = np.where(tile.kept, _rounded(accesses - elided), 0.0)
    fills = _rounded(np.where(outermost, arriving, arriving - elided))
    tile.fills = np.where(tile.kept, fills, 0.0)


def _rounded(values: Floats) -> Floats:
    """Round as C does: halves away from zero."""
    return np.copysign(np.floor(np.abs(values) + 0.5), values)
