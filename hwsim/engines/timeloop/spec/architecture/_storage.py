"""The attributes of a memory: read with its prices, and written.

Without an energy reference table Timeloop falls back to built-in figures of its public release,
relative to a 16-bit multiplication at 1: memories of 0.5 KB and 100 KB cost 1 and 6 a 16-bit
access (Eyeriss, ISCA 2016, table IV, interpolated), DRAM 200. They are used as pJ, as Timeloop
does; areas and adders are then free.

Timeloop knows one width for all words of a memory. Where data spaces have widths of their own,
what is written states the memory's word, a bandwidth in proportion to the widths, and so many
words that every tile that fits by its bits also fits by its words; what hwsim itself knows stands
beside it under ``x-hwsim``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hwsim.engines.timeloop.spec._field import Field
from hwsim.engines.timeloop.spec.architecture import attributes as known
from hwsim.engines.timeloop.spec.architecture._networks import attributes_of_networks, networks_of
from hwsim.engines.timeloop.spec.architecture.components import Component, read_mesh
from hwsim.engines.timeloop.spec.architecture.extension import (
    extended_level,
    extension_of_level,
    read_factors,
)
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.spec.tables import highest
from hwsim.engines.timeloop.terms.machine import (
    STORAGE_ACTIONS,
    Interconnect,
    StorageLevel,
    TableActions,
)
from hwsim.errors import did_you_mean

#: Attributes that are one figure of a level, by the figure; written where they are not the default.
_FIGURES: Final[Mapping[str, Field[Any]]] = {
    "shared_bandwidth": known.SHARED_BANDWIDTH,
    "default_metadata_word_bits": known.METADATA_WORD_BITS,
    "metadata_width": known.METADATA_WIDTH,
    "metadata_depth": known.METADATA_DEPTH,
    "min_utilization": known.MIN_UTILIZATION,
    "addr_gen_energy": known.ADDRESS_ENERGY,
}
#: The same, always written.
_STATED: Final[Mapping[str, Field[Any]]] = {
    "multiple_buffering": known.BUFFERING,
    "accumulates": known.REDUCTION,
    "decompresses": known.DECOMPRESSION,
    "compresses": known.COMPRESSION,
}
#: More than any layer has.
_ENDLESS_ROWS: Final = 2**30


def read_level(
    component: Component,
    inner: str,
    names: list[str],
    data_spaces: Sequence[str],
    networks: dict[str, Interconnect],
    wire_energy: float,
    table: TableActions | None,
    area: float | None,
) -> StorageLevel:
    """Read a memory above the level ``inner``.

    ``names`` are those of all memories, ``networks`` those that are components. ``wire_energy`` (pJ
    a bit and mm), ``table`` (pJ) and ``area`` (um2) are of the reference tables.
    """
    attributes = component.attributes
    word_bits = known.WORD_BITS.read(attributes)
    block_size, cluster_size = _block(attributes, word_bits)
    dram = "DRAM" in component.class_name or known.TECHNOLOGY.read(attributes) == "DRAM"
    size = _size(attributes, block_size, word_bits)
    if size is None and not dram:
        raise attributes.error(
            f"{component.name} has no capacity; give 'depth', 'entries' or 'sizeKB'"
        )
    if dram and cluster_size != 1:
        raise attributes.error(
            f"{component.name}: DRAM has a cluster size of 1. Got {cluster_size}"
        )
    mesh = read_mesh(component)
    if mesh.instances % cluster_size:
        raise attributes.error(
            f"{component.name}: {mesh.instances} instances do not fill clusters of {cluster_size}"
        )
    _refuse_unmodelled(attributes)
    read, update = networks_of(component, inner, networks, wire_energy, word_bits)
    figures = {name: field.read(attributes) for name, field in {**_FIGURES, **_STATED}.items()}
    if figures["multiple_buffering"] <= 0:
        raise attributes.error(
            f"expected more than 0. Got {figures['multiple_buffering']}", known.BUFFERING.key
        )
    if figures["accumulates"] is None:
        figures["accumulates"] = not dram
    gated_at = known.POWER_GATED_AT.read(attributes) or component.name
    if gated_at not in names:
        raise attributes.error(
            f"unknown storage {gated_at!r}{did_you_mean(gated_at, names)}", known.POWER_GATED_AT.key
        )
    bandwidth = known.BANDWIDTH.read(attributes)
    half = None if bandwidth is None else bandwidth / 2  # shared by reads and writes
    read_bandwidth = known.READ_BANDWIDTH.read(attributes)
    write_bandwidth = known.WRITE_BANDWIDTH.read(attributes)
    own_area = known.CLUSTER_AREA.read(attributes) / cluster_size
    given = known.ACCESS_ENERGY.read(attributes)
    built_in = _built_in_energy(dram, size, word_bits, block_size, cluster_size)
    energies, source, vector_energy = _prices(given, built_in, table, cluster_size)
    level = StorageLevel(
        name=component.name,
        dram=dram,
        mesh=mesh,
        size=size,
        word_bits=word_bits,
        block_size=block_size,
        cluster_size=cluster_size,
        metadata_bits=figures["metadata_depth"] * figures["metadata_width"],
        read_bandwidth=half if read_bandwidth is None else read_bandwidth,
        write_bandwidth=half if write_bandwidth is None else write_bandwidth,
        bandwidth_scale=read_factors(attributes, data_spaces),
        read_network=read,
        update_network=update,
        power_gated_at=gated_at,
        energy=energies,
        energy_source=source,
        area=own_area if area is None else area,
        vector_access_energy=vector_energy,
        class_name=component.class_name,
        **figures,
    )
    return extended_level(level, attributes, data_spaces)


def _prices(
    given: float | None, built_in: float, table: TableActions | None, cluster_size: int
) -> tuple[dict[str, float], str, float]:
    """Find the pJ of every action, where they are from, and the pJ of a vector access."""
    energy = built_in if given is None else given
    energies = dict.fromkeys(STORAGE_ACTIONS, 0.0)
    energies |= dict.fromkeys(("random_read", "random_fill", "random_update"), energy)
    if table is None or given is not None:
        return energies, "PAT" if given is None else "user", energy
    listed = highest(table)
    energies |= chosen_prices(STORAGE_ACTIONS, listed)
    return energies, "ERT", max(listed.values(), default=0.0) / cluster_size


def chosen_prices(actions: dict[str, tuple[str, ...]], table: dict[str, float]) -> dict[str, float]:
    """Take the first entry that a table has for each action."""
    found = {}
    for action, names in actions.items():
        for name in names:
            if name in table:
                found[action] = table[name]
                break
    return found


def _refuse_unmodelled(attributes: Section) -> None:
    """Refuse attributes that would change the result and are not modelled."""
    if known.PORTS.read(attributes) > 2:
        raise attributes.error("expected 1 or 2 ports", *known.PORTS.spellings)
    for field in (known.PARTITION, known.OVERBOOKING):
        if field.read(attributes):
            raise attributes.error("not modelled; leave it out", field.key)
    width = known.METADATA_WIDTH.read(attributes)
    unit = known.METADATA_WORD_BITS.read(attributes) * known.METADATA_BLOCK_SIZE.read(attributes)
    if width and unit and width % unit:
        raise attributes.error(
            f"the metadata storage width of {width} bits does not hold whole blocks of {unit} bits"
        )


def _block(attributes: Section, word_bits: int) -> tuple[int, int]:
    """Find the words of a block and the instances of a cluster."""
    block, cluster = known.BLOCK_SIZE.read(attributes), known.CLUSTER_SIZE.read(attributes)
    width = known.WIDTH.read(attributes)
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
        if width // cluster < word_bits:
            raise attributes.error(
                f"the width of {width} bits is that of all {cluster} instances of a cluster and "
                f"leaves each of them 0 words of {word_bits} bits; widen it, or leave out "
                "'cluster_size'"
            )
        return width // cluster // word_bits, cluster
    if block is not None:
        return block, width // (word_bits * block)
    return width // word_bits, 1


def _size(attributes: Section, block_size: int, word_bits: int) -> int | None:
    """Find how many words it holds, however that is said; None if it is not."""
    kilobytes = known.KILOBYTES.read(attributes)
    for key in (*known.ENTRIES.spellings, *known.DEPTH.spellings):
        if kilobytes is not None and attributes.has(key):
            raise attributes.error(f"give one of {key} and sizeKB, not both")
    entries = known.ENTRIES.read(attributes)
    if entries is not None:
        return entries
    depth = known.DEPTH.read(attributes)
    if depth is not None:
        return depth * block_size
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


def level_attributes(level: StorageLevel) -> dict[str, Any]:
    """Write the attributes of a memory, those of ``x-hwsim`` included."""
    widths = {name: bits for name, bits in level.bits.items() if bits != level.word_bits}
    scale = dict(level.bandwidth_scale)
    for name, bits in widths.items():
        scale[name] = scale.get(name, 1.0) * bits / level.word_bits
    gated_at = level.power_gated_at if level.power_gated_at != level.name else None
    access_energy = level.vector_access_energy if level.energy_source == "user" else None
    return {
        **known.WORD_BITS.entry(level.word_bits),
        **known.BLOCK_SIZE.entry(level.block_size),
        **known.CLUSTER_SIZE.entry(level.cluster_size),
        **known.WIDTH.entry(level.word_bits * level.block_size * level.cluster_size),
        **{field.key: getattr(level, name) for name, field in _STATED.items()},
        **known.READ_BANDWIDTH.entry_unless_default(level.read_bandwidth),
        **known.WRITE_BANDWIDTH.entry_unless_default(level.write_bandwidth),
        **_unless_default(level, "shared_bandwidth"),
        **known.BANDWIDTH_SCALE.entry_unless_default(scale or None),
        **_unless_default(level, "default_metadata_word_bits"),
        **_unless_default(level, "metadata_width"),
        **_unless_default(level, "metadata_depth"),
        **_unless_default(level, "min_utilization"),
        **_unless_default(level, "addr_gen_energy"),
        **known.POWER_GATED_AT.entry_unless_default(gated_at),
        **known.ACCESS_ENERGY.entry_unless_default(access_energy),
        **known.ENTRIES.entry_unless_default(_entries(level, min(widths.values(), default=0))),
        **attributes_of_networks(level),
        **known.EXTENSION.entry(extension_of_level(level)),
    }


def _unless_default(level: StorageLevel, name: str) -> dict[str, Any]:
    return _FIGURES[name].entry_unless_default(getattr(level, name))


def _entries(level: StorageLevel, narrowest: int) -> int | None:
    """Count so many words that what fits by its bits fits by its words, too."""
    if level.size is None:
        return None
    return level.size * level.word_bits // min(narrowest or level.word_bits, level.word_bits)


def level_attributes_of_nodes(level: StorageLevel) -> dict[str, Any]:
    """Write the same attributes as Timeloop's Python front end wants them (v0.4).

    It asks for ``datawidth``, for a ``depth`` in rows even of DRAM, and for all widths of metadata
    or none.
    """
    found = level_attributes(level)
    own = found[known.EXTENSION.key]
    found[known.COMPUTE_WORD_BITS.key] = found.pop(known.WORD_BITS.key)
    words = found.pop(known.ENTRIES.key, None)
    if words is None:
        found |= known.DEPTH.entry(_ENDLESS_ROWS)
        own |= known.UNLIMITED.entry(True)
    else:
        found |= known.DEPTH.entry(-(-words // level.block_size))
        if words % level.block_size:
            own.setdefault(known.OWN_ENTRIES.key, words)
    if level.metadata_width:
        found.setdefault(known.METADATA_WORD_BITS.key, 1)
        found.setdefault(known.METADATA_DEPTH.key, 0)
        if words is None:
            found |= known.METADATA_DEPTH.entry(_ENDLESS_ROWS)
    return found
