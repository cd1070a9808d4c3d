"""Chances of non-zeros among points that are drawn without putting them back.

The real program takes them from a library that factorises up to a population of 104,723 and is
right to the last bit of a double there; so each is found in whole numbers here, and rounded once.
Larger populations have that library's own error, see
:mod:`hwsim.engines.timeloop.density._large_population`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import count
from typing import Final

import numpy as np

from hwsim.engines.timeloop.density._double_double import Floats
from hwsim.engines.timeloop.density._extended import Ints
from hwsim.engines.timeloop.density._large_population import LARGEST_EXACT
from hwsim.engines.timeloop.density._large_population import chances as large_chances
from hwsim.errors import InputError

#: Occupancies with a chance of their own (ascending), and the chances.
Distribution = tuple[Ints, Floats]

#: What stands for the likeliest chance: a double's 53 bits are left of one 10**40 times smaller,
#: and of the error of some thousand divisions.
_LIKELIEST: Final = 1 << 256
#: Chances that are smaller than the likeliest by this do not change any sum of doubles.
_NEGLIGIBLE: Final = _LIKELIEST // 10**25
#: What is that much smaller again does not change the last bit of the sum of all.
_NOTHING: Final = _LIKELIEST // 10**40
#: Largest standard deviation of the occupancies of a tile; some 25 of them are listed.
_WIDEST: Final = 2**16
#: What stands for certainty: doubles go down to 2**-1074.
_CERTAIN: Final = 1 << 1280


@lru_cache(maxsize=4096)
def hypergeometric(nonzeros: int, draws: int, population: int) -> Distribution:
    """Occupancies, ascending, and their chances, each rounded once; without negligible ones."""
    draws = min(draws, population)
    _refuse_wide(nonzeros, draws, population)
    mode = (draws + 1) * (nonzeros + 1) // (population + 2)
    zeros_not_drawn = population - nonzeros - draws

    # Beyond what is possible the weight is 0.
    below: list[int] = []
    weight = _LIKELIEST
    for k in count(mode, -1):
        weight = weight * (k * (zeros_not_drawn + k)) // ((nonzeros - k + 1) * (draws - k + 1))
        if weight < _NOTHING:
            break
        below.append(weight)
    above = []
    weight = _LIKELIEST
    for k in count(mode):
        weight = weight * ((nonzeros - k) * (draws - k)) // ((k + 1) * (zeros_not_drawn + k + 1))
        if weight < _NOTHING:
            break
        above.append(weight)
    weights = [*reversed(below), _LIKELIEST, *above]
    first = mode - len(below)
    likely = [place for place, weight in enumerate(weights) if weight > _NEGLIGIBLE]
    occupancies = np.array(likely, dtype=np.int64) + first
    if population > LARGEST_EXACT:
        chances = large_chances(occupancies, np.full_like(occupancies, nonzeros), draws, population)
    else:
        total = sum(weights)
        chances = np.array([weights[place] / total for place in likely])
    for array in (occupancies, chances):
        array.setflags(write=False)
    return occupancies, chances


def _refuse_wide(nonzeros: int, draws: int, population: int) -> None:
    """Refuse a draw of so many points that its likely occupancies cannot be listed."""
    variance = draws * nonzeros * (population - nonzeros) * (population - draws)
    if variance > _WIDEST**2 * max(population - 1, 1) * population**2:
        raise InputError(
            f"densities: a tile of {draws:,} of {population:,} points has more likely numbers of "
            "non-zeros than can be listed; describe its density as fixed_structured"
        )


def none_drawn(nonzeros: Ints, draws: int, population: int) -> Floats:
    """Chance that no non-zero is drawn, for ascending consecutive numbers of non-zeros."""
    if draws > population or not len(nonzeros):
        return np.zeros(len(nonzeros))
    if population > LARGEST_EXACT:
        possible = nonzeros + draws <= population
        found = np.zeros(len(nonzeros))
        none = np.zeros(int(possible.sum()), dtype=np.int64)
        found[possible] = large_chances(none, nonzeros[possible], draws, population)
        return found
    first, *others = nonzeros.tolist()
    chance = _none_drawn(first, draws, population)
    chances = [chance / _CERTAIN]
    for more in others:
        # One non-zero more: it must not be among the draws either.
        rest = population - more + 1
        chance = chance * max(rest - draws, 0) // max(rest, 1)
        chances.append(chance / _CERTAIN)
    return np.array(chances)


@lru_cache(maxsize=4096)
def _none_drawn(nonzeros: int, draws: int, population: int) -> int:
    """Chance that no non-zero is drawn, of :data:`_CERTAIN`."""
    few, many = sorted((nonzeros, draws))
    impossible = few + many > population  # also where remainders leave less than was to be drawn
    if impossible or few * many > 900 * population:  # less than exp(-900): no bit would be left
        return 0
    return _CERTAIN * math.perm(population - many, few) // math.perm(population, few)
