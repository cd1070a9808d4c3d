"""Reading ``architecture``, with the prices of its components.

Without an energy reference table Timeloop falls back to built-in figures of its public release,
relative to a 16-bit multiplication at 1: memories of 0.5 KB and 100 KB cost 1 and 6 a 16-bit
access (Eyeriss, ISCA 2016, table IV, interpolated), DRAM 200. They are used as pJ, as Timeloop
does; areas and adders are then free.
"""

from __future__ import annotations

from collections.abc import Sequence

from hwsim.engines.timeloop.spec.components import Component, read_components
from hwsim.engines.timeloop.spec.energy_tables import highest, read_area_table, read_energy_table
from hwsim.engines.timeloop.spec.extension import (
    BANDWIDTH_SCALE,
    extended_compute,
    extended_level,
    read_factors,
)
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.machine import (
    COMPUTE_ACTIONS,
    STORAGE_ACTIONS,
    ComputeLevel,
    Interconnect,
    Machine,
    Mesh,
    StorageLevel,
    TableActions,
)
from hwsim.errors import did_you_mean

_DEFAULT_WORD_BITS = 16


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
    table = read_energy_table(inputs)
    energies: dict[str, TableActions] = dict(table or {})
    areas = read_area_table(inputs) if table is not None else {}
    wires = energies.get("wire") or energies.get("Wire") or {}
    wire_energy = max(highest(wires).get("transfer_random", 0.0), 0.0)

    networks = {
        component.name: _named_network(component, energies.get(component.name, {}))
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
            _storage(
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
        _compute(compute, energies.get(compute.name), areas.get(compute.name)), tuple(levels)
    )


def _mesh(component: Component) -> Mesh:
    attributes = component.attributes
    instances = attributes.integer("instances", least=1) or component.instances
    columns, rows = component.columns, component.rows
    if columns is None or rows is None:
        columns = attributes.integer("meshX", least=1)
        rows = attributes.integer("meshY", least=1)
        if columns is None and rows is None:
            columns, rows = instances, 1
        elif columns is None and rows is not None:
            columns = instances // rows
        elif rows is None and columns is not None:
            rows = instances // columns
    assert columns is not None
    assert rows is not None
    if columns * rows != instances:
        raise attributes.error(
            f"{component.name} has {instances} instances, which is not meshX x meshY = "
            f"{columns} x {rows}; correct the range of the name or the mesh"
        )
    return Mesh(columns, rows)


def _compute(component: Component, table: TableActions | None, area: float | None) -> ComputeLevel:
    attributes = component.attributes
    word_bits = attributes.integer("word_bits", "datawidth", least=1) or _DEFAULT_WORD_BITS
    given = attributes.number("energy")
    energy = word_bits**2 / 256 if given is None else given
    energies = dict.fromkeys(COMPUTE_ACTIONS, 0.0) | {"random_compute": energy}
    if table is not None:
        energies |= _chosen(COMPUTE_ACTIONS, highest(table))
    own_area = attributes.number("area") or 0.0
    level = ComputeLevel(
        component.name, _mesh(component), word_bits, energies, own_area if area is None else area
    )
    return extended_compute(level, attributes)


def _chosen(actions: dict[str, tuple[str, ...]], table: dict[str, float]) -> dict[str, float]:
    """Take the first entry that a table has for each action."""
    found = {}
    for action, names in actions.items():
        for name in names:
            if name in table:
                found[action] = table[name]
                break
    return found


def _storage(
    component: Component,
    inner: str,
    names: list[str],
    data_spaces: Sequence[str],
    networks: dict[str, Interconnect],
    wire_energy: float,
    table: TableActions | None,
    area: float | None,
) -> StorageLevel:
    attributes = component.attributes
    word_bits = attributes.integer("word_bits", "word_width", "datawidth", least=1)
    word_bits = word_bits or _DEFAULT_WORD_BITS
    block_size, cluster_size = _block(attributes, word_bits)
    dram = "DRAM" in component.class_name or attributes.text("technology") == "DRAM"
    size = _size(attributes, block_size, word_bits)
    if size is None and not dram:
        raise attributes.error(
            f"{component.name} has no capacity; give 'depth', 'entries' or 'sizeKB'"
        )
    if dram and cluster_size != 1:
        raise attributes.error(
            f"{component.name}: DRAM has a cluster size of 1. Got {cluster_size}"
        )
    mesh = _mesh(component)
    if mesh.instances % cluster_size:
        raise attributes.error(
            f"{component.name}: {mesh.instances} instances do not fill clusters of {cluster_size}"
        )
    _refuse_unknown(attributes)
    given = attributes.number("vector_access_energy")
    built_in = _built_in_energy(dram, size, word_bits, block_size, cluster_size)
    energy = built_in if given is None else given
    energies = dict.fromkeys(STORAGE_ACTIONS, 0.0)
    energies |= dict.fromkeys(("random_read", "random_fill", "random_update"), energy)
    source = "PAT" if given is None else "user"
    vector_energy = energy
    if table is not None and given is None:
        listed = highest(table)
        energies |= _chosen(STORAGE_ACTIONS, listed)
        source = "ERT"
        vector_energy = max(listed.values(), default=0.0) / cluster_size
    metadata_width = attributes.integer("metadata_storage_width", "metadata_width") or 0
    metadata_depth = attributes.integer("metadata_storage_depth", "metadata_depth") or 0
    read, update = _networks(component, inner, networks, wire_energy, word_bits)
    buffering = attributes.number("multiple_buffering")
    if buffering is not None and buffering <= 0:
        raise attributes.error(f"expected more than 0. Got {buffering}", "multiple_buffering")
    gated_at = attributes.text("power_gated_at") or component.name
    if gated_at not in names:
        raise attributes.error(
            f"unknown storage {gated_at!r}{did_you_mean(gated_at, names)}", "power_gated_at"
        )
    bandwidth = attributes.number("bandwidth")
    half = None if bandwidth is None else bandwidth / 2
    read_bandwidth = attributes.number("read_bandwidth")
    write_bandwidth = attributes.number("write_bandwidth")
    own_area = (attributes.number("cluster_area") or 0.0) / cluster_size
    accumulates = attributes.flag("reduction_supported")
    level = StorageLevel(
        name=component.name,
        dram=dram,
        mesh=mesh,
        size=size,
        word_bits=word_bits,
        block_size=block_size,
        cluster_size=cluster_size,
        metadata_bits=metadata_depth * metadata_width,
        metadata_width=metadata_width,
        metadata_depth=metadata_depth,
        default_metadata_word_bits=(
            attributes.integer("metadata_datawidth", "metadata_word_bits") or 0
        ),
        read_bandwidth=half if read_bandwidth is None else read_bandwidth,
        write_bandwidth=half if write_bandwidth is None else write_bandwidth,
        shared_bandwidth=attributes.number("shared_bandwidth"),
        bandwidth_scale=read_factors(attributes, BANDWIDTH_SCALE, data_spaces),
        multiple_buffering=1.0 if buffering is None else buffering,
        min_utilization=attributes.number("min_utilization") or 0.0,
        accumulates=not dram if accumulates is None else accumulates,
        decompresses=bool(attributes.flag("decompression_supported")),
        compresses=bool(attributes.flag("compression_supported")),
        read_network=read,
        update_network=update,
        power_gated_at=gated_at,
        energy=energies,
        energy_source=source,
        addr_gen_energy=attributes.number("addr_gen_energy"),
        area=own_area if area is None else area,
        vector_access_energy=vector_energy,
        class_name=component.class_name,
    )
    return extended_level(level, attributes, data_spaces)


def _refuse_unknown(attributes: Section) -> None:
    """Refuse attributes that would change the result and are not modelled."""
    if (attributes.integer("num_ports", "n_ports") or 2) > 2:
        raise attributes.error("expected 1 or 2 ports", "num_ports")
    for key in ("tile_partition_supported", "allow_overbooking"):
        if attributes.flag(key):
            raise attributes.error("not modelled; leave it out", key)
    width = attributes.integer("metadata_storage_width", "metadata_width")
    unit = attributes.integer("metadata_datawidth", "metadata_word_bits") or 0
    unit *= attributes.integer("metadata_block_size", least=1) or 1
    if width and unit and width % unit:
        raise attributes.error(
            f"the metadata storage width of {width} bits does not hold whole blocks of {unit} bits"
        )


def _block(attributes: Section, word_bits: int) -> tuple[int, int]:
    block = attributes.integer("block_size", "n_words", least=1)
    cluster = attributes.integer("cluster_size", least=1)
    width = attributes.integer("width", "memory_width", "data_storage_width", least=1)
    if width is None:
        return block or 1, cluster or 1
    if width % (word_bits * (block or 1)):
        raise attributes.error(
            f"the width of {width} bits does not hold whole blocks of {block or 1} words of "
            f"{word_bits} bits"
        )
    if block is not None and cluster is not None:
        if block * word_bits * cluster != width:
            raise attributes.error(
                f"block_size x word_bits x cluster_size = {block * word_bits * cluster} is not "
                f"the width of {width} bits"
            )
        return block, cluster
    if cluster is not None:
        return width // cluster // word_bits, cluster
    if block is not None:
        return block, width // (word_bits * block)
    return width // word_bits, 1


def _size(attributes: Section, block_size: int, word_bits: int) -> int | None:
    given = [key for key in ("entries", "depth") if attributes.has(key)]
    if given and attributes.has("sizeKB"):
        raise attributes.error(f"give one of {given[0]} and sizeKB, not both")
    entries = attributes.integer("entries")
    if entries is not None:
        return entries
    depth = attributes.integer("depth", "memory_depth", "data_storage_depth")
    if depth is not None:
        return depth * block_size
    kilobytes = attributes.integer("sizeKB")
    return None if kilobytes is None else kilobytes * 1024 * 8 // word_bits


def _built_in_energy(
    dram: bool, size: int | None, word_bits: int, block_size: int, cluster_size: int
) -> float:
    """Cost of a vector access without a table; see the module's notes."""
    if dram:
        return 200.0 * word_bits * block_size / 16
    if not size:
        return 0.0
    width = word_bits * block_size * cluster_size
    rows = -(-size // block_size)
    kilobytes = width * rows / (8 * 1024)
    relative = 5.0 / 99.5 * (kilobytes - 0.5) + 1.0
    return relative * width / 16 / cluster_size


def _networks(
    component: Component,
    inner: str,
    networks: dict[str, Interconnect],
    wire_energy: float,
    word_bits: int,
) -> tuple[Interconnect, Interconnect]:
    """Find the networks towards the level below and back; an implied mesh where none is named."""
    attributes = component.attributes
    implied = _network_fields(
        attributes,
        f"{component.name} <==> {inner}",
        attributes.integer("network_word_bits", least=1) or word_bits,
        attributes.integer("network_fill_latency") or 0,
        attributes.integer("network_drain_latency") or 0,
        wire_energy,
    )
    found: list[Interconnect] = []
    for key, default in (("network_read", implied), ("network_update", None)):
        name = attributes.text(key)
        if name is None:
            found.append(default or found[0])
        elif name in networks:
            found.append(networks[name])
        else:
            raise attributes.error(f"unknown network {name!r}{did_you_mean(name, networks)}", key)
    return found[0], found[1]


def _network_fields(
    attributes: Section,
    name: str,
    word_bits: int,
    fill_latency: int,
    drain_latency: int,
    wire_energy: float,
) -> Interconnect:
    subtype = attributes.text("network_type")
    if subtype is not None and subtype not in {"1:1", "1:N", "M:N"}:
        raise attributes.error(f"expected 1:1, 1:N or M:N. Got {subtype!r}", "network_type")
    own_wire = attributes.number("wire_energy") or 0.0
    return Interconnect(
        name=name,
        word_bits=word_bits,
        fill_latency=fill_latency,
        drain_latency=drain_latency,
        router_energy=attributes.number("router_energy") or 0.0,
        ingress_energy=attributes.number("energy_per_ingress") or 0.0,
        wire_energy=wire_energy or own_wire,
        energy_per_hop=attributes.number("energy_per_hop"),
        tile_width=attributes.number("tile_width"),
        distributes=subtype == "M:N",
    )


def _named_network(component: Component, table: TableActions) -> Interconnect:
    attributes = component.attributes
    word_bits = (
        attributes.integer("network_word_bits", "word_bits", "word_width", "datawidth", least=1)
        or _DEFAULT_WORD_BITS
    )
    latency = attributes.integer("fill_latency") or 0  # Timeloop drains at the fill latency
    if component.class_name in {"XY_NoC", "Legacy"}:
        return _network_fields(attributes, component.name, word_bits, latency, latency, 0.0)
    if component.class_name == "ReductionTree":
        return Interconnect(
            name=component.name,
            kind="ReductionTree",
            word_bits=word_bits,
            fill_latency=latency,
            drain_latency=latency,
            wire_energy=attributes.number("wire_energy") or 0.0,
            adder_energy=attributes.number("adder_energy") or 0.0,
        )
    return Interconnect(
        name=component.name,
        kind="SimpleMulticast",
        word_bits=word_bits,
        fill_latency=latency,
        drain_latency=latency,
        action=attributes.required_text("action_name"),
        factor_argument=attributes.text("multicast_factor_argument"),
        by_data_space=attributes.has("per_datatype_ERT"),
        table=table,
    )
