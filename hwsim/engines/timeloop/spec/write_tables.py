"""Writing ``ERT`` and ``ART``: prices of a machine, by the names that Timeloop looks up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hwsim.engines.timeloop.terms.machine import (
    COMPUTE_ACTIONS,
    STORAGE_ACTIONS,
    Interconnect,
    Machine,
    TableActions,
)

#: The root of every component's path.
ROOT: Final = "system"


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
    for level in reversed(machine.levels):
        tables.append(_table(level.name, level.energy, STORAGE_ACTIONS))
        tables += [
            _network_table(network.name, network.table)
            for network in named_networks(machine, level.name)
            if network.table
        ]
    tables.append(_table(machine.compute.name, machine.compute.energy, COMPUTE_ACTIONS))
    return {"ERT": {"version": version, "tables": tables}}


def area_document(machine: Machine, version: float = 0.3) -> dict[str, Any]:
    """Write the um2 of an instance of every component."""
    areas = {level.name: level.area for level in reversed(machine.levels)}
    areas[machine.compute.name] = machine.compute.area
    tables = [{"name": f"{ROOT}.{name}", "area": float(area)} for name, area in areas.items()]
    return {"ART": {"version": version, "tables": tables}}


def named_networks(machine: Machine, level_name: str) -> list[Interconnect]:
    """List the networks that are components of their own and belong to a storage level."""
    number = machine.level_number(level_name)
    assert number is not None
    level = machine.levels[number]
    earlier = {
        network.name
        for outer in machine.levels[number + 1 :]
        for network in (outer.read_network, outer.update_network)
    }
    found = {
        network.name: network
        for network in (level.read_network, level.update_network)
        if not is_implied(network) and network.name not in earlier
    }
    return list(found.values())


def is_implied(network: Interconnect) -> bool:
    """Whether a network is no component, but the one that two neighbouring levels imply."""
    return " <==> " in network.name


def _table(
    name: str, energy: Mapping[str, float], lookup: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    actions = [
        {"name": spellings[0], "arguments": {}, "energy": float(energy.get(action, 0.0))}
        for action, spellings in lookup.items()
    ]
    return {"name": f"{ROOT}.{name}", "actions": actions}


def _network_table(name: str, table: TableActions) -> dict[str, Any]:
    actions = [
        {"name": action, "arguments": dict(arguments), "energy": float(energy)}
        for action, entries in table.items()
        for arguments, energy in entries
    ]
    return {"name": f"{ROOT}.{name}", "actions": actions}
