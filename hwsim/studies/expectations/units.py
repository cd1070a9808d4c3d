"""Units of what expectations are about, as powers of ten of the base unit."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from hwsim.errors import InputError

_PREFIXES: Final = {"p": -12, "n": -9, "u": -6, "m": -3, "": 0}
ENERGY: Final = {f"{prefix}J": power for prefix, power in _PREFIXES.items()}
TIME: Final = {f"{prefix}s": power for prefix, power in _PREFIXES.items()}
#: Energy-delay products, with the delay in seconds.
EDP: Final = {f"{energy} s": power for energy, power in ENERGY.items()}
AREA: Final = {"um2": -12, "mm2": -6}
SHARE: Final = {"%": -2, "": 0}
_KINDS: Final = (ENERGY, TIME, EDP, AREA, SHARE)


def converted(number: float, unit: str, to: str) -> float:
    """Express a number in another unit.

    Parameters
    ----------
    number : float
        In ``unit``.
    unit, to : str
        Two of one kind, or equal.

    Raises
    ------
    InputError
        If they are of different kinds.

    Examples
    --------
    >>> converted(12.0, "uJ", "nJ")
    12000.0
    """
    if unit == to:
        return number
    for kind in _KINDS:
        if unit in kind and to in kind:
            return float(Fraction(number) * Fraction(10) ** (kind[unit] - kind[to]))
    raise InputError(f"{named(unit)} cannot be compared with {named(to)}")


def named(unit: str) -> str:
    """Word a unit, or that there is none."""
    return unit or "a number without unit"
