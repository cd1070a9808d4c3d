"""Energy and area reference tables (``ERT``, ``ART``), as Accelergy writes them, 0.2 to 0.4."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from hwsim.engines.timeloop.spec._field import (
    Field,
    Part,
    anything,
    elsewhere,
    number,
    required_text,
    text,
    version,
)
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.machine import (
    COMPUTE_ACTIONS,
    STORAGE_ACTIONS,
    Machine,
    TableActions,
    TableEntries,
)
from hwsim.errors import did_you_mean
from hwsim.plausible import AREA_UM2, ENERGY_PJ

#: Names under which a table may price wires rather than a component.
WIRES: Final = ("wire", "Wire")
#: The root of every component's path in what is written.
SYSTEM: Final = "system"
_RANGE: Final = re.compile(r"\[[^\]]*\]")

_VERSION: Final = text("version", default=None)
_NAME: Final = required_text("name")
_ENERGY: Final = number("energy", default=0.0, within=ENERGY_PJ)
_ARGUMENTS: Final = anything("arguments")
_AREA: Final = number("area", default=None, within=AREA_UM2)
_SHARES: Final = elsewhere(
    "how Accelergy came to a figure",
    ("primitive_estimation", "primitive_estimations", "estimator", "area_scale", "energy_scale"),
)
_ENTRY: Final = Part((_ENERGY, _ARGUMENTS, *_SHARES))
_ACTIONS: Final = anything("actions", inside=Part((_NAME, *_ENTRY.fields)))
#: Tables are a list, or keys that are paths of components and in them keys that are actions.
_TABLES: Final = anything("tables", inside=Part((_NAME, _ACTIONS, *_SHARES)))
_AREA_TABLES: Final = anything("tables", inside=Part((_NAME, _AREA, *_SHARES)))


def _ert_part(ert: Section) -> Part:
    if isinstance(_TABLES.read(ert), dict):
        return Part((_VERSION, anything("tables", inside=Part(named=Part(named=_ENTRY)))))
    return Part((_VERSION, _TABLES))


ERT: Final = anything("ERT", inside=_ert_part)
ART: Final = anything("ART", inside=Part((version(default=None), _AREA_TABLES)))

#: pJ of each action of each component.
EnergyTable = Mapping[str, TableActions]


def component_of(path: str) -> str:
    """Find the component that a table's name means: the last part of its path, without ranges."""
    return _RANGE.sub("", path).rpartition(".")[2]


def check_tables(inputs: Section, roles: Mapping[str, str]) -> None:
    """Check the names in hwsim's own tables, which have no components and actions of others.

    Parameters
    ----------
    inputs : Section
        The merged inputs.
    roles : mapping of str to str
        What each component of the architecture is.

    Raises
    ------
    InputError
        If a table is of no component, or prices what no memory and no compute unit does.
    """
    actions = {
        "storage": {name for names in STORAGE_ACTIONS.values() for name in names},
        "compute": {name for names in COMPUTE_ACTIONS.values() for name in names},
    }
    known = {*roles, *WIRES}
    for root in (ERT, ART):
        for table, path, key in _named_tables(inputs, root):
            name = component_of(path)
            if name not in known:
                raise table.error(f"unknown component {name!r}{did_you_mean(name, known)}", key)
            priced = actions.get(roles.get(name, ""))
            for action, action_name, place in _named_actions(table, key) if root is ERT else ():
                if priced is not None and action_name not in priced:
                    hint = did_you_mean(action_name, priced)
                    raise action.error(f"unknown action {action_name!r}{hint}", place)


def _named_tables(inputs: Section, root: Field[Any]) -> Iterator[tuple[Section, str, str]]:
    """List the tables of a root: where each stands, of what it is, and the key that says so."""
    tables = _TABLES.section(root.section(inputs)) if root.given(inputs) else None
    if tables is not None and tables.is_mapping:
        yield from ((tables, path, path) for path in tables.names_inside())
    elif tables is not None:
        yield from ((table, _NAME.read(table), _NAME.key) for table in tables.items())


def _named_actions(table: Section, key: str) -> Iterator[tuple[Section, str, str]]:
    if key == _NAME.key:
        for action in _ACTIONS.section(table).items():
            yield action, _NAME.read(action), _NAME.key
    else:
        actions = dict(table.parts())[key]
        yield from ((actions, action, action) for action in actions.names_inside())


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
    if not ERT.given(inputs):
        return None
    ert = ERT.section(inputs)
    layout = _VERSION.read(ert)
    if layout is not None and float(ert.number(_VERSION.key) or 0) not in {0.2, 0.3, 0.4}:
        raise ert.error(f"expected version 0.2, 0.3 or 0.4. Got {layout}", _VERSION.key)
    tables = _TABLES.section(ert)
    found: dict[str, dict[str, TableEntries]] = {}
    if tables.is_mapping:
        for path, actions in tables.parts():
            entries = found.setdefault(component_of(path), {})
            for action, entry in actions.parts():
                listed = list(entry.items()) if isinstance(entry.data, list) else [entry]
                entries[action] = tuple(_entry(item) for item in listed)
        return found
    for table in tables.items():
        entries = found.setdefault(component_of(_NAME.read(table)), {})
        for item in _ACTIONS.section(table).items():
            action = _NAME.read(item)
            entries[action] = (*entries.get(action, ()), _entry(item))
    return found


def _entry(item: Section) -> tuple[Mapping[str, object], float]:
    arguments = _ARGUMENTS.read(item)
    return (arguments if isinstance(arguments, dict) else {}), _ENERGY.read(item)


def highest(table: TableActions) -> dict[str, float]:
    """Take the dearest entry of each action, pJ."""
    return {
        action: max(0.0, *(energy for _, energy in entries)) if entries else 0.0
        for action, entries in table.items()
    }


def read_area_table(inputs: Section) -> Mapping[str, float]:
    """Read the ART: um2 of each component (as a single-precision number, as Timeloop does)."""
    if not ART.given(inputs):
        return {}
    found = {}
    for table in _AREA_TABLES.section(ART.section(inputs)).items():
        area = _AREA.read(table)
        if area is not None:
            found[component_of(_NAME.read(table))] = float(np.float32(area))
    return found


def energy_document(machine: Machine, version: float = 0.3) -> dict[str, Any]:
    """Write the pJ of every action of every component.

    Parameters
    ----------
    machine : Machine
        A storage access is of a block, as the machine has it.
    version : float
        Of the layout: 0.3 or 0.4.

    Returns
    -------
    dict
        With the root key ``ERT``.
    """
    tables = []
    for number_, level in reversed(list(enumerate(machine.levels))):
        tables.append(_table(level.name, level.energy, STORAGE_ACTIONS))
        tables += [
            _table_of_actions(network.name, network.table)
            for network in machine.own_networks(number_)
            if network.table
        ]
    tables.append(_table(machine.compute.name, machine.compute.energy, COMPUTE_ACTIONS))
    return ERT.entry({_VERSION.key: version} | _TABLES.entry(tables))


def area_document(machine: Machine, version: float = 0.3) -> dict[str, Any]:
    """Write the um2 of an instance of every component."""
    areas = {level.name: level.area for level in reversed(machine.levels)}
    areas[machine.compute.name] = machine.compute.area
    tables = [
        _NAME.entry(f"{SYSTEM}.{name}") | _AREA.entry(float(area)) for name, area in areas.items()
    ]
    return ART.entry({_VERSION.key: version} | _AREA_TABLES.entry(tables))


def _table(
    name: str, energy: Mapping[str, float], lookup: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    priced: TableActions = {
        spellings[0]: (({}, energy[action]),) for action, spellings in lookup.items()
    }
    return _table_of_actions(name, priced)


def _table_of_actions(name: str, table: TableActions) -> dict[str, Any]:
    actions = [
        _NAME.entry(action) | _ARGUMENTS.entry(dict(arguments)) | _ENERGY.entry(float(energy))
        for action, entries in table.items()
        for arguments, energy in entries
    ]
    return _NAME.entry(f"{SYSTEM}.{name}") | _ACTIONS.entry(actions)
