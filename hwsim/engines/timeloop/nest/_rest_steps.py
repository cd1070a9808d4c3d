"""How often a child fetches a tile, or a part of one, where rounds end with a rest.

Each rest of a mapping has two states, the rounds but the last (0) and the last round (1). A step
of the loops outside a tile is told by the states after it, and by whether one has just changed.
The steps at which one loop advances are counted directly: of the loops inside it none has run,
those outside it may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from hwsim.engines.timeloop.nest._rests import RestRows
from hwsim.engines.timeloop.nest.loops import Bools, Floats, LoopRows

#: The state of each rest.
States = tuple[int, ...]


@dataclass(frozen=True)
class RestRounds:
    """A rest as the tiles below a level see it that move outside.

    Rows of the loops in time from the level on; columns of mappings.

    Parameters
    ----------
    rest : RestRows
        Which.
    rounds : ndarray of float, shape (mappings,)
        Rounds outside the tile; the rest's state changes while they run.
    own : ndarray of bool, shape (places, mappings)
        Loops over rounds.
    outside : ndarray of float, shape (places, mappings)
        Positions that the rounds further out than a loop may have.
    every, last : ndarray of float, shape (places, mappings)
        Positions that all rounds may have after a step of a loop, and those in the last round.
    """

    rest: RestRows
    rounds: Floats
    own: Bools
    outside: Floats
    every: Floats
    last: Floats

    @classmethod
    def of(cls, loops: LoopRows, level: int, rest: RestRows) -> RestRounds:
        """Look at a rest from the tiles of the children of a level."""
        start, outer = loops.start[level], loops.temporal
        end = outer.end[start:]
        own = (outer.dimension[start:] == rest.dimension) & (end > 1)
        own &= loops.level[start:, None] >= rest.level
        inside = np.cumprod(np.where(own, end, 1.0), axis=0)
        rounds = inside[-1] if len(inside) else np.ones_like(rest.end)
        outside = rounds / inside
        ran = np.zeros_like(own)
        np.logical_or.accumulate(own[:-1], axis=0, out=ran[1:])
        last = np.where((rounds > 1) & ~ran, 1.0, 0.0)
        every = np.where(own, (end - 1) * outside, outside)
        return cls(rest, rounds, own, outside, every, last)

    @property
    def changes(self) -> Bools:
        """Whether rounds are outside the tile, shape (mappings,)."""
        found: Bools = self.rounds > 1
        return found

    @property
    def positions(self) -> list[Floats]:
        """Positions by state after a step."""
        return [self.every - self.last, self.last]

    def unchanged_positions(self, resizes: Bools) -> list[Floats]:
        """Positions by state after a step that has not changed the size of the tile.

        ``resizes``, shape (mappings,), is whether the tile is smaller in the last round.
        """
        # A loop over something else, with rounds inside it: they were at their last, and are at
        # their first, if those outside are at their last.
        first = self.every - self.last
        stays = np.where(self.own, first, self.outside - 1)
        return [
            np.where(resizes, stays, first),
            np.where(resizes & self.own, 0.0, self.last),
        ]


def rests_seen(loops: LoopRows, level: int) -> list[RestRounds]:
    """Look at all rests whose state changes while the tiles of a level's children move."""
    seen = [RestRounds.of(loops, level, rest) for rest in loops.rests]
    return [each for each in seen if each.changes.any()]


def steps_apart(loops: LoopRows, level: int, rests: Sequence[RestRounds]) -> Floats:
    """Count the steps of each loop from a level on, the positions of rounds aside."""
    start = loops.start[level]
    steps, outside = loops.temporal.end[start:] - 1, loops.outside[start:]
    for rest in rests:
        steps = np.where(rest.own, 1.0, steps)  # they are among the positions
        outside = outside / rest.outside
    return steps * outside


def all_states(count: int) -> list[States]:
    """List the states of some rests together."""
    return list(product((0, 1), repeat=count))


def times_positions(steps: Floats, choices: Sequence[Sequence[Floats]], states: States) -> Floats:
    """Multiply steps with the positions of all rests in their states."""
    for of_rest, state in zip(choices, states, strict=True):
        steps = steps * of_rest[state]
    return steps
