"""Energy and area reference tables (ERT, ART) as Accelergy writes them, versions 0.2 to 0.4."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import numpy as np

from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.machine import TableActions

_RANGE: Final = re.compile(r"\[[^\]]*\]")

#: pJ of each action of each component.
EnergyTable = Mapping[str, TableActions]


def component_of(path: str) -> str:
    """Find the component that a table's name means: the last part of its path, without ranges."""
    return _RANGE.sub("", path).rsplit(".", 1)[-1]


def read_energy_table(inputs: Section) -> EnergyTable | None:
    """Read the ERT.

    Returns
    -------
    mapping or None
        {component: {action: ((arguments, pJ), ...)}}; None if the inputs have no ERT.

    Raises
    ------
    InputError
        If its version is not known or an entry cannot be read.
    """
    if not inputs.has("ERT"):
        return None
    ert = inputs.section("ERT")
    version = ert.text("version")
    if version is not None and float(ert.number("version") or 0) not in {0.2, 0.3, 0.4}:
        raise ert.error(f"expected version 0.2, 0.3 or 0.4. Got {version}", "version")
    tables = ert.section("tables")
    found: dict[str, dict[str, tuple[tuple[Mapping[str, object], float], ...]]] = {}
    if tables.is_mapping:
        for path in tables.names_inside():
            actions = Section(tables.data[path], (*tables.key, path), tables.origin)
            entries = found.setdefault(component_of(path), {})
            for action in actions.names_inside():
                entry = Section(actions.data[action], (*actions.key, action), actions.origin)
                listed = list(entry.items()) if isinstance(entry.data, list) else [entry]
                entries[action] = tuple(_entry(item) for item in listed)
        return found
    for table in tables.items():
        entries = found.setdefault(component_of(table.required_text("name")), {})
        for item in table.section("actions").items():
            action = item.required_text("name")
            entries[action] = (*entries.get(action, ()), _entry(item))
    return found


def _entry(item: Section) -> tuple[Mapping[str, object], float]:
    arguments = item.get("arguments")
    energy = item.number("energy")
    return (arguments if isinstance(arguments, dict) else {}), 0.0 if energy is None else energy


def highest(table: TableActions) -> dict[str, float]:
    """Take the dearest entry of each action, pJ."""
    return {
        action: max(0.0, *(energy for _, energy in entries)) if entries else 0.0
        for action, entries in table.items()
    }


def read_area_table(inputs: Section) -> Mapping[str, float]:
    """Read the ART: um2 of each component (as a single-precision number, as Timeloop does)."""
    if not inputs.has("ART"):
        return {}
    found = {}
    for table in inputs.section("ART").section("tables").items():
        area = table.number("area")
        if area is not None:
            found[component_of(table.required_text("name"))] = float(np.float32(area))
    return found
