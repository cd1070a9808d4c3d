"""What an expectation can be about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hwsim.studies.expectations.units import AREA, EDP, ENERGY, SHARE, TIME


@dataclass(frozen=True)
class Measure:
    """A figure of a point.

    Parameters
    ----------
    name : str
        As expectations write it.
    units : tuple of str
        That a bound may have, ``""`` for a plain number.
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
    units: tuple[str, ...]
    priced: bool = False
    timed: bool = False
    of_layers: bool = True
    of: tuple[str, ...] = ()


_NUMBER: Final = ("",)
_FIGURES: Final = (
    Measure("cycles", _NUMBER),
    Measure("time", tuple(TIME), timed=True),
    # Of prices without a unit, a plain number.
    Measure("energy", (*ENERGY, ""), priced=True),
    Measure("edp", tuple(EDP), priced=True, timed=True),
    Measure("area", (*AREA, ""), priced=True, of_layers=False),
    Measure("density", tuple(SHARE)),
    Measure("utilization", tuple(SHARE)),
    Measure("cycles_ratio", _NUMBER, of=("cycles",)),
    Measure("energy_ratio", _NUMBER, priced=True, of=("energy",)),
    # On one machine the clock is the same, and cancels.
    Measure("edp_ratio", _NUMBER, priced=True, of=("energy", "cycles")),
)
MEASURES: Final = {each.name: each for each in _FIGURES}
