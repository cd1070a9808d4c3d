"""How shares of counts become counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.terms.problem import Problem

#: Relative to a count, more than what a few dozen roundings of doubles can leave.
_ROUNDING_ERROR: Final = 1e-12


def settled(count: float) -> float:
    """Take a count that doubles have missed by their own rounding for the whole number it is."""
    nearest = round(count)
    return nearest if abs(count - nearest) <= _ROUNDING_ERROR * max(1.0, abs(count)) else count


@dataclass(frozen=True)
class Rounding:
    """Timeloop's rounding of what an instance does on average, or none.

    Where zeros are known, the sum over all instances is a count, and only the average over them
    is no whole number: rounding it and multiplying by the instances would miss the count. Where
    only a density is known, Timeloop's rounding is part of what the real program says.

    Parameters
    ----------
    rounds : bool
        Whether to round.
    """

    rounds: bool = True

    @classmethod
    def of(cls, problem: Problem) -> Rounding:
        """Round as Timeloop does, unless the very zeros of a tensor are known."""
        return cls(not any(isinstance(density, ActualData) for density in problem.densities))

    def down(self, count: float) -> float:
        """Round down."""
        return math.floor(count) if self.rounds else settled(count)

    def up(self, count: float) -> float:
        """Round up."""
        return math.ceil(count) if self.rounds else settled(count)

    def share(self, share: float) -> float:
        """Round to six decimals, halves up."""
        return math.floor(share * 1_000_000 + 0.5) / 1_000_000 if self.rounds else share


#: As the real program does it.
TIMELOOP: Final = Rounding()
