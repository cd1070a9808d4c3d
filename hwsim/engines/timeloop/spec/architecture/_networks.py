"""The networks of an architecture: components of their own, or figures of a memory's attributes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from hwsim.engines.timeloop.spec.architecture.attributes import (
    ACTION,
    ADDER_ENERGY,
    BY_DATA_SPACE,
    FACTOR_ARGUMENT,
    HOP_ENERGY,
    IMPLIED_DRAIN_LATENCY,
    IMPLIED_FILL_LATENCY,
    IMPLIED_WORD_BITS,
    INGRESS_ENERGY,
    LATENCY,
    NETWORK_READ,
    NETWORK_TYPE,
    NETWORK_UPDATE,
    NETWORK_WORD_BITS,
    ROUTER_ENERGY,
    TILE_WIDTH,
    WIRE_ENERGY,
)
from hwsim.engines.timeloop.spec.architecture.components import Component
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.machine import (
    IMPLIED,
    Interconnect,
    StorageLevel,
    TableActions,
)
from hwsim.errors import did_you_mean

_TYPES: Final = ("1:1", "1:N", "M:N")
#: Names of the class whose networks are meshes.
_MESH_CLASSES: Final = ("XY_NoC", "Legacy")


def read_network(component: Component, table: TableActions) -> Interconnect:
    """Read a network that is a component, with its entries of the energy reference table."""
    attributes = component.attributes
    word_bits = NETWORK_WORD_BITS.read(attributes)
    latency = LATENCY.read(attributes)  # Timeloop drains at the fill latency
    network = Interconnect(
        name=component.name,
        word_bits=word_bits,
        fill_latency=latency,
        drain_latency=latency,
    )
    if component.class_name in _MESH_CLASSES:
        return _mesh(network, attributes, 0.0)
    if component.class_name == "ReductionTree":
        return replace(
            network,
            kind="ReductionTree",
            wire_energy=WIRE_ENERGY.read(attributes),
            adder_energy=ADDER_ENERGY.read(attributes),
        )
    return replace(
        network,
        kind="SimpleMulticast",
        action=ACTION.read(attributes),
        factor_argument=FACTOR_ARGUMENT.read(attributes),
        by_data_space=BY_DATA_SPACE.given(attributes),
        table=table,
    )


def networks_of(
    component: Component,
    inner: str,
    networks: dict[str, Interconnect],
    wire_energy: float,
    word_bits: int,
) -> tuple[Interconnect, Interconnect]:
    """Find a memory's networks towards the level below (``inner``) and back.

    ``networks`` are those that are components; ``wire_energy`` is the energy reference table's, pJ
    a bit and mm, 0 if it has none; ``word_bits`` are the memory's.
    """
    attributes = component.attributes
    network = Interconnect(
        name=f"{component.name}{IMPLIED}{inner}",
        word_bits=IMPLIED_WORD_BITS.read(attributes) or word_bits,
        fill_latency=IMPLIED_FILL_LATENCY.read(attributes),
        drain_latency=IMPLIED_DRAIN_LATENCY.read(attributes),
    )
    implied = _mesh(network, attributes, wire_energy)
    found: list[Interconnect] = []
    for field, default in ((NETWORK_READ, implied), (NETWORK_UPDATE, None)):
        name = field.read(attributes)
        if name is None:
            found.append(default or found[0])
        elif name in networks:
            found.append(networks[name])
        else:
            raise attributes.error(
                f"unknown network {name!r}{did_you_mean(name, networks)}", field.key
            )
    return found[0], found[1]


def _mesh(network: Interconnect, attributes: Section, wire_energy: float) -> Interconnect:
    """Add the prices of a mesh; the table's wires come before the attributes'."""
    subtype = NETWORK_TYPE.read(attributes)
    if subtype is not None and subtype not in _TYPES:
        raise attributes.error(f"expected 1:1, 1:N or M:N. Got {subtype!r}", NETWORK_TYPE.key)
    return replace(
        network,
        router_energy=ROUTER_ENERGY.read(attributes),
        ingress_energy=INGRESS_ENERGY.read(attributes),
        wire_energy=wire_energy or WIRE_ENERGY.read(attributes),
        energy_per_hop=HOP_ENERGY.read(attributes),
        tile_width=TILE_WIDTH.read(attributes),
        distributes=subtype == "M:N",
    )


def class_of_network(network: Interconnect) -> str:
    """Name the class under which a network is written."""
    return _MESH_CLASSES[0] if network.kind == "Legacy" else network.kind


def network_attributes(network: Interconnect) -> dict[str, Any]:
    """Write the attributes of a network that is a component."""
    if network.kind == "Legacy":
        return _mesh_attributes(network) | LATENCY.entry(network.fill_latency)
    word_bits = NETWORK_WORD_BITS.entry(network.word_bits)
    latency = LATENCY.entry(network.fill_latency)
    if network.kind == "ReductionTree":
        prices = WIRE_ENERGY.entry(network.wire_energy) | ADDER_ENERGY.entry(network.adder_energy)
        return {**word_bits, **latency, **prices}
    return {
        **word_bits,
        **ACTION.entry(network.action),
        **FACTOR_ARGUMENT.entry_unless_default(network.factor_argument),
        **(BY_DATA_SPACE.entry(True) if network.by_data_space else {}),
        **latency,
    }


def attributes_of_networks(level: StorageLevel) -> dict[str, Any]:
    """Write which networks a memory has: the figures of the implied one, or names."""
    read, update = level.read_network, level.update_network
    found: dict[str, Any] = {}
    if read.implied:
        found |= _mesh_attributes(read)
        found |= IMPLIED_FILL_LATENCY.entry(read.fill_latency)
        found |= IMPLIED_DRAIN_LATENCY.entry(read.drain_latency)
    else:
        found |= NETWORK_READ.entry(read.name)
    if update.name != read.name:
        found |= NETWORK_UPDATE.entry(update.name)
    return found


def _mesh_attributes(network: Interconnect) -> dict[str, Any]:
    return {
        **NETWORK_WORD_BITS.entry(network.word_bits),
        **ROUTER_ENERGY.entry(network.router_energy),
        **INGRESS_ENERGY.entry(network.ingress_energy),
        **WIRE_ENERGY.entry(network.wire_energy),
        **HOP_ENERGY.entry_unless_default(network.energy_per_hop),
        **TILE_WIDTH.entry_unless_default(network.tile_width),
        **NETWORK_TYPE.entry_unless_default(_TYPES[-1] if network.distributes else None),
    }
