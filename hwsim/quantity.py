"""Numbers with units as people write them: ``45 nm``, ``500 MHz``, ``108 KB``, ``30 d``."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: What one of each unit is in the base unit: nm, Hz, V, byte, s.
LENGTH = {"nm": 1.0}
FREQUENCY = {"kHz": 1e3, "MHz": 1e6, "GHz": 1e9}
VOLTAGE = {"mV": 1e-3, "V": 1.0}
SIZE = {"B": 1, "KB": 1024, "MB": 1024**2}
TIME = {"min": 60.0, "h": 3600.0, "d": 86400.0}

#: Fifteen digits either side: more are no measurement, and 400 overflow.
_FORM = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?) ?([A-Za-z0-9/]+)")


def parse_quantity(text: str, units: Mapping[str, float]) -> float:
    """Read a positive number and its unit.

    Parameters
    ----------
    text : str
        E.g. ``"45nm"`` or ``"45 nm"``.
    units : mapping of str to float
        The units that fit, and what one of each is in the base unit.

    Returns
    -------
    float
        In the base unit.

    Raises
    ------
    ValueError
        If it is no positive number with one of the units.

    Examples
    --------
    >>> parse_quantity("0.5 GHz", FREQUENCY)
    500000000.0
    """
    match = _FORM.fullmatch(text.strip())
    if match is None or match[2] not in units or float(match[1]) <= 0:
        raise ValueError(
            f"should be a positive number and its unit ({' or '.join(units)}). Got {text!r}"
        )
    return float(match[1]) * units[match[2]]
