"""The components of an architecture, however it is written: classes, attributes, instances.

A v0.3 architecture is a chain of subtrees with local components; a v0.4 one is a list of nodes;
the oldest form lists ``arithmetic`` and ``storage``. All become the same flat list, outermost
first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from hwsim.engines.timeloop.spec.documents import TAG
from hwsim.engines.timeloop.spec.section import Section

Role = Literal["storage", "compute", "network"]

_STORAGE_CLASSES: Final = ("DRAM", "SRAM", "regfile", "smartbuffer", "storage")
_COMPUTE_CLASSES: Final = ("mac", "compute")
_NETWORK_CLASSES: Final = ("XY_NoC", "Legacy", "ReductionTree", "SimpleMulticast")
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
    architecture = inputs.section("arch" if inputs.has("arch") else "architecture")
    if architecture.has("nodes"):
        components = list(_nodes(architecture.section("nodes"), 1, 1, {}))
    elif architecture.has("subtree"):
        components = list(_subtrees(architecture))
    elif architecture.has("storage"):
        components = list(_lists(architecture))
    else:
        raise architecture.error(
            "expected 'subtree' (v0.3), 'nodes' (v0.4) or 'arithmetic' and 'storage'"
        )
    found = [component.role for component in components]
    if "storage" not in found:
        raise architecture.error(
            f"no storage found; its class has to contain one of {', '.join(_STORAGE_CLASSES)}"
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
    first, last = int(found[1]), int(found[2])
    if last < first:
        raise node.error(f"the range of {name!r} ends before it starts", "name")
    return last - first + 1


def _role(class_name: str) -> Role | None:
    if any(part in class_name for part in _STORAGE_CLASSES):
        return "storage"
    if any(part in class_name for part in _COMPUTE_CLASSES):
        return "compute"
    if any(part in class_name for part in _NETWORK_CLASSES):
        return "network"
    return None


def _subtrees(architecture: Section) -> Iterator[Component]:
    current, copies = architecture, 1
    while current.has("subtree"):
        children = list(current.section("subtree").items())
        if len(children) != 1:
            raise current.error(
                f"expected one subtree a level, found {len(children)}; put components that stand "
                "side by side into 'local'",
                "subtree",
            )
        current = children[0]
        copies *= _range_size(current, current.text("name") or "")
        for local in current.section("local").items() if current.has("local") else ():
            name = local.required_text("name")
            yield from _component(local, name, copies * _range_size(local, name), None, None)


def _lists(architecture: Section) -> Iterator[Component]:
    for number, storage in reversed(list(enumerate(architecture.section("storage").items()))):
        name = storage.text("name") or f"storage_{number}"
        technology = "DRAM" if storage.text("technology") == "DRAM" else "SRAM"
        instances = _given_instances(storage)
        yield Component(
            bare_name(name), technology, "storage", storage, instances, None, None, storage
        )
    unit = architecture.section("arithmetic")
    name = unit.text("name") or "__ARITH__"  # as Timeloop calls it
    instances = _given_instances(unit)
    yield Component(bare_name(name), "compute", "compute", unit, instances, None, None, unit)


def _given_instances(section: Section) -> int:
    instances = section.integer("instances", least=1)
    if instances is None:
        columns = section.integer("meshX", least=1)
        rows = section.integer("meshY", least=1)
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
        tag = node.text(TAG) or ("Component" if node.has("class") else "Container")
        if tag in {"Hierarchical", "Parallel", "Pipelined"}:
            inner = list(_nodes(node.section("nodes"), columns, rows, inherited))
            yield from inner
            last = next((item for item in reversed(inner) if item.columns is not None), None)
            if tag == "Hierarchical" and last is not None:
                columns, rows = last.columns or columns, last.rows or rows
            continue
        name = node.text("name") or ""
        if node.has("spatial"):
            spatial = node.section("spatial")
            columns *= spatial.integer("meshX", least=1) or 1
            rows *= spatial.integer("meshY", least=1) or 1
        elif (size := _range_size(node, name)) > 1:
            columns *= size
        own = node.section("attributes").data if node.has("attributes") else {}
        if not isinstance(own, dict):
            raise node.error("expected keys and values", "attributes")
        if tag != "Component":
            inherited = {**inherited, **own}
        elif node.flag("enabled") is not False:
            data = {**node.data, "attributes": {**inherited, **own}}
            whole = Section(data, node.key, node.origin)
            yield from _component(whole, name, columns * rows, columns, rows)


def _component(
    node: Section, name: str, instances: int, columns: int | None, rows: int | None
) -> Iterator[Component]:
    class_name = node.text("class") or node.text("subclass") or ""
    role = _role(class_name) or _role(node.text("subclass") or "")
    if role is None:
        return
    attributes = node.section("attributes") if node.has("attributes") else node
    yield Component(bare_name(name), class_name, role, attributes, instances, columns, rows, node)
