"""What an expectation can be about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hwsim.studies.expectations.units import AREA, EDP, ENERGY, NUMBER, SHARE, TIME


@dataclass(frozen=True)
class Measure:
    """A figure of a point.

    Parameters
    ----------
    name : str
        As expectations write it.
    units : mapping of str to int
        Units that a bound may have, ``""`` for a plain number, and their powers of ten.
    priced : bool
        Whether it depends on the energy table.
    timed : bool
        Whether it needs the clock.
    of_layers : bool
        Whether some layers have it, or the machine as a whole.
    of : tuple of str
        Of a ratio: the measures of both its points, whose ratios are multiplied.
    """

    name: str
    units: Mapping[str, int]
    priced: bool = False
    timed: bool = False
    of_layers: bool = True
    of: tuple[str, ...] = ()


_FIGURES: Final = (
    Measure("cycles", NUMBER),
    Measure("time", TIME, timed=True),
    # Of prices without a unit, a plain number.
    Measure("energy", {**ENERGY, **NUMBER}, priced=True),
    Measure("edp", EDP, priced=True, timed=True),
    Measure("area", {**AREA, **NUMBER}, priced=True, of_layers=False),
    Measure("density", SHARE),
    Measure("utilization", SHARE),
    Measure("cycles_ratio", NUMBER, of=("cycles",)),
    Measure("energy_ratio", NUMBER, priced=True, of=("energy",)),
    # On one machine the clock is the same, and cancels.
    Measure("edp_ratio", NUMBER, priced=True, of=("energy", "cycles")),
)
MEASURES: Final = {each.name: each for each in _FIGURES}
