"""What other packages add to hwsim, and whether it can be loaded."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Final

from hwsim.entry_points import load_registered, registered
from hwsim.errors import InputError, one_line

#: The groups that packages use, and what each holds.
GROUPS: Final = {
    "hwsim.engines": "engine",
    "hwsim.physical": "physical pricing",
    "hwsim.schemes": "scheme",
    "hwsim.readers": "reader",
    "hwsim.energy": "energy model",
    "hwsim.references": "check",
}


@dataclass(frozen=True)
class Plugin:
    """Something that another package registers.

    Parameters
    ----------
    kind, name : str
        What it is, and what it is called.
    package : str
        Whose it is, with its version; empty of what cannot be told.
    problem : str
        Why it cannot be loaded; empty if it can.
    """

    kind: str
    name: str
    package: str
    problem: str


def examine_plugins() -> list[Plugin]:
    """Load what packages other than hwsim register; name a group that cannot be read at all."""
    found = []
    for group, kind in GROUPS.items():
        try:
            points = registered(group)
        except InputError as error:
            found.append(Plugin(kind, "", "", one_line(error)))
            continue
        found += [_plugin(point, kind) for point in points.values() if not _is_ours(point)]
    return found


def _is_ours(point: EntryPoint) -> bool:
    return point.value.partition(".")[0].partition(":")[0] == "hwsim"


def _plugin(point: EntryPoint, kind: str) -> Plugin:
    package = f"{point.dist.name} {point.dist.version}" if point.dist else ""
    try:
        load_registered(point, kind)
    except InputError as error:
        return Plugin(kind, point.name, package, one_line(error))
    return Plugin(kind, point.name, package, "")
