"""Numbers with units as people write them: ``45 nm``, ``500 MHz``, ``108 KB``, ``30 d``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from hwsim.plausible import BYTES, CLOCK_HZ, FIGURE, NODE_NM, SUPPLY_V, TIME_S, Range


class Units(NamedTuple):
    """How a quantity may be written, and what it can be.

    Parameters
    ----------
    names : mapping of str to float
        The units, and what one of each is in the base unit.
    within : Range
        In the base unit.
    """

    names: Mapping[str, float]
    within: Range = FIGURE


LENGTH: Final = Units({"nm": 1.0}, NODE_NM)
FREQUENCY: Final = Units({"kHz": 1e3, "MHz": 1e6, "GHz": 1e9}, CLOCK_HZ)
VOLTAGE: Final = Units({"mV": 1e-3, "V": 1.0}, SUPPLY_V)
SIZE: Final = Units({"B": 1, "KB": 1024, "MB": 1024**2}, BYTES)
TIME: Final = Units({"min": 60.0, "h": 3600.0, "d": 86400.0}, TIME_S)

#: Fifteen digits either side: more are no measurement, and 400 overflow.
_FORM = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?) ?([A-Za-z0-9/]+)")


def parse_quantity(text: str, units: Units) -> float:
    """Read a positive number and its unit.

    Parameters
    ----------
    text : str
        E.g. ``"45nm"`` or ``"45 nm"``.
    units : Units
        What fits.

    Returns
    -------
    float
        In the base unit.

    Raises
    ------
    ValueError
        If it is no positive number with one of the units, or outside of what the quantity can be.

    Examples
    --------
    >>> parse_quantity("0.5 GHz", FREQUENCY)
    500000000.0
    """
    match = _FORM.fullmatch(text.strip())
    if match is None or match[2] not in units.names or float(match[1]) <= 0:
        raise ValueError(
            f"should be a positive number and its unit ({' or '.join(units.names)}). Got {text!r}"
        )
    value = float(match[1]) * units.names[match[2]]
    refusal = units.within.refusal(value)
    if refusal is not None:
        raise ValueError(f"{refusal.replace('expected', 'should be')}. Got {text!r}")
    return value
