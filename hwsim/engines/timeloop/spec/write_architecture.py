"""Writing ``architecture``: the inverse of :mod:`hwsim.engines.timeloop.spec.architecture`.

Timeloop knows one width for all words of a memory. Where data spaces have widths of their own,
the files state the memory's word, a bandwidth in proportion to the widths, and so many words that
every tile that fits by its bits also fits by its words; what hwsim itself knows stands beside it
under ``x-hwsim``.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from hwsim.engines.timeloop.spec.documents import TAG
from hwsim.engines.timeloop.spec.extension import BANDWIDTH_SCALE, EXTENSION
from hwsim.engines.timeloop.spec.write_tables import ROOT, is_implied, named_networks
from hwsim.engines.timeloop.terms.machine import (
    ComputeLevel,
    Interconnect,
    Machine,
    Mesh,
    StorageLevel,
)

Layout = Literal["v0.3", "v0.4"]

#: More than any layer has.
_ENDLESS_ROWS: Final = 2**30


def architecture_document(machine: Machine, layout: Layout = "v0.3") -> dict[str, Any]:
    """Describe a machine in Timeloop's terms.

    Parameters
    ----------
    machine : Machine
        Prices are not part of it; see :mod:`hwsim.engines.timeloop.spec.write_tables`.
    layout : {"v0.3", "v0.4"}
        Subtrees for the programs themselves, or nodes for the Python front end.

    Returns
    -------
    dict
        With the root key ``architecture``. Tags of v0.4 nodes are under ``"!tag"``.
    """
    if layout == "v0.4":
        return {"architecture": {"version": 0.4, "nodes": _nodes(machine)}}
    local = []
    for level in reversed(machine.levels):
        local.append(_component(level.name, level.mesh, _storage_class(level), storage(level)))
        local += [
            {
                "name": network.name,
                "class": _network_class(network),
                "attributes": _named_network(network),
            }
            for network in named_networks(machine, level.name)
        ]
    compute = machine.compute
    local.append(_component(compute.name, compute.mesh, "intmac", _compute(compute)))
    return {"architecture": {"version": 0.3, "subtree": [{"name": ROOT, "local": local}]}}


def _component(name: str, mesh: Mesh, kind: str, attributes: dict[str, Any]) -> dict[str, Any]:
    ranged = name if mesh.instances == 1 else f"{name}[0..{mesh.instances - 1}]"
    grid = {"meshX": mesh.columns, "meshY": mesh.rows}
    return {"name": ranged, "class": kind, "attributes": {**attributes, **grid}}


def _nodes(machine: Machine) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = [{TAG: "Container", "name": ROOT}]
    around = Mesh(1, 1)

    def enter(name: str, mesh: Mesh) -> None:
        nonlocal around
        if mesh != around:
            spatial = {
                "meshX": mesh.columns // around.columns,
                "meshY": mesh.rows // around.rows,
            }
            nodes.append({TAG: "Container", "name": grid_name(name), "spatial": spatial})
            around = mesh

    for level in reversed(machine.levels):
        enter(level.name, level.mesh)
        nodes.append(_node(level.name, _storage_class(level), front_end_storage(level)))
        nodes += [
            _node(network.name, _network_class(network), _named_network(network))
            for network in named_networks(machine, level.name)
        ]
    enter(machine.compute.name, machine.compute.mesh)
    nodes.append(_node(machine.compute.name, "intmac", _compute(machine.compute)))
    return nodes


def grid_name(inner: str) -> str:
    """Name the v0.4 container that multiplies a component and all inside it."""
    return f"{inner}_grid"


def _node(name: str, kind: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {TAG: "Component", "name": name, "class": kind, "attributes": attributes}


def _storage_class(level: StorageLevel) -> str:
    """Keep the class, unless it hides whether the memory is DRAM (the oldest layout does)."""
    if level.class_name and ("DRAM" in level.class_name) == level.dram:
        return level.class_name
    return "DRAM" if level.dram else "SRAM"


def _network_class(network: Interconnect) -> str:
    return "XY_NoC" if network.kind == "Legacy" else network.kind


def storage(level: StorageLevel) -> dict[str, Any]:
    """List the attributes of a memory, those of ``x-hwsim`` included."""
    widths = {name: bits for name, bits in level.bits.items() if bits != level.word_bits}
    scale = dict(level.bandwidth_scale)
    for name, bits in widths.items():
        scale[name] = scale.get(name, 1.0) * bits / level.word_bits
    narrowest = min([level.word_bits, *widths.values()])
    optional: dict[str, Any] = {
        "read_bandwidth": level.read_bandwidth,
        "write_bandwidth": level.write_bandwidth,
        "shared_bandwidth": level.shared_bandwidth,
        BANDWIDTH_SCALE: scale or None,
        "metadata_datawidth": level.default_metadata_word_bits or None,
        "metadata_storage_width": level.metadata_width or None,
        "metadata_storage_depth": level.metadata_depth or None,
        "min_utilization": level.min_utilization or None,
        "addr_gen_energy": level.addr_gen_energy,
        "power_gated_at": level.power_gated_at if level.power_gated_at != level.name else None,
        "vector_access_energy": (
            level.vector_access_energy if level.energy_source == "user" else None
        ),
    }
    if level.size is not None:
        optional["entries"] = level.size * level.word_bits // narrowest
    own: dict[str, Any] = {"area": float(level.area)}
    if level.bits:
        own["bits"] = dict(level.bits)
        own[BANDWIDTH_SCALE] = dict(level.bandwidth_scale)
        if level.size is not None:
            own["entries"] = level.size
    if level.read_network.bits:
        own["network_bits"] = dict(level.read_network.bits)
    return {
        "word_bits": level.word_bits,
        "block_size": level.block_size,
        "cluster_size": level.cluster_size,
        "width": level.word_bits * level.block_size * level.cluster_size,
        "multiple_buffering": level.multiple_buffering,
        "reduction_supported": level.accumulates,
        "decompression_supported": level.decompresses,
        "compression_supported": level.compresses,
        **{key: value for key, value in optional.items() if value is not None},
        **_networks(level),
        EXTENSION: own,
    }


def front_end_storage(level: StorageLevel) -> dict[str, Any]:
    """List the same attributes as Timeloop's Python front end wants them (v0.4).

    It asks for ``datawidth``, for a ``depth`` in rows even of DRAM, and for all widths of metadata
    or none.
    """
    attributes = storage(level)
    attributes["datawidth"] = attributes.pop("word_bits")
    words = attributes.pop("entries", None)
    if words is None:
        attributes["depth"] = _ENDLESS_ROWS
        attributes[EXTENSION]["unlimited"] = True
    else:
        attributes["depth"] = -(-words // level.block_size)
        if words % level.block_size:
            attributes[EXTENSION].setdefault("entries", words)
    if level.metadata_width:
        attributes.setdefault("metadata_datawidth", 1)
        attributes.setdefault("metadata_storage_depth", 0)
        if words is None:
            attributes["metadata_storage_depth"] = _ENDLESS_ROWS
    return attributes


def _networks(level: StorageLevel) -> dict[str, Any]:
    read, update = level.read_network, level.update_network
    if is_implied(read):
        found = _mesh_attributes(read)
        found["network_fill_latency"] = read.fill_latency
        found["network_drain_latency"] = read.drain_latency
    else:
        found = {"network_read": read.name}
    if update.name != read.name:
        found["network_update"] = update.name
    return found


def _mesh_attributes(network: Interconnect) -> dict[str, Any]:
    optional = {
        "router_energy": network.router_energy or None,
        "energy_per_hop": network.energy_per_hop,
        "tile_width": network.tile_width,
        "network_type": "M:N" if network.distributes else None,
    }
    return {
        "network_word_bits": network.word_bits,
        "router_energy": network.router_energy,
        "energy_per_ingress": network.ingress_energy,
        "wire_energy": network.wire_energy,
        **{key: value for key, value in optional.items() if value is not None},
    }


def _named_network(network: Interconnect) -> dict[str, Any]:
    latency = {"fill_latency": network.fill_latency}
    if network.kind == "Legacy":
        return _mesh_attributes(network) | latency
    if network.kind == "ReductionTree":
        prices = {"wire_energy": network.wire_energy, "adder_energy": network.adder_energy}
        return {"network_word_bits": network.word_bits} | latency | prices
    found: dict[str, Any] = {"network_word_bits": network.word_bits, "action_name": network.action}
    if network.factor_argument is not None:
        found["multicast_factor_argument"] = network.factor_argument
    if network.by_data_space:
        found["per_datatype_ERT"] = True
    return found | latency


def _compute(compute: ComputeLevel) -> dict[str, Any]:
    return {"datawidth": compute.word_bits, EXTENSION: {"area": float(compute.area)}}
