"""``architecture`` as a whole: read with the prices of its components, and written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from hwsim.engines.timeloop.spec._yaml_text import TAG
from hwsim.engines.timeloop.spec.architecture._networks import (
    class_of_network,
    network_attributes,
    read_network,
)
from hwsim.engines.timeloop.spec.architecture._storage import (
    chosen_prices,
    level_attributes,
    level_attributes_of_nodes,
    read_level,
)
from hwsim.engines.timeloop.spec.architecture.attributes import (
    CLASS,
    COMPUTE_AREA,
    COMPUTE_ENERGY,
    COMPUTE_WORD_BITS,
    MESH_X,
    MESH_Y,
    NAME,
    SPATIAL,
    VERSION,
)
from hwsim.engines.timeloop.spec.architecture.components import (
    Component,
    read_components,
    read_mesh,
)
from hwsim.engines.timeloop.spec.architecture.extension import (
    extended_compute,
    extension_of_compute,
)
from hwsim.engines.timeloop.spec.architecture.roots import (
    ARCHITECTURE,
    LOCAL,
    NODE_ATTRIBUTES,
    NODES,
    SUBTREE,
)
from hwsim.engines.timeloop.spec.layout import Layout, version_of
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.spec.tables import (
    SYSTEM,
    WIRES,
    check_tables,
    highest,
    read_area_table,
    read_energy_table,
)
from hwsim.engines.timeloop.terms.machine import (
    COMPUTE_ACTIONS,
    ComputeLevel,
    Machine,
    Mesh,
    StorageLevel,
    TableActions,
)

_COMPUTE_CLASS: Final = "intmac"


def read_machine(inputs: Section, data_spaces: Sequence[str]) -> Machine:
    """Read the architecture.

    Parameters
    ----------
    inputs : Section
        The merged inputs.
    data_spaces : sequence of str
        Names of the problem's data spaces.

    Returns
    -------
    Machine
        Priced by the ERT where there is one, else by Timeloop's built-in figures.

    Raises
    ------
    InputError
        If something is missing or does not fit together.
    """
    components = read_components(inputs)
    if inputs.origin.closed:
        _refuse_namesakes(inputs, components)
        check_tables(inputs, {component.name: component.role for component in components})
    table = read_energy_table(inputs)
    energies: dict[str, TableActions] = dict(table or {})
    areas = read_area_table(inputs) if table is not None else {}
    wires: TableActions = next((energies[name] for name in WIRES if energies.get(name)), {})
    wire_energy = highest(wires).get("transfer_random", 0.0)

    networks = {
        component.name: read_network(component, energies.get(component.name, {}))
        for component in components
        if component.role == "network"
    }
    storages = [component for component in components if component.role == "storage"]
    compute = next(component for component in components if component.role == "compute")
    names = [component.name for component in storages]
    levels = []
    for number, component in enumerate(reversed(storages)):
        inner = storages[len(storages) - number] if number else compute
        levels.append(
            read_level(
                component,
                inner.name,
                names,
                data_spaces,
                networks,
                wire_energy,
                energies.get(component.name),
                areas.get(component.name),
            )
        )
    return Machine(
        _read_compute(compute, energies.get(compute.name), areas.get(compute.name)), tuple(levels)
    )


def _refuse_namesakes(inputs: Section, components: Sequence[Component]) -> None:
    """Refuse two components of one name: whatever names it would be taken for either."""
    for name, times in Counter(component.name for component in components).items():
        if times > 1:
            raise inputs.section("architecture").error(
                f"{times} components are called {name!r}; give each a name of its own"
            )


def _read_compute(
    component: Component, table: TableActions | None, area: float | None
) -> ComputeLevel:
    attributes = component.attributes
    word_bits = COMPUTE_WORD_BITS.read(attributes)
    given = COMPUTE_ENERGY.read(attributes)
    energy = word_bits**2 / 256 if given is None else given  # as Timeloop's built-in figures
    energies = dict.fromkeys(COMPUTE_ACTIONS, 0.0) | {"random_compute": energy}
    if table is not None:
        energies |= chosen_prices(COMPUTE_ACTIONS, highest(table))
    level = ComputeLevel(
        component.name,
        read_mesh(component),
        word_bits,
        energies,
        COMPUTE_AREA.read(attributes) if area is None else area,
    )
    return extended_compute(level, attributes)


def architecture_document(machine: Machine, layout: Layout = "v0.3") -> dict[str, Any]:
    """Describe a machine in Timeloop's terms.

    Parameters
    ----------
    machine : Machine
        Prices are not part of it; see :mod:`hwsim.engines.timeloop.spec.tables`.
    layout : {"v0.3", "v0.4"}
        Subtrees for the programs themselves, or nodes for the Python front end.

    Returns
    -------
    dict
        With the root key ``architecture``. Tags of v0.4 nodes are under ``"!tag"``.
    """
    version = {VERSION.key: version_of(layout)}
    if layout == "v0.4":
        return ARCHITECTURE.entry(version | NODES.entry(_nodes(machine)))
    local = []
    for number, level in reversed(list(enumerate(machine.levels))):
        local.append(_local(level.name, level.mesh, _class_of(level), level_attributes(level)))
        local += [
            _component(network.name, class_of_network(network), network_attributes(network))
            for network in machine.own_networks(number)
        ]
    compute = machine.compute
    local.append(_local(compute.name, compute.mesh, _COMPUTE_CLASS, _compute_attributes(compute)))
    tree = SUBTREE.entry([NAME.entry(SYSTEM) | LOCAL.entry(local)])
    return ARCHITECTURE.entry(version | tree)


def _local(name: str, mesh: Mesh, kind: str, attributes: dict[str, Any]) -> dict[str, Any]:
    ranged = name if mesh.instances == 1 else f"{name}[0..{mesh.instances - 1}]"
    grid = MESH_X.entry(mesh.columns) | MESH_Y.entry(mesh.rows)
    return _component(ranged, kind, attributes | grid)


def _nodes(machine: Machine) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = [{TAG: "Container", **NAME.entry(SYSTEM)}]
    around = Mesh(1, 1)

    def enter(name: str, mesh: Mesh) -> None:
        nonlocal around
        if mesh != around:
            columns, rows = mesh.columns // around.columns, mesh.rows // around.rows
            spatial = SPATIAL.entry(MESH_X.entry(columns) | MESH_Y.entry(rows))
            nodes.append({TAG: "Container", **NAME.entry(grid_name(name)), **spatial})
            around = mesh

    for number, level in reversed(list(enumerate(machine.levels))):
        enter(level.name, level.mesh)
        nodes.append(_node(level.name, _class_of(level), level_attributes_of_nodes(level)))
        nodes += [
            _node(network.name, class_of_network(network), network_attributes(network))
            for network in machine.own_networks(number)
        ]
    compute = machine.compute
    enter(compute.name, compute.mesh)
    nodes.append(_node(compute.name, _COMPUTE_CLASS, _compute_attributes(compute)))
    return nodes


def grid_name(inner: str) -> str:
    """Name the v0.4 container that multiplies a component and all inside it."""
    return f"{inner}_grid"


def _node(name: str, kind: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {TAG: "Component", **_component(name, kind, attributes)}


def _component(name: str, kind: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return NAME.entry(name) | CLASS.entry(kind) | NODE_ATTRIBUTES.entry(attributes)


def _class_of(level: StorageLevel) -> str:
    """Keep the class, unless it hides whether the memory is DRAM (the oldest layout does)."""
    if level.class_name and ("DRAM" in level.class_name) == level.dram:
        return level.class_name
    return "DRAM" if level.dram else "SRAM"


def _compute_attributes(compute: ComputeLevel) -> dict[str, Any]:
    return COMPUTE_WORD_BITS.entry(compute.word_bits) | extension_of_compute(compute)
