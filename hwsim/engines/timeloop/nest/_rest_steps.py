"""How often a child fetches a tile, or a part of one, where rounds end with a rest.

Each rest of a mapping has two states, the rounds but the last (0) and the last round (1). A step
of the loops outside a tile is told by the states after it, and by whether one has just changed.
The steps at which one loop advances are counted directly: of the loops inside it none has run,
those outside it may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from hwsim.engines.timeloop.nest._rests import RestRows
from hwsim.engines.timeloop.nest.loops import Bools, Floats, LoopRows
from hwsim.engines.timeloop.terms.problem import Ints

#: The state of each rest.
States = tuple[int, ...]


@dataclass
class RestView:
    """A rest as one tile sees it that moves outside.

    Parameters
    ----------
    rest : RestRows
        Which.
    changes : ndarray of bool, shape (mappings,)
        Whether rounds are outside the tile, so that its state changes while they run.
    rounds : ndarray of float, shape (mappings,)
        Rounds outside the tile.
    resizes : ndarray of bool, shape (mappings,)
        Whether the tile is smaller in the last round.
    """

    rest: RestRows
    changes: Bools
    rounds: Floats
    resizes: Bools
    outside: Floats = field(init=False)
    ran: Bools = field(init=False)

    def __post_init__(self) -> None:
        self.outside = self.rounds
        self.ran = np.zeros_like(self.changes)

    def advance(
        self, dimension: Ints, end: Floats, level: int
    ) -> tuple[Bools, list[Floats], list[Floats]]:
        """Take the next loop outwards: over which dimension, of how many iterations, where.

        Returns whether it runs over rounds, and, by state after a step of it, the positions that
        the rounds may have: all, and those where the size of the tile has not just changed.
        ``outside`` is then how many those further out may have.
        """
        own = self.changes & (dimension == self.rest.dimension) & (end > 1)
        own = own & (level >= self.rest.level)
        self.outside = np.where(own, self.outside / end, self.outside)
        last = np.where(self.changes & ~self.ran, 1.0, 0.0)
        every = np.where(own, (end - 1) * self.outside, self.outside)
        # A loop over something else, with rounds inside it: they were at their last, and are at
        # their first, if those outside are at their last.
        stays = np.where(own, every - last, self.outside - 1)
        same = [
            np.where(self.resizes, stays, every - last),
            np.where(self.resizes & own, 0.0, last),
        ]
        self.ran = self.ran | own
        return own, [every - last, last], same


def view_rests(loops: LoopRows, level: int, relevant: Bools) -> list[RestView]:
    """Look at all rests from the tiles of the children of a level.

    Parameters
    ----------
    loops : LoopRows
        The mappings.
    level : int
        Whose children.
    relevant : ndarray of bool, shape (dimensions,)
        Which dimensions the data space has.
    """
    views = []
    start, levels, outer = loops.start[level], loops.level, loops.temporal
    for rest in loops.rests:
        own = (outer.dimension == rest.dimension) & (levels[:, None] >= rest.level)
        rounds = np.where(own[start:], outer.end[start:], 1.0).prod(axis=0)
        changes = rounds > 1
        resizes = changes & (rest.level < level) & relevant[rest.dimension]
        views.append(RestView(rest, changes, rounds, resizes))
    return views


def all_states(count: int) -> list[States]:
    """List the states of some rests together."""
    return list(product((0, 1), repeat=count))


def positions(choices: Sequence[Sequence[Floats]], states: States, one: Floats) -> Floats:
    """Multiply the positions of all rests in their states."""
    total = one
    for of_rest, state in zip(choices, states, strict=True):
        total = total * of_rest[state]
    return total
