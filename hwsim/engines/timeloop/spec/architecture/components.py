"""The components of an architecture, however it is written: classes, attributes, instances.

A v0.3 architecture is a chain of subtrees with local components; a v0.4 one is a list of nodes;
the oldest form lists ``arithmetic`` and ``storage``. All become the same flat list, outermost
first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from hwsim.engines.timeloop.spec._yaml_text import TAG
from hwsim.engines.timeloop.spec.architecture.attributes import (
    CLASS,
    ENABLED,
    INSTANCES,
    MESH_X,
    MESH_Y,
    NAME,
    SPATIAL,
    SUBCLASS,
    TECHNOLOGY,
)
from hwsim.engines.timeloop.spec.architecture.roots import (
    ARCHITECTURE,
    ARITHMETIC,
    LOCAL,
    NODE_ATTRIBUTES,
    NODES,
    STORAGE,
    STORAGE_CLASSES,
    SUBTREE,
    Role,
    role_of,
)
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.machine import Mesh
from hwsim.plausible import MOST_INSTANCES

#: Python reads numbers of thousands of digits no more.
_MOST_DIGITS: Final = 18
_RANGE: Final = re.compile(r"\[\s*(\d+)\s*\.\.\s*(\d+)\s*\]")


@dataclass(frozen=True)
class Component:
    """One of them.

    Parameters
    ----------
    name, class_name : str
        Without the range of its instances.
    role : {'storage', 'compute', 'network'}
        What it is to the model.
    attributes : Section
        Its attributes.
    instances : int
        In all.
    columns, rows : int or None
        Of the grid of all instances, where the architecture gives it.
    node : Section
        The whole entry (with constraints and sparse optimisations in v0.4).
    """

    name: str
    class_name: str
    role: Role
    attributes: Section
    instances: int
    columns: int | None
    rows: int | None
    node: Section


def read_components(inputs: Section) -> list[Component]:
    """List the components that the model knows, outermost first.

    Parameters
    ----------
    inputs : Section
        The merged inputs.

    Raises
    ------
    InputError
        If the architecture is none of the three forms, or lacks storage or compute.
    """
    architecture = ARCHITECTURE.section(inputs)
    if NODES.given(architecture):
        components = list(_nodes(NODES.section(architecture), 1, 1, {}))
    elif SUBTREE.given(architecture):
        components = list(_subtrees(architecture))
    elif STORAGE.given(architecture):
        components = list(_lists(architecture))
    else:
        raise architecture.error(
            "expected 'subtree' (v0.3), 'nodes' (v0.4) or 'arithmetic' and 'storage'"
        )
    found = [component.role for component in components]
    if "storage" not in found:
        raise architecture.error(
            f"no storage found; its class has to contain one of {', '.join(STORAGE_CLASSES)}"
        )
    if found.count("compute") != 1:
        raise architecture.error(
            f"{found.count('compute')} compute components found, expected one; its class has to "
            "contain mac or compute"
        )
    return components


def bare_name(name: str) -> str:
    """Strip the range of instances: ``PE[0..15]`` becomes ``PE``."""
    return name.split("[", 1)[0]


def _range_size(node: Section, name: str) -> int:
    found = _RANGE.search(name)
    if found is None:
        return 1
    digits = max(len(found[1]), len(found[2]))
    first, last = (int(found[1]), int(found[2])) if digits < _MOST_DIGITS else (0, MOST_INSTANCES)
    if last < first:
        raise node.error(f"the range of {name!r} ends before it starts", NAME.key)
    if last - first >= MOST_INSTANCES:
        raise node.error(f"expected {MOST_INSTANCES:,} instances at most. Got {name!r}", NAME.key)
    return last - first + 1


def _subtrees(architecture: Section) -> Iterator[Component]:
    current, copies = architecture, 1
    while SUBTREE.given(current):
        children = list(SUBTREE.section(current).items())
        if len(children) != 1:
            raise current.error(
                f"expected one subtree a level, found {len(children)}; put components that stand "
                "side by side into 'local'",
                SUBTREE.key,
            )
        current = children[0]
        copies *= _range_size(current, NAME.read(current) or "")
        for local in LOCAL.section(current).items() if LOCAL.given(current) else ():
            name = local.required_text(NAME.key)
            yield from _component(local, name, copies * _range_size(local, name), None, None)


def _lists(architecture: Section) -> Iterator[Component]:
    for number, storage in reversed(list(enumerate(STORAGE.section(architecture).items()))):
        name = NAME.read(storage) or f"storage_{number}"
        technology = "DRAM" if TECHNOLOGY.read(storage) == "DRAM" else "SRAM"
        instances = _given_instances(storage)
        yield Component(
            bare_name(name), technology, "storage", storage, instances, None, None, storage
        )
    unit = ARITHMETIC.section(architecture)
    name = NAME.read(unit) or "__ARITH__"  # as Timeloop calls it
    instances = _given_instances(unit)
    yield Component(bare_name(name), "compute", "compute", unit, instances, None, None, unit)


def _given_instances(section: Section) -> int:
    instances = INSTANCES.read(section)
    if instances is None:
        columns, rows = MESH_X.read(section), MESH_Y.read(section)
        if columns is None or rows is None:
            raise section.error("missing; 'instances' (or 'meshX' and 'meshY') is required here")
        return columns * rows
    return instances


def _nodes(
    nodes: Section, columns: int, rows: int, inherited: dict[str, Any]
) -> Iterator[Component]:
    """Walk v0.4 nodes; a node's fanout and a container's attributes hold for all that follow."""
    for node in nodes.items():
        if not node.is_mapping:
            raise node.error("expected a node: !Container, !Component, !Hierarchical or !Parallel")
        tag = node.text(TAG) or ("Component" if CLASS.given(node) else "Container")
        if tag in {"Hierarchical", "Parallel", "Pipelined"}:
            inner = list(_nodes(NODES.section(node), columns, rows, inherited))
            yield from inner
            if tag == "Hierarchical" and inner:
                columns, rows = _grid(inner[-1])
            continue
        name = NAME.read(node) or ""
        across, along = spatial_mesh(node)
        columns, rows = columns * across, rows * along
        own = NODE_ATTRIBUTES.section(node).data if NODE_ATTRIBUTES.given(node) else {}
        if not isinstance(own, dict):
            raise node.error("expected keys and values", NODE_ATTRIBUTES.key)
        if tag != "Component":
            inherited = {**inherited, **own}
        elif ENABLED.read(node):
            data = {**node.data, NODE_ATTRIBUTES.key: {**inherited, **own}}
            whole = Section(data, node.key, node.origin)
            yield from _component(whole, name, columns * rows, columns, rows)


def _grid(of_nodes: Component) -> tuple[int, int]:
    """Find the grid of all instances, which every component of nodes has."""
    assert of_nodes.columns is not None
    assert of_nodes.rows is not None
    return of_nodes.columns, of_nodes.rows


def spatial_mesh(node: Section) -> tuple[int, int]:
    """Find how often a v0.4 node is there, along X and Y, within what is around it."""
    if SPATIAL.given(node):
        spatial = SPATIAL.section(node)
        return MESH_X.read(spatial) or 1, MESH_Y.read(spatial) or 1
    return _range_size(node, NAME.read(node) or ""), 1


def nodes_inside(section: Section) -> Iterator[Section]:
    """List what stands directly inside an architecture or a node, in any layout of trees."""
    for field in (NODES, SUBTREE, LOCAL):
        if field.given(section):
            yield from field.section(section).items()


def _component(
    node: Section, name: str, instances: int, columns: int | None, rows: int | None
) -> Iterator[Component]:
    class_name = CLASS.read(node) or SUBCLASS.read(node) or ""
    role = role_of(class_name) or role_of(SUBCLASS.read(node) or "")
    if role is None:
        return
    attributes = NODE_ATTRIBUTES.section(node) if NODE_ATTRIBUTES.given(node) else node
    yield Component(bare_name(name), class_name, role, attributes, instances, columns, rows, node)


def read_mesh(component: Component) -> Mesh:
    """Find how the instances of a component lie: on the grid that it states, else in a row."""
    attributes = component.attributes
    instances = INSTANCES.read(attributes) or component.instances
    columns, rows = component.columns, component.rows
    if columns is None or rows is None:
        columns, rows = MESH_X.read(attributes), MESH_Y.read(attributes)
        if columns is None:
            columns = instances // (rows or 1)
        if rows is None:
            rows = instances // columns
    if columns * rows != instances:
        raise attributes.error(
            f"{component.name} has {instances} instances, which is not meshX x meshY = "
            f"{columns} x {rows}; correct the range of the name or the mesh"
        )
    return Mesh(columns, rows)
