"""Names that shipped machines had before: what asks for one still works, and says so."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Final, NamedTuple

from hwsim.errors import FormerNameWarning


class Renaming(NamedTuple):
    """What became of a name.

    Parameters
    ----------
    name : str
        The name today.
    since : str
        The day, ISO 8601.
    reason : str
        Why, in a few words.
    """

    name: str
    since: str
    reason: str


#: By the name before. Add what is renamed; take nothing away.
FORMER_NAMES: Final[Mapping[str, Renaming]] = {
    "eyeriss": Renaming(
        "eyeriss-like",
        "2026-11-28",
        "the chip takes up to 1.7 times its energy (docs/validation.md)",
    ),
}


def name_today(name: str) -> tuple[str, str]:
    """Translate the name of a machine, with a warning if it was another before.

    Parameters
    ----------
    name : str
        Any name; one that no machine had before comes back as it is.

    Returns
    -------
    name : str
        The name today.
    note : str
        What the warning says; empty where there is none.
    """
    if name not in FORMER_NAMES:
        return name, ""
    renaming = FORMER_NAMES[name]
    note = f"{name} is called {renaming.name} since {renaming.since}: {renaming.reason}"
    warnings.warn(note, FormerNameWarning, stacklevel=2)
    return renaming.name, note
