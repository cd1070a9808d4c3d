"""From shares saved to counts of accesses at every level.

Rounding follows Timeloop, unless zeros are known: what is saved is rounded down, so what is left
is never too few (reads of results round the other way, because first writes have been taken off
them already).
"""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.engines.timeloop.sparse.conditional_saving import Savings
from hwsim.engines.timeloop.sparse.rounding import TIMELOOP, Rounding
from hwsim.engines.timeloop.sparse.sparse_tile import ComputeTile, FormatCounts, SparseTile
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.errors import InputError

_ACTIONS = ("read", "fill", "update")


@dataclass
class ComputeEffect:
    """What saving operand reads means for the compute units.

    Parameters
    ----------
    saved : list of float or None
        For each data space the share of its innermost reads saved; None if none is.
    """

    saved: list[float | None]


@dataclass
class _Left:
    """Accesses of a tile that are left after savings further out."""

    counts: dict[str, float]
    formats: dict[str, FormatCounts]


def apply_representation(
    problem: Problem, spaces: list[list[SparseTile]], rounding: Rounding = TIMELOOP
) -> None:
    """Leave out accesses to zeros that metadata tell of."""
    for space, tiles in zip(problem.data_spaces, spaces, strict=True):
        for tile in tiles:
            if tile.representation is None or not tile.kept:
                continue
            zeros = 1 - tile.expected_density
            dense, down = tile.dense, rounding.down
            tile.counts["random_read"] = dense.reads - down(dense.reads * zeros)
            tile.counts["random_fill"] = dense.fills - down(dense.fills * zeros)
            if space.read_write:
                tile.counts["random_update"] = dense.updates - down(dense.updates * zeros)


def propagate(
    problem: Problem,
    spaces: list[list[SparseTile]],
    compute: ComputeTile,
    savings: Savings,
    rounding: Rounding = TIMELOOP,
) -> ComputeEffect:
    """Apply the savings of every level to it and to the levels inside it.

    Parameters
    ----------
    problem : Problem
        The problem.
    spaces : list of list of SparseTile
        Changed in place: counts by action.
    compute : ComputeTile
        Changed in place: operations left.
    savings : Savings
        What is saved where.
    rounding : Rounding
        Of counts.
    """
    total = compute.dense
    saved: list[float | None] = [None] * len(spaces)
    for number, (space, tiles) in enumerate(zip(problem.data_spaces, spaces, strict=True)):
        left = [_left(tile) for tile in tiles]
        done: set[int] = set()
        for level in reversed(range(len(tiles))):
            probability = _probability(savings, level, number)
            if probability is None:
                continue
            reaches_units = _save_inside(
                tiles, left, level, number, probability, savings, done, space.read_write, rounding
            )
            if level not in done:
                done.add(level)
                _finish(tiles[level], left[level], metadata_read=left[level].formats["read"])
                if (level, number) in savings.kind:
                    kind = savings.kind[level, number]
                    _save_here(
                        tiles,
                        level,
                        probability,
                        kind,
                        space.read_write,
                        rounding,
                        savings.updated.get((level, number)),
                    )
            if reaches_units and not space.read_write:
                total -= rounding.down(total * probability)
                saved[number] = rounding.share(probability)
        for level, tile in enumerate(tiles):
            if tile.kept and (level, number) not in savings.kind:
                _finish(tile, left[level], metadata_read=left[level].formats["read"])
                _scale_reductions(tile, rounding)
    compute.counts["random_compute"] = int(total) if rounding.rounds else total
    return ComputeEffect(saved)


def _probability(savings: Savings, level: int, number: int) -> float | None:
    place = level, number
    temporal = savings.probability.get(place)
    spatial = savings.spatial.get(place)
    if spatial is None:
        return temporal
    if temporal:
        raise InputError(
            "sparse_optimizations: skipping in space and gating or skipping in time of the same "
            "data space at the same level cannot be modelled together"
        )
    return spatial


def _left(tile: SparseTile) -> _Left:
    counts = {action: tile.counts[f"random_{action}"] for action in _ACTIONS}
    formats = {
        "read": [list(rank) for rank in tile.format_reads],
        "fill": [list(rank) for rank in tile.format_fills],
        "update": [list(rank) for rank in tile.format_updates],
    }
    return _Left(counts, formats)


def _save_inside(
    tiles: list[SparseTile],
    left: list[_Left],
    level: int,
    number: int,
    probability: float,
    savings: Savings,
    done: set[int],
    read_write: bool,
    rounding: Rounding,
) -> bool:
    """Take what is saved at a level off the levels inside it, down to the next that saves.

    Returns whether none inside it saves: then the compute units have it, too.
    """
    for inner in reversed(range(level)):
        here = left[inner]
        for action in _ACTIONS:
            here.counts[action] -= rounding.down(here.counts[action] * probability)
        # A tile that is not read has no metadata to read. Timeloop leaves out those of a single
        # rank, and reads deeper ones all the same.
        single = len(left[level].formats["read"]) == 1
        if tiles[inner].representation is not None and (single or not rounding.rounds):
            for action in ("fill", "read"):
                for rank in here.formats[action]:
                    rank[:] = [count - rounding.down(count * probability) for count in rank]
        place = inner, number
        if place in savings.kind or place in savings.spatial:
            _finish(tiles[inner], here, metadata_read=here.formats["update"])
            if place in savings.kind:
                local = savings.probability[place]
                rest = 1 - probability
                effective = max(1 - (1 - local) / rest, 0.0) if rest else local
                kind = savings.kind[place]
                _save_here(tiles, inner, effective, kind, read_write, rounding, None)
            done.add(inner)
            return False
    return True


def _finish(tile: SparseTile, left: _Left, metadata_read: FormatCounts) -> None:
    for action in _ACTIONS:
        tile.counts[f"random_{action}"] = left.counts[action]
    tile.formats["random_metadata_fill"] = [list(rank) for rank in left.formats["fill"]]
    tile.formats["random_metadata_read"] = [list(rank) for rank in metadata_read]
    tile.formats["random_metadata_update"] = [list(rank) for rank in left.formats["update"]]


def _save_here(
    tiles: list[SparseTile],
    level: int,
    probability: float,
    kind: str,
    read_write: bool,
    rounding: Rounding,
    updated: float | None,
) -> None:
    tile = tiles[level]
    counts = tile.counts
    round_reads = rounding.up if read_write else rounding.down
    updates = rounding.down(counts["random_update"] * probability)
    if updated is None:
        reads = round_reads(counts["random_read"] * probability)
    else:  # every update but the first reads, of those that are left as of all
        first = counts["random_update"] - counts["random_read"]
        reads = updates - (1 - updated) * first
        # Savings may be of whole tiles, where some results of a tile are not updated, though.
        reads = min(max(reads, 0.0), counts["random_read"])
    counts[f"{kind}_read"] = reads
    counts["random_read"] -= reads
    counts[f"{kind}_update"] = updates
    counts["random_update"] -= updates
    child = tile.dense.child
    sent = tiles[child].rank_count if child is not None else tile.rank_count
    for action in ("read", "update"):
        random = tile.formats[f"random_metadata_{action}"]
        saved = tile.formats[f"{kind}_metadata_{action}"]
        for rank in range(min(sent, len(random))):
            for unit in (0, 1):
                delta = rounding.down(random[rank][unit] * probability)
                random[rank][unit] -= delta
                saved[rank][unit] = delta
    if updated is not None:
        tile.dense.temporal_reductions = counts["random_read"]
    elif read_write:
        _scale_reductions(tile, rounding)


def _scale_reductions(tile: SparseTile, rounding: Rounding) -> None:
    """Only updates that happen are added up."""
    dense = tile.dense
    if dense.updates:
        share = dense.temporal_reductions * tile.counts["random_update"] / dense.updates
        dense.temporal_reductions = float(rounding.up(share))
    else:
        dense.temporal_reductions = 0.0


def count_compressions(problem: Problem, spaces: list[list[SparseTile]]) -> None:
    """Count words that change between compressed and plain on their way."""
    for space, tiles in zip(problem.data_spaces, spaces, strict=True):
        for tile in tiles:
            if not tile.kept or tile.compressed:
                continue
            if tile.dense.parent is not None and tiles[tile.dense.parent].compressed:
                parent = tiles[tile.dense.parent]
                if space.read_write:
                    tile.counts["compression_count"] = parent.counts["random_update"]
                tile.counts["decompression_count"] = tile.counts["random_fill"]
            if tile.dense.child is not None and tiles[tile.dense.child].compressed:
                raise InputError(
                    f"sparse_optimizations: {space.name} is compressed inside a level that keeps "
                    "it plain; compression on the way inwards cannot be modelled"
                )
