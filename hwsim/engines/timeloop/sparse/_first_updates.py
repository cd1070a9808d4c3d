"""Results that are updated at all while they first stay: their first update finds nothing to read.

Timeloop scales reads of results by the same share as their updates. But the first update of a
result writes without reading, however few updates zeros leave of it; so where the zeros are known
it is counted how many results get one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np

from hwsim.engines.timeloop.density._tile_counts import Counts, narrowest, tally
from hwsim.engines.timeloop.density.actual_density import ActualData, Bools
from hwsim.engines.timeloop.density.density import Density
from hwsim.engines.timeloop.sparse.sparse_tile import LoopExtents
from hwsim.engines.timeloop.terms.problem import DataSpace, Problem

#: A loop walks results, is summed over while a result stays, lies between instances, or brings a
#: result back later.
_Role = Literal["result", "stays", "unit", "later"]
_Place = tuple[int, int]


def first_update_share(
    problem: Problem, extents: LoopExtents, target: int, level: int, conditions: tuple[int, ...]
) -> float | None:
    """Find the share of results that an instance of a level updates while they first stay there.

    Parameters
    ----------
    problem : Problem
        With the tensors' zeros.
    extents : LoopExtents
        The loops, with factors that divide.
    target : int
        The result.
    level : int
        That keeps it, and updates it only where all conditions are non-zero.
    conditions : tuple of int
        Operands.

    Returns
    -------
    float or None
        None if no operand's zeros are known, or windows slide over those that are.
    """
    roles = _roles(problem, extents, target, level)
    known: list[Bools] = []
    axes: list[list[_Place]] = []
    others: list[Density] = []
    for number in conditions:
        space, density = problem.data_spaces[number], problem.densities[number]
        if isinstance(density, ActualData) and not space.slides(problem.bounds):
            mask, places = _by_loop(density.mask, space, extents, roles)
            known.append(mask)
            axes.append(places)
        else:
            others.append(density)
    if not known:
        return None
    met = _count_met(known, axes, roles)
    counts, times = tally(met)
    chances = [_updated(count, others) for count in counts.tolist()]
    return float(np.dot(chances, times) / met.size)


def _roles(
    problem: Problem, extents: LoopExtents, target: int, level: int
) -> Mapping[_Place, _Role]:
    """Tell what each loop that iterates does; a place is a level and a position."""
    walked = problem.data_spaces[target].dimensions
    roles: dict[_Place, _Role] = {}
    stays = True
    for here, loops in enumerate(extents.loops):
        for position, loop in enumerate(loops):
            if loop.end == 1:
                continue
            if loop.dimension in walked:
                roles[here, position] = "result"
                stays &= here <= level or loop.spatial
            elif here <= level or (stays and not loop.spatial):
                roles[here, position] = "stays"
            else:
                roles[here, position] = "unit" if loop.spatial else "later"
    return roles


def _by_loop(
    mask: Bools,
    space: DataSpace,
    extents: LoopExtents,
    roles: Mapping[_Place, _Role],
) -> tuple[Bools, list[_Place]]:
    """Give a tensor an axis for each loop that walks it; of those that come later, the start."""
    lengths: list[int] = []
    places: list[_Place] = []
    first: list[slice | int] = []
    for rank in space.projection:
        (walking,) = np.nonzero(rank)
        for place in sorted(roles, reverse=True):  # the outermost loop is the slowest index
            loop = extents.loops[place[0]][place[1]]
            if loop.dimension in walking:
                lengths.append(loop.end)
                later = roles[place] == "later"
                first.append(0 if later else slice(None))
                if not later:
                    places.append(place)
    return mask.reshape(lengths)[tuple(first)], places


def _count_met(
    known: list[Bools], axes: list[list[_Place]], roles: Mapping[_Place, _Role]
) -> Counts:
    """Count, for each result and instance, the steps on which all known operands are non-zero."""
    if len(known) == 1:
        mask, own = known[0], axes[0]
        summed = tuple(axis for axis, place in enumerate(own) if roles[place] == "stays")
        most = math.prod(mask.shape[axis] for axis in summed)
        alone: Counts = mask.sum(axis=summed, dtype=narrowest(most))
        return alone
    number = {place: axis for axis, place in enumerate(sorted({p for own in axes for p in own}))}
    kept = [axis for place, axis in number.items() if roles[place] != "stays"]
    operands: list[object] = []
    for mask, own in zip(known, axes, strict=True):
        operands += [mask.astype(np.float32), [number[place] for place in own]]
    met = np.einsum(*operands, kept, optimize=True)  # type: ignore[call-overload]
    counted: Counts = np.rint(met).astype(narrowest(int(met.max())))
    return counted


def _updated(met: int, others: list[Density]) -> float:
    """Chance that each other is non-zero on one of the steps on which the known ones are."""
    if not met:
        return 0.0
    return math.prod(1.0 - density.empty((met,)) for density in others)
