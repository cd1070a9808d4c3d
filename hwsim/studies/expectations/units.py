"""Units of what expectations are about, and what one of each is in the base unit."""

from __future__ import annotations

from typing import Final

from hwsim.errors import InputError

_PREFIXES: Final = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0}
ENERGY: Final = {f"{prefix}J": factor for prefix, factor in _PREFIXES.items()}
TIME: Final = {f"{prefix}s": factor for prefix, factor in _PREFIXES.items()}
#: Energy-delay products, with the delay in seconds.
EDP: Final = {f"{energy} s": factor for energy, factor in ENERGY.items()}
AREA: Final = {"um2": 1e-12, "mm2": 1e-6}
SHARE: Final = {"%": 0.01, "": 1.0}
NUMBER: Final = {"": 1.0}
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
            factor = kind[unit] / kind[to]
            # The factors are rounded, and that between powers of ten is a whole number.
            return number * round(factor) if factor > 1 else number / round(1 / factor)
    raise InputError(f"{named(unit)} cannot be compared with {named(to)}")


def named(unit: str) -> str:
    """Word a unit, or that there is none."""
    return unit or "a number without unit"
