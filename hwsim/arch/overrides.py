"""Overrides as text: ``--set num_ms=64``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from hwsim.arch.technology import TECHNOLOGY_KEYS
from hwsim.errors import InputError


def parse_overrides(settings: Iterable[str]) -> dict[str, int | str]:
    """Read overrides as they stand on a command line.

    Parameters
    ----------
    settings : iterable of str
        Each ``NAME=VALUE``: a whole number, e.g. ``num_ms=64``, the name of an option's choice,
        e.g. ``distribution=multicast``, or for a key of the technology text with a unit, e.g.
        ``node=45nm``.

    Returns
    -------
    dict of str to int or str
        What :func:`hwsim.load_arch` takes as overrides.

    Raises
    ------
    InputError
        For a setting of another form, or a name that is set twice.
    """
    overrides: dict[str, int | str] = {}
    for setting in settings:
        name, equals, value = (part.strip() for part in setting.partition("="))
        if not (name and equals and value):
            raise InputError(f"--set expects NAME=VALUE, e.g. num_ms=64. Got {setting!r}")
        # Which names are options is known to the spec; it refuses a word where a number belongs.
        is_text = name in TECHNOLOGY_KEYS or re.fullmatch(r"[a-z][a-z0-9_-]*", value) is not None
        if not (is_text or re.fullmatch(r"[+-]?[0-9]{1,18}", value)):
            raise InputError(
                f"--set {name}: {name} must be a whole number{_meant(name)}. Got {value!r}"
            )
        if name in overrides:
            raise InputError(f"--set {name}: set twice, to {overrides[name]} and to {value}")
        overrides[name] = value if is_text else int(value)
    return overrides


def _meant(name: str) -> str:
    """Tell which key of the technology a name with another value might be meant for."""
    close = difflib.get_close_matches(name, TECHNOLOGY_KEYS, n=1)
    return f", or meant is {close[0]!r} of the technology" if close else ""
