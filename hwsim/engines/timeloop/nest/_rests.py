"""Rests: loops in space whose factors do not divide, so that fewer copies work at last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.terms.problem import Ints, Problem
from hwsim.errors import InputError

Floats = npt.NDArray[np.float64]


class NestFactors(NamedTuple):
    """The iterations, shape (dimensions, mappings), of the loops of a level in space or in time."""

    level: int
    spatial: bool
    factors: Ints


@dataclass
class RestRows:
    """A loop in space of each mapping whose factor does not divide: fewer copies work at last.

    All loops over its dimension further out are in time. Their iterations are rounds; the last
    round is when all of them run their last iteration.

    Parameters
    ----------
    dimension, level : ndarray of int, shape (mappings,)
        Which dimension, -1 in mappings without; the storage level above the copies.
    end, last, mean : ndarray of float, shape (mappings,)
        Copies, those that work in the last round, and those that work on average.
    bound, padded : ndarray of float, shape (mappings,)
        Points of the dimension, and those that all loops would cover without a rest.
    """

    dimension: Ints
    level: Ints
    end: Floats
    last: Floats
    mean: Floats
    bound: Floats
    padded: Floats


def find_rests(nests: Sequence[NestFactors], bounds: Ints) -> list[RestRows]:
    """Find the loops whose factors do not divide what the loops inside them leave.

    Parameters
    ----------
    nests : sequence of NestFactors
        Innermost first.
    bounds : ndarray of int, shape (dimensions, mappings)
        Lengths of dimensions.

    Raises
    ------
    InputError
        If such a loop is in time, or has another in space or none at all outside it.
    """
    left = bounds
    padded = np.ones_like(left)
    kinds = np.full(left.shape, -1)  # level of the rest
    found: dict[str, Ints] = {name: np.ones_like(left) for name in ("end", "before", "after")}
    wrong = np.zeros(left.shape, dtype=bool)
    for nest in nests:
        after = -(-left // nest.factors)
        rest = after * nest.factors != left
        iterates = nest.factors > 1
        if nest.spatial:
            wrong |= iterates & (kinds >= 0)
        else:
            wrong |= rest
        kinds = np.where(rest, nest.level, kinds)
        for name, value in (("end", nest.factors), ("before", left), ("after", after)):
            found[name] = np.where(rest, value, found[name])
        left = after
        padded = padded * nest.factors
    wrong |= (left != 1) | ((kinds >= 0) & (found["after"] < 2))
    if wrong.any():
        raise InputError(
            "mapping: a rest can be counted of the outermost loop in space over a dimension, with "
            "loops in time outside it; other factors have to divide"
        )
    return _slots(kinds, found, bounds.astype(np.float64), padded.astype(np.float64))


def refuse_rests_of_one_rank(rests: Sequence[RestRows], problem: Problem) -> None:
    """Refuse two rests that slide along one rank: the words that their last rounds share.

    A box of points is not what both last rounds read together, so that counts would be too high.

    Parameters
    ----------
    rests : sequence of RestRows
        Of one mapping.
    problem : Problem
        What is computed.

    Raises
    ------
    InputError
        If there are two.
    """
    dimensions = [int(rest.dimension[0]) for rest in rests]
    for space in problem.data_spaces:
        for rank in space.projection:
            slide = [problem.dimensions[each] for each in dimensions if each >= 0 and rank[each]]
            if len(slide) > 1:
                raise InputError(
                    f"mapping: {' and '.join(slide)} both leave rests in space and slide along one "
                    f"rank of {space.name}, whose shared words are not counted; let the factors of "
                    "one divide"
                )


def _slots(levels: Ints, found: dict[str, Ints], bounds: Floats, padded: Floats) -> list[RestRows]:
    """Put the first rest of each mapping into one entry, the second into another, and so on."""
    has = levels >= 0
    number = np.cumsum(has, axis=0)
    slots = []
    mappings = np.arange(has.shape[1])
    for slot in range(1, int(number.max(initial=0)) + 1):
        here = has & (number == slot)
        place = here.argmax(axis=0)
        there = here.any(axis=0)
        end, before, after = (
            np.where(there, found[name][place, mappings], 1).astype(np.float64)
            for name in ("end", "before", "after")
        )
        slots.append(
            RestRows(
                dimension=np.where(there, place, -1),
                level=np.where(there, levels[place, mappings], -1),
                end=end,
                last=before - (after - 1) * end,
                mean=before / after,
                bound=np.where(there, bounds[place, mappings], 1.0),
                padded=np.where(there, padded[place, mappings], 1.0),
            )
        )
    return slots
