"""A mapping of a map space as plain data, and back: only mappings that the map space has."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwsim.engines.timeloop.mapper._candidate_mapping import loop_mapping
from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._nest_space import Nest
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.terms.mapping import LoopMapping


def written_mapping(space: MapSpace, mapping: LoopMapping) -> dict[str, Any]:
    """Write down a mapping of a map space.

    Returns
    -------
    dict
        ``nests``, innermost first: for each the iterations by dimension, the dimensions innermost
        first, and how many of these lie along X; of dimensions longer than 1, by their places.
        ``keep``: by level, whether each data space is stored.
    """
    nests = []
    for nest in space.nests:
        level = mapping.levels[nest.level]
        loops = level.spatial if nest.kind == "spatial" else level.temporal
        longer = [loop for loop in loops if loop.dimension in space.dimensions]
        order = [space.dimensions.index(loop.dimension) for loop in longer]
        factors = {place: loop.end for place, loop in zip(order, longer, strict=True)}
        split = sum(loop.kind == "x" for loop in longer) if nest.splits > 1 else nest.least_split
        split = split if nest.kind == "spatial" else 0
        nests.append([[factors[place] for place in range(len(order))], order, split])
    return {"nests": nests, "keep": [list(map(int, level.keep)) for level in mapping.levels]}


def read_mapping(space: MapSpace, written: Any) -> LoopMapping:
    """Read a mapping back.

    Raises
    ------
    ValueError
        If it is no mapping that the map space has, or not written so.
    """
    try:
        nests = [(list(factors), list(order), split) for factors, order, split in written["nests"]]
        keep = [[bool(kept) for kept in level] for level in written["keep"]]
        fits = len(nests) == len(space.nests) and all(
            _may_stand(space, nest, *each) for nest, each in zip(space.nests, nests, strict=True)
        )
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"no mapping is written so: {error}") from error
    if not (fits and _covers(space, nests) and _may_be_kept(space, keep)):
        raise ValueError("the map space has no such mapping")
    shape = (len(space.nests), len(space.names), 1)
    candidate = Candidates(
        np.array([each[0] for each in nests], dtype=np.int64).reshape(shape),
        np.array([each[1] for each in nests], dtype=np.int64).reshape(shape),
        np.array([[each[2]] for each in nests], dtype=np.int64),
        np.array(keep, dtype=bool)[..., None],
    )
    return loop_mapping(space, candidate, 0)


def _may_stand(
    space: MapSpace, nest: Nest, factors: list[Any], order: list[Any], split: Any
) -> bool:
    """Whether the constraints allow the loops of a nest, each by itself."""
    if not all(type(each) is int for each in (*factors, *order, split)):
        return False
    if len(factors) != len(space.names) or sorted(order) != list(range(len(space.names))):
        return False
    first, last = len(nest.prefix), len(order) - len(nest.suffix)
    if (*order[:first], *order[last:]) != (*nest.prefix, *nest.suffix):
        return False
    ranges = [space.range_of(nest, name) for name in space.names]
    within = all(
        max(least, 1) <= each <= most for each, (least, most) in zip(factors, ranges, strict=True)
    )
    along_x = nest.least_split <= split <= nest.most_split if nest.kind == "spatial" else split == 0
    return within and along_x


def _covers(space: MapSpace, nests: list[tuple[list[int], list[int], int]]) -> bool:
    """Whether the factors cover every dimension, and leave rests in space alone."""
    for place, bound in enumerate(space.bounds):
        left = bound
        for nest, (factors, _, _) in zip(space.nests, nests, strict=True):
            if nest.kind == "temporal" and left % factors[place]:
                return False
            left = -(-left // factors[place])
        if left != 1:
            return False
    return True


def _may_be_kept(space: MapSpace, keep: list[list[bool]]) -> bool:
    """Whether each level stores what it has to, and nothing that it may not."""
    spaces = len(space.problem.data_spaces)
    if [len(level) for level in keep] != [spaces] * len(space.machine.levels):
        return False
    free = set(space.choices)
    return all(
        (level, number) in free or kept == space.constraints.keep.get((level, number), True)
        for level, row in enumerate(keep)
        for number, kept in enumerate(row)
    )
