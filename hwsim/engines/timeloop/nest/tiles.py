"""Tiles as the levels see them: bypassed levels removed, traffic split into reads and writes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

from hwsim.engines.timeloop.nest.nest import NestAnalysis
from hwsim.engines.timeloop.nest.reuse import Traffic
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.errors import InputError


@dataclass
class Tile:
    """One data space at one storage level, dense, for one instance.

    A tile of size 0 is bypassed. Counts are of scalars.

    Parameters
    ----------
    size, partition_size : int
        Points of the tile; points of the tensor that the instance ever holds.
    traffic, distributed : Traffic
        To the children, and the children's own long-distance traffic where the network
        distributes multicasts.
    fanout, instances : int
        Children of an instance; instances that work.
    content_accesses : float
        Accesses of the instance on behalf of its children.
    parent_share : float
        Words that the instance gets from its parent.
    peer : float
        Words that it gets from (and gives to) neighbours.
    reads, fills, updates : int
        Scalar actions.
    temporal_reductions : float
        Additions of an arriving partial sum to a stored one.
    parent, child : int or None
        The next levels outwards and inwards that keep the data space.
    """

    size: int
    partition_size: int
    traffic: Traffic
    fanout: int
    instances: int
    content_accesses: float
    no_coalesce: bool
    rmw_first_update: bool
    distributed: Traffic = field(default_factory=Traffic)
    parent_share: float = 0.0
    peer: float = 0.0
    reads: int = 0
    fills: int = 0
    updates: int = 0
    temporal_reductions: float = 0.0
    parent: int | None = None
    child: int | None = None

    @property
    def kept(self) -> bool:
        """Whether the level stores the data space."""
        return self.size > 0


def collapse(
    problem: Problem, mapping: LoopMapping, machine: Machine, nest: NestAnalysis
) -> list[list[Tile]]:
    """Turn the nest analysis into actions of the levels.

    Parameters
    ----------
    problem, mapping, machine
        What is computed, how, and where.
    nest : NestAnalysis
        Its dictionaries of accesses are changed in place where levels are bypassed.

    Returns
    -------
    list of list of Tile
        By data space, then storage level (innermost first).
    """
    spaces = []
    for number, space in enumerate(problem.data_spaces):
        if not any(level.keep[number] for level in mapping.levels):
            raise InputError(
                f"mapping: no storage level keeps {space.name}; let at least one keep it"
            )
        tiles = _whole_tiles(nest, mapping, number)
        _parent_shares(tiles)
        _distribute(tiles, machine)
        keep = [level.keep[number] for level in mapping.levels]
        _bypass(tiles, keep)
        _bypass_outermost(tiles, keep)
        _peers(tiles)
        for level, tile in enumerate(tiles):
            outermost = not any(outer.kept for outer in tiles[level + 1 :])
            _split(tile, space.read_write, outermost)
        _link(tiles)
        spaces.append(tiles)
    return spaces


def _whole_tiles(nest: NestAnalysis, mapping: LoopMapping, number: int) -> list[Tile]:
    tiles = []
    for level, here in enumerate(mapping.levels):
        found = nest.levels[level][number]
        tiles.append(
            Tile(
                size=found.size,
                partition_size=found.size,
                traffic=found.traffic,
                fanout=nest.fanout[level],
                instances=nest.instances[level],
                content_accesses=found.traffic.total,
                no_coalesce=here.no_coalesce[number],
                rmw_first_update=here.rmw_first_update[number],
            )
        )
    for level in range(len(tiles) - 2, -1, -1):
        outer = nest.levels[level + 1][number]
        share = int(outer.spread_size) if nest.fanout[level + 1] > 1 else tiles[level].size
        tiles[level].partition_size = tiles[level + 1].partition_size * tiles[level].size // share
    return tiles


def _parent_shares(tiles: list[Tile]) -> None:
    for tile, outer in pairwise(tiles):
        for (multicast, _), entry in outer.traffic.accesses.items():
            tile.parent_share += (entry[0] * multicast) / outer.fanout


def _distribute(tiles: list[Tile], machine: Machine) -> None:
    """Split a tile among the instances that share it, where the network can gather it again."""
    for level in range(len(tiles) - 1):
        if not machine.levels[level].distributes_multicast:
            continue
        tile, outer = tiles[level], tiles[level + 1]
        if len(outer.traffic.accesses) != 1 or len(tile.traffic.accesses) != 1:
            raise InputError(
                f"{machine.levels[level].name}: network_type M:N needs one multicast factor for "
                "all children; choose spatial loops without sliding windows or another network"
            )
        ((multicast, scatter), entry) = next(iter(outer.traffic.accesses.items()))
        ((_, _), inner) = next(iter(tile.traffic.accesses.items()))
        if multicast > 1:
            outer.distributed.accesses[multicast, scatter] = [
                inner[0],
                entry[1] * inner[0] / entry[0],
                0.0,
            ]
            outer.traffic.accesses = {(1, multicast * scatter): [entry[0], entry[2], 0.0]}
            tile.size = 1 + (tile.size - 1) // multicast
            tile.partition_size = 1 + (tile.partition_size - 1) // multicast
            tile.content_accesses = 1 + (tile.content_accesses - 1) / multicast
            tile.parent_share = 1 + (tile.parent_share - 1) / multicast
            return


def _bypass(tiles: list[Tile], keep: list[bool]) -> None:
    for level, tile in enumerate(tiles):
        if tile.size == 0 or (keep[level] and not tile.no_coalesce):
            continue
        outer = next((other for other in tiles[level + 1 :] if other.kept), None)
        if outer is None:
            _clear(tile)
            break
        factor = tile.content_accesses * outer.fanout / outer.traffic.delivered
        for entry in outer.traffic.accesses.values():
            if entry[0]:
                entry[0] *= factor
        outer.traffic.link_transfers = 0.0
        outer.content_accesses = outer.traffic.total
        if not keep[level]:
            _clear(tile)


def _clear(tile: Tile) -> None:
    tile.size = 0
    tile.partition_size = 0
    tile.content_accesses = 0.0
    tile.parent_share = 0.0


def _bypass_outermost(tiles: list[Tile], keep: list[bool]) -> None:
    for tile, kept in zip(reversed(tiles), reversed(keep), strict=True):
        if kept and not tile.no_coalesce:
            tile.parent_share = 0.0
            return
        _clear(tile)
        tile.traffic = Traffic()
        tile.fanout = 0


def _peers(tiles: list[Tile]) -> None:
    for inner, outer in pairwise(tiles):
        if outer.traffic.link_transfers:
            inner.peer += outer.traffic.link_transfers / inner.instances


def _split(tile: Tile, read_write: bool, outermost: bool) -> None:
    """Split accesses into reads, fills and updates; first writes need no read."""
    if not tile.kept:
        return
    accesses = tile.content_accesses + tile.peer
    if not read_write:
        tile.reads = round_half_away(accesses)
        tile.fills = int(tile.parent_share + tile.peer)
        return
    tile.updates = round_half_away(tile.content_accesses)
    if tile.no_coalesce:
        tile.reads = tile.fills = round_half_away(accesses)
        tile.temporal_reductions = float(tile.reads)
        return
    elided = 0 if tile.rmw_first_update else tile.partition_size
    tile.reads = round_half_away(accesses - elided)
    tile.temporal_reductions = float(tile.reads)
    arriving = tile.parent_share + tile.peer
    tile.fills = round_half_away(arriving if outermost else arriving - elided)


def _link(tiles: list[Tile]) -> None:
    kept = [level for level, tile in enumerate(tiles) if tile.kept]
    for inner, outer in pairwise(kept):
        tiles[inner].parent = outer
        tiles[outer].child = inner


def round_half_away(value: float) -> int:
    """Round as C does: halves away from zero."""
    return math.floor(abs(value) + 0.5) * (-1 if value < 0 else 1)
