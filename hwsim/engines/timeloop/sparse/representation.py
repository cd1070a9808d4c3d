"""Laying the loops of compressed tiles onto the ranks of their formats.

The rules are Sparseloop's: trivial loops take no rank; a rank takes one loop, or as many as its
flattening rule allows; a compressed level has to know the ranks of the compressed tile below it
(the tensor is tiled beforehand), so its innermost ranks are the child's.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

from hwsim.engines.timeloop.sparse.sparse_tile import Fibertree, LoopExtents, SparseTile
from hwsim.engines.timeloop.terms.formats import RankFormat, Representation
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import Loop
from hwsim.engines.timeloop.terms.problem import Box, DataSpace, Ints, Problem, volume
from hwsim.errors import InputError

#: A loop of a tile and the box that it and the loops inside it cover.
_Walked = tuple[Loop, Box]
_Ranks = tuple[list[tuple[Loop, ...]], list[Box]]


def check_representations(
    problem: Problem, spaces: list[list[SparseTile]], machine: Machine
) -> None:
    """Refuse representations that would have to be changed on the way, where nothing can.

    Raises
    ------
    InputError
        If a level would have to compress, decompress or partition tiles and cannot.
    """
    for space, tiles in zip(problem.data_spaces, spaces, strict=True):
        kept = [(level, tile) for level, tile in enumerate(tiles) if tile.kept]
        for (inner, tile), (outer, parent) in pairwise(kept):
            level = machine.levels[inner]
            if parent.compressed and not tile.compressed:
                if not level.decompresses:
                    raise InputError(
                        f"{level.name}: {space.name} is compressed in {machine.levels[outer].name} "
                        "and plain here, but decompression_supported is not set"
                    )
                if space.read_write and not level.compresses:
                    raise InputError(
                        f"{level.name}: {space.name} is plain here and compressed in "
                        f"{machine.levels[outer].name}, but compression_supported is not set"
                    )
            if parent.compressed and tile.compressed and parent.rank_count < tile.rank_count:
                raise InputError(
                    f"{machine.levels[outer].name}: {space.name} has {parent.rank_count} ranks "
                    f"here and {tile.rank_count} in {level.name}; give the outer level at least "
                    "as many (its own and those of the inner level)"
                )


def lay_out(
    problem: Problem,
    spaces: list[list[SparseTile]],
    extents: LoopExtents,
    machine: Machine,
    *,
    as_stored: bool = False,
) -> None:
    """Set the fibertree of every kept tile.

    Parameters
    ----------
    problem, spaces, extents, machine
        Of the tiles, which are changed in place.
    as_stored : bool
        Whether a point that several windows touch has its metadata once in a tile, and ranks are
        as large as all of their loops.

    Raises
    ------
    InputError
        If a representation has too few ranks or does not fit the level below.
    """
    for space, tiles in zip(problem.data_spaces, spaces, strict=True):
        slides = space.slides(problem.bounds)
        for level, tile in enumerate(tiles):
            if not tile.kept:
                continue
            tree = _fibertree(space, tiles, level, extents, machine)
            if as_stored or not slides:
                subtiles = _subtiles(space, tree.loops, extents.limit)
                if slides:
                    tree = replace(tree, once=_once(tile.dense.size, subtiles, tree.fibers))
                else:
                    boxes = subtiles if as_stored else tree.boxes
                    tree = Fibertree(tree.loops, boxes, tree.fibers, subtiles)
            tile.fibertree = tree


def _fibertree(
    space: DataSpace,
    tiles: list[SparseTile],
    level: int,
    extents: LoopExtents,
    machine: Machine,
) -> Fibertree:
    tile = tiles[level]
    child = None if tile.dense.child is None else tiles[tile.dense.child]
    tiled = child if tile.compressed and child is not None and child.dense.size > 1 else None
    walked = _relevant_loops(space, level, tile.dense.child, extents, tiled is None)
    inner_ranks = 0
    if tiled is not None:
        inner_ranks = tiled.rank_count or 1
        _check_child(space, tile, tiled, level, machine)
    outwards = tile.representation is not None and tile.representation.inner_to_outer
    lay = _inner_to_outer if outwards else _outer_to_inner
    (loops, boxes), rest = lay(walked, inner_ranks, tile.representation)
    if any(loop.end > 1 for loop, _ in rest):
        name = machine.levels[level].name
        raise InputError(
            f"{name}: more compression ranks needed for {space.name} than the "
            f"{tile.rank_count} given; list one rank for each loop that iterates here and "
            "for each rank of the compressed levels below"
        )
    fibers = [_fiber(space, rank, extents.limit) for rank in loops]
    if tiled is not None and tiled.fibertree is not None:
        loops = [*tiled.fibertree.loops, *loops]
        boxes = [*tiled.fibertree.boxes, *boxes]
        fibers = [*tiled.fibertree.fibers, *fibers]
    else:
        boxes = [(1,) * len(space.projection), *boxes]
    if len(loops) != (tile.rank_count or 1):
        raise InputError(
            f"{machine.levels[level].name}: the {tile.rank_count} ranks of {space.name} do not "
            f"fit its loops, which need {len(loops)}"
        )
    return Fibertree(tuple(loops), tuple(boxes), tuple(fibers))


def _check_child(
    space: DataSpace, tile: SparseTile, child: SparseTile, level: int, machine: Machine
) -> None:
    ours = [rank.name for rank in tile.representation.ranks] if tile.representation else []
    theirs = [rank.name for rank in child.representation.ranks] if child.representation else []
    count = child.rank_count or 1
    differ = child.compressed and ours[:count] != theirs
    if count > len(ours) or differ:
        raise InputError(
            f"{machine.levels[level].name}: the inner ranks of {space.name} ({' '.join(ours)}, "
            f"innermost first) have to be those of the level below ({' '.join(theirs) or 'plain'})"
        )


def _relevant_loops(
    space: DataSpace, level: int, child: int | None, extents: LoopExtents, whole: bool
) -> list[_Walked]:
    """Loops between a tile and its child that walk the tensor, innermost first.

    Of those that do not iterate only one that is the innermost. With ``whole`` the innermost loop
    of each dimension is stretched over what the loops of the child and below cover.
    """
    lowest = 0 if child is None else child + 1
    stretch: dict[int, int] = {}
    if whole:
        for loops in extents.loops[:lowest]:
            for loop in loops:
                stretch[loop.dimension] = stretch.get(loop.dimension, 1) * loop.end
    walked: list[_Walked] = []
    for here in range(lowest, level + 1):
        for loop, covered in zip(extents.loops[here], extents.extents[here], strict=True):
            if loop.dimension not in space.dimensions:
                continue
            if stretch and (more := stretch.pop(loop.dimension, 1)) > 1:
                loop = replace(loop, end=loop.end * more)
            if loop.end > 1 or not walked:
                walked.append((loop, space.box(covered)))
    return walked


def _fiber(space: DataSpace, loops: tuple[Loop, ...], limit: Ints | None) -> int:
    if not loops:
        return 1
    extents = [1] * space.projection.shape[1]
    for loop in loops:
        extents[loop.dimension] *= loop.end
    return space.size(_within(extents, limit))


def _subtiles(
    space: DataSpace, ranks: tuple[tuple[Loop, ...], ...], limit: Ints | None
) -> tuple[Box, ...]:
    """Cover one rank's loops after the other, from the innermost."""
    extents = [1] * space.projection.shape[1]
    boxes = [space.box(extents)]
    for loops in ranks:
        for loop in loops:
            extents[loop.dimension] *= loop.end
        boxes.append(space.box(_within(extents, limit)))
    return tuple(boxes)


def _within(extents: list[int], limit: Ints | None) -> list[int]:
    return extents if limit is None else list(map(min, extents, limit.tolist()))


def _once(size: int, subtiles: tuple[Box, ...], fibers: tuple[int, ...]) -> tuple[float, ...]:
    """Find the share of each rank's coordinates that a tile of so many points has room for."""
    shares = []
    for rank, inside in enumerate(subtiles[:-1]):
        shares.append(min(1.0, size / (volume(inside) * math.prod(fibers[rank:]))))
    return tuple(shares)


def _drop_trivial(rest: list[_Walked]) -> None:
    while rest and rest[-1][0].end == 1:
        rest.pop()


def _pop_rank(rest: list[_Walked], form: RankFormat | None) -> tuple[Loop, ...] | None:
    """Take the loops of one rank off the end; None if it may not take the last one.

    A plain tile is one rank of all loops; else a further loop joins if the flattening rule says so.
    """
    loop = rest[-1][0]
    rule = form.rule_for(loop.dimension) if form else None
    if form and form.flattened and rule is None:
        return None
    rest.pop()
    taken = [loop]
    if form is None or rule is not None:
        while rest and (rest[-1][0].end == 1 or rule is None or rest[-1][0].dimension in rule):
            joined, _ = rest.pop()
            if joined.end > 1:
                taken.append(joined)
    return tuple(taken)


def _outer_to_inner(
    walked: list[_Walked], inner_ranks: int, representation: Representation | None
) -> tuple[_Ranks, list[_Walked]]:
    """Give ranks to loops from the outermost of both; returns the loops that got none."""
    formats = representation.ranks if representation else (None,)
    rest = list(walked)
    loops: list[tuple[Loop, ...]] = []
    boxes: list[Box] = []
    for rank in range(len(formats) - 1, inner_ranks - 1, -1):
        _drop_trivial(rest)
        if not rest:
            loops.insert(0, ())
            boxes.insert(0, walked[0][1])
            continue
        box = rest[-1][1]
        taken = _pop_rank(rest, formats[rank])
        if taken is None:
            # A rank that may not take this loop stays empty, outside those that are set.
            loops.append(())
            boxes.append(walked[0][1])
        else:
            loops.insert(0, taken[::-1])
            boxes.insert(0, box)
    return (loops, boxes), rest


def _inner_to_outer(
    walked: list[_Walked], inner_ranks: int, representation: Representation | None
) -> tuple[_Ranks, list[_Walked]]:
    """Give ranks to loops from the innermost of both; returns the loops that got none."""
    formats = representation.ranks if representation else (None,)
    rest = list(reversed(walked))
    loops: list[tuple[Loop, ...]] = []
    boxes: list[Box] = []
    scalar = (1,) * len(walked[0][1])
    for form in formats[inner_ranks:]:
        _drop_trivial(rest)
        box = rest[-1][1] if rest else walked[0][1]
        taken = _pop_rank(rest, form) if rest else ()
        loops.append(taken or ())
        boxes.append(scalar if taken is None else box)
    return (loops, boxes), rest
