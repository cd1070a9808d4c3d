"""Tiles as the levels see them: bypassed levels removed, traffic split into reads and writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hwsim.engines.timeloop.nest.loops import Bools, Floats
from hwsim.engines.timeloop.nest.traffic import Traffic, sum_rows
from hwsim.engines.timeloop.terms.problem import Ints


@dataclass(frozen=True)
class LevelRules:
    """How a storage level treats one data space.

    Parameters
    ----------
    distributes : bool
        Whether the network below may split multicasts among receivers (``network_type: M:N``).
    no_coalesce : bool
        Whether accesses pass through one by one.
    rmw_first_update : bool
        Whether it reads before its first write.
    """

    distributes: bool = False
    no_coalesce: bool = False
    rmw_first_update: bool = False


@dataclass
class TileRows:
    """One data space at one storage level, dense. Rows of mappings; counts of one instance.

    Parameters
    ----------
    size, partition_size : ndarray of float
        Points of the tile; points of the tensor that the instance ever holds. 0 if bypassed.
    traffic : Traffic
        To the children.
    distributed : Traffic or None
        The children's own long-distance traffic where the network distributes multicasts.
    fanout, instances : ndarray of float
        Children of an instance; instances that work.
    content_accesses, parent_share, peer : ndarray of float
        Accesses on behalf of children; words from the parent; words from (and to) neighbours.
    kept : ndarray of bool
        Whether the level stores the data space.
    reads, fills, updates : ndarray of float
        Scalar actions.
    """

    size: Floats
    partition_size: Floats
    traffic: Traffic
    fanout: Floats
    instances: Floats
    content_accesses: Floats
    parent_share: Floats
    peer: Floats
    kept: Bools
    reads: Floats
    fills: Floats
    updates: Floats
    distributed: Traffic | None = None

    def clear(self, where: Bools) -> None:
        """Bypass the level in some mappings."""
        for name in ("size", "partition_size", "content_accesses", "parent_share"):
            setattr(self, name, np.where(where, 0.0, getattr(self, name)))
        self.kept = self.kept & ~where


def collapse(
    sizes: Floats,
    spread: Floats,
    traffic: Sequence[Traffic],
    fanout: Floats,
    instances: Floats,
    keep: Bools,
    rules: Sequence[LevelRules],
    read_write: bool,
    partitions: Sequence[Floats] | None = None,
) -> tuple[list[TileRows], Ints]:
    """Turn the traffic of one data space into actions of the levels.

    Parameters
    ----------
    sizes, spread : ndarray of float, shape (levels, mappings)
        Points of each level's tile, and of the tiles of all children of an instance.
    traffic : sequence of Traffic
        Of each level if all levels kept the data space. Changed in place.
    fanout, instances : ndarray of float, shape (levels, mappings)
        Of each level.
    keep : ndarray of bool, shape (levels, mappings)
        What is stored.
    rules : sequence of LevelRules
        Of each level.
    read_write : bool
        Whether it is a result.
    partitions : sequence of ndarray of float, optional
        Points of the tensor that an instance of each level ever holds, where they are known.

    Returns
    -------
    tiles : list of TileRows
        By storage level, innermost first.
    uneven : ndarray of int, shape (mappings,)
        1 + the level whose network would have to split unlike multicasts, which it cannot; else 0.
    """
    tiles = []
    for level, size in enumerate(sizes):
        zero = np.zeros_like(size)
        tiles.append(
            TileRows(
                size=size,
                partition_size=size,
                traffic=traffic[level],
                fanout=fanout[level],
                instances=instances[level],
                content_accesses=traffic[level].total,
                parent_share=zero,
                peer=zero,
                kept=keep[level],
                reads=zero,
                fills=zero,
                updates=zero,
            )
        )
    if partitions is None:
        _partition(tiles, spread)
    else:
        for tile, points in zip(tiles, partitions, strict=True):
            tile.partition_size = points
    for tile, outer in pairwise(tiles):
        of_ways = outer.traffic.accesses * outer.traffic.multicast / outer.fanout
        tile.parent_share = sum_rows(of_ways)
    uneven = _distribute(tiles, rules)
    _bypass(tiles, rules)
    outermost = _bypass_outermost(tiles, rules)
    for inner, outer in pairwise(tiles):
        inner.peer = outer.traffic.links / inner.instances
    for tile, last, rule in zip(tiles, outermost, rules, strict=True):
        _split(tile, read_write, last, rule)
    return tiles, uneven


def _partition(tiles: list[TileRows], spread: Floats) -> None:
    """Share the whole tensor among instances; in integers, as the products pass 2**53."""
    whole = tiles[-1].size.astype(np.int64)
    for tile, outer, together in zip(tiles[-2::-1], tiles[:0:-1], spread[:0:-1], strict=True):
        size = tile.size.astype(np.int64)
        share = np.where(outer.fanout > 1, together.astype(np.int64), size)
        whole = whole * size // share
        tile.partition_size = whole.astype(np.float64)


def _distribute(tiles: list[TileRows], rules: Sequence[LevelRules]) -> Ints:
    """Split a tile among the instances that share it, where the network can gather it again."""
    uneven = np.zeros(len(tiles[0].size), dtype=np.int64)
    if not any(rule.distributes for rule in rules):
        return uneven
    left = np.ones(len(uneven), dtype=bool)
    for level, (tile, outer) in enumerate(pairwise(tiles)):
        if not rules[level].distributes:
            continue
        unlike = left & ((outer.traffic.ways != 1) | (tile.traffic.ways != 1))
        uneven[unlike] = level + 1
        left = left & ~unlike
        split = left & (outer.traffic.multicast[0] > 1)
        if split.any():
            _distribute_tile(tile, outer, split)
            left = left & ~split  # only the innermost such network does
    return uneven


def _distribute_tile(tile: TileRows, outer: TileRows, where: Bools) -> None:
    traffic = outer.traffic
    multicast = np.where(where, traffic.multicast[0], 1.0)
    gathered = np.where(where, tile.traffic.accesses[0], 0.0)
    outer.distributed = Traffic.uniform(multicast, np.where(where, traffic.sets[0], 0.0), gathered)
    np.divide(
        traffic.hops[0] * gathered, traffic.accesses[0], outer.distributed.hops[0], where=where
    )
    traffic.sets = traffic.sets * multicast
    traffic.multicast = np.where(where, 1.0, traffic.multicast)
    traffic.hops[0] = np.where(where, traffic.unicast_hops[0], traffic.hops[0])
    # rounded up; of nothing nothing
    tile.size = np.where(where, 1 + np.floor_divide(tile.size - 1, multicast), tile.size)
    part = 1 + np.floor_divide(tile.partition_size - 1, multicast)
    tile.partition_size = np.where(where, part, tile.partition_size)
    for name in ("content_accesses", "parent_share"):
        count = getattr(tile, name)
        setattr(tile, name, np.where(where, 1 + (count - 1) / multicast, count))


def _bypass(tiles: list[TileRows], rules: Sequence[LevelRules]) -> None:
    for (tile, outer), rule in zip(pairwise(tiles), rules, strict=False):
        skipped = np.ones_like(tile.kept) if rule.no_coalesce else ~tile.kept
        if skipped.any():
            delivered = outer.traffic.delivered
            some = skipped & (delivered != 0)
            asked = tile.content_accesses * outer.fanout
            factor = np.divide(asked, delivered, np.ones_like(delivered), where=some)
            outer.traffic.accesses = outer.traffic.accesses * factor
            outer.traffic.links = np.where(skipped, 0.0, outer.traffic.links)
            outer.content_accesses = np.where(skipped, outer.traffic.total, outer.content_accesses)
            tile.clear(~tile.kept)


def _bypass_outermost(tiles: list[TileRows], rules: Sequence[LevelRules]) -> list[Bools]:
    """Cut what lies above the outermost level that stores; returns which level that is."""
    found: list[Bools] = []
    below = np.zeros(len(tiles[0].size), dtype=bool)
    for tile, rule in zip(reversed(tiles), reversed(rules), strict=True):
        stores = np.zeros_like(tile.kept) if rule.no_coalesce else tile.kept
        last = stores & ~below
        below = below | stores
        found.insert(0, last)
        tile.parent_share = np.where(last, 0.0, tile.parent_share)
        cut = ~below
        if cut.any():
            tile.clear(cut)
            tile.traffic.cut(cut)
            tile.fanout = np.where(cut, 0.0, tile.fanout)
    return found


def _split(tile: TileRows, read_write: bool, outermost: Bools, rule: LevelRules) -> None:
    """Split accesses into reads, fills and updates; first writes need no read."""
    if not tile.kept.any():
        return
    accesses = tile.content_accesses + tile.peer
    arriving = tile.parent_share + tile.peer
    if not read_write:
        tile.reads = np.where(tile.kept, _rounded(accesses), 0.0)
        tile.fills = np.where(tile.kept, np.floor(arriving), 0.0)
        return
    tile.updates = np.where(tile.kept, _rounded(tile.content_accesses), 0.0)
    if rule.no_coalesce:
        tile.reads = tile.fills = np.where(tile.kept, _rounded(accesses), 0.0)
        return
    elided = np.zeros_like(accesses) if rule.rmw_first_update else tile.partition_size
    tile.reads = np.where(tile.kept, _rounded(accesses - elided), 0.0)
    fills = _rounded(np.where(outermost, arriving, arriving - elided))
    tile.fills = np.where(tile.kept, fills, 0.0)


def _rounded(values: Floats) -> Floats:
    """Round as C does: halves away from zero."""
    return np.copysign(np.floor(np.abs(values) + 0.5), values)
