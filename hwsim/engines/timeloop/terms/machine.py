"""The machine: storage levels above compute units, the networks between them, and their prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from hwsim.errors import InputError

#: Of one mapping, or of each of a batch.
Count = TypeVar("Count", int, npt.NDArray[np.float64])

#: Storage actions, and the names under which an energy reference table may list each, best first.
STORAGE_ACTIONS: Final[dict[str, tuple[str, ...]]] = {
    "random_read": ("random_read", "read"),
    "random_fill": ("random_fill", "random_write", "fill", "write"),
    "random_update": ("random_update", "random_write", "update", "write"),
    "gated_read": ("gated_read",),
    "gated_fill": ("gated_fill", "gated_write"),
    "gated_update": ("gated_update", "gated_write"),
    "skipped_read": ("skipped_read", "gated_read"),
    "skipped_fill": ("skipped_fill", "skipped_write", "gated_fill", "gated_write"),
    "skipped_update": ("skipped_update", "skipped_write", "gated_update", "gated_write"),
    "random_metadata_read": ("random_metadata_read", "metadata_read"),
    "gated_metadata_read": ("gated_metadata_read",),
    "skipped_metadata_read": ("skipped_metadata_read", "gated_metadata_read"),
    "random_metadata_fill": (
        "random_metadata_fill",
        "random_metadata_write",
        "metadata_fill",
        "metadata_write",
    ),
    "gated_metadata_fill": ("gated_metadata_fill", "gated_metadata_write"),
    "skipped_metadata_fill": (
        "skipped_metadata_fill",
        "skipped_metadata_write",
        "gated_metadata_fill",
        "gated_metadata_write",
    ),
    "random_metadata_update": (
        "random_metadata_update",
        "random_metadata_write",
        "metadata_update",
        "metadata_write",
    ),
    "gated_metadata_update": ("gated_metadata_update", "gated_metadata_write"),
    "skipped_metadata_update": (
        "skipped_metadata_update",
        "skipped_metadata_write",
        "gated_metadata_update",
        "gated_metadata_write",
    ),
    "decompression_count": ("decompression_count",),
    "compression_count": ("compression_count",),
    "leak": ("leak",),
}

#: The same for compute units.
COMPUTE_ACTIONS: Final[dict[str, tuple[str, ...]]] = {
    "random_compute": ("mac_random", "mult_random", "mac", "mult", "compute"),
    "gated_compute": ("mac_gated", "mult_gated", "compute_gated", "mac", "mult", "compute"),
    "skipped_compute": (
        "mac_skipped",
        "mult_skipped",
        "compute_skipped",
        "mac_gated",
        "mult_gated",
        "compute_gated",
        "mac",
        "mult",
        "compute",
    ),
}

#: Stands between the names of the levels that an implied network joins.
IMPLIED: Final = " <==> "

#: What an energy reference table says of an action: ({argument: value}, pJ) of each entry.
TableEntries = tuple[tuple[Mapping[str, object], float], ...]
#: Actions of an energy reference table, by name.
TableActions = Mapping[str, TableEntries]


@dataclass(frozen=True)
class Mesh:
    """Instances of a component, on a grid."""

    columns: int
    rows: int

    @property
    def instances(self) -> int:
        """Columns times rows."""
        return self.columns * self.rows


@dataclass(frozen=True)
class Interconnect:
    """What carries words between a storage level and the level below it.

    Parameters
    ----------
    name : str
        Its own, or ``"OUTER <==> INNER"`` where it is implied.
    kind : {'Legacy', 'ReductionTree', 'SimpleMulticast'}
        A mesh; a tree of adders; a bus priced by the number of receivers.
    word_bits : int
        Bits of a word on it.
    bits : mapping of str to int
        The same of data spaces that have a width of their own.
    fill_latency, drain_latency : int
        Cycles added to the run.
    router_energy, ingress_energy : float
        pJ a word and router, or a word that enters.
    wire_energy : float
        pJ a bit and mm; 0 means free wires.
    energy_per_hop : float or None
        pJ a word and hop, in place of the wires.
    tile_width : float or None
        um between neighbours; none means the square root of the inner level's area.
    adder_energy : float
        pJ an addition in the tree.
    distributes : bool
        Whether a multicast may be split among the receivers (``network_type: M:N``).
    action, factor_argument, by_data_space, table
        Where a SimpleMulticast finds its pJ in the energy reference table.
    """

    name: str
    kind: Literal["Legacy", "ReductionTree", "SimpleMulticast"] = "Legacy"
    word_bits: int = 16
    fill_latency: int = 0
    drain_latency: int = 0
    router_energy: float = 0.0
    ingress_energy: float = 0.0
    wire_energy: float = 0.0
    energy_per_hop: float | None = None
    tile_width: float | None = None
    adder_energy: float = 0.0
    distributes: bool = False
    action: str = ""
    factor_argument: str | None = None
    by_data_space: bool = False
    table: TableActions = field(default_factory=dict)
    bits: Mapping[str, int] = field(default_factory=dict)

    @property
    def implied(self) -> bool:
        """Whether it is no component, but what two neighbouring levels imply."""
        return IMPLIED in self.name


@dataclass(frozen=True)
class StorageLevel:
    """A memory.

    Parameters
    ----------
    name : str
        Its component's name.
    dram : bool
        Whether it is off-chip memory (cannot accumulate by itself).
    mesh : Mesh
        Its instances.
    size : int or None
        Words of an instance; none is unlimited.
    word_bits, block_size, cluster_size : int
        Bits of a word, words of a vector access, instances that share an address.
    metadata_bits : int
        Capacity for metadata, bits.
    metadata_width, metadata_depth : int
        Bits and rows of the metadata storage.
    default_metadata_word_bits : int
        Where a format does not say.
    read_bandwidth, write_bandwidth, shared_bandwidth : float or None
        Words a cycle and instance.
    ports : mapping of str to (float, float)
        Words a cycle and instance that are read and written of data spaces with ports of their own,
        beside all of the above.
    bandwidth_scale : mapping of str to float
        Bandwidth that a word of a data space takes, where it is not 1.
    multiple_buffering, min_utilization : float
        Copies of each tile held; least share of the capacity to be used.
    accumulates : bool
        Whether it can add an arriving partial sum to a stored one.
    decompresses, compresses : bool
        Whether a compressed tensor of the parent may be stored plain here, and the other way.
    read_network, update_network : Interconnect
        Towards the level below, and back.
    power_gated_at : str
        The level whose instances switch these off.
    energy : mapping of str to float
        pJ of each of :data:`STORAGE_ACTIONS` (an access is of a block).
    energy_source : str
        Where the energies are from.
    addr_gen_energy : float or None
        pJ an address.
    area : float
        um2 an instance.
    bits : mapping of str to int
        Bits of a word of each data space that has a width of its own; the rest have
        ``word_bits``. Capacity, rows and bandwidth are then shared bit by bit.
    class_name : str
        The component's class, e.g. ``"SRAM"`` or ``"regfile"``.
    """

    name: str
    dram: bool
    mesh: Mesh
    size: int | None
    word_bits: int
    block_size: int
    cluster_size: int
    metadata_bits: int
    metadata_width: int
    metadata_depth: int
    default_metadata_word_bits: int
    read_bandwidth: float | None
    write_bandwidth: float | None
    shared_bandwidth: float | None
    bandwidth_scale: Mapping[str, float]
    multiple_buffering: float
    min_utilization: float
    accumulates: bool
    decompresses: bool
    compresses: bool
    read_network: Interconnect
    update_network: Interconnect
    power_gated_at: str
    energy: Mapping[str, float]
    energy_source: str
    addr_gen_energy: float | None
    area: float
    vector_access_energy: float = 0.0
    bits: Mapping[str, int] = field(default_factory=dict)
    class_name: str = ""
    ports: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Bits of a vector access."""
        return self.word_bits * self.block_size

    def bits_of(self, data_space: str) -> int:
        """Bits of a word of a data space."""
        return self.bits.get(data_space, self.word_bits)

    def block_of(self, data_space: str) -> int:
        """Words of a data space that a vector access holds whole; at least one."""
        return max(self.width // self.bits_of(data_space), 1)

    def rows_of_word(self, data_space: str) -> int:
        """Vector accesses that a word takes: more than one if it is wider than they are."""
        return -(-self.bits_of(data_space) // self.width)

    def scaled(self, words: Count, data_space: str) -> Count:
        """Turn words of a data space into words of ``word_bits``."""
        return _ceiling(words * self.bits_of(data_space), self.word_bits)

    @property
    def effective_size(self) -> int | None:
        """Words that a tile may take."""
        return None if self.size is None else int(self.size // self.multiple_buffering)

    @property
    def effective_metadata_bits(self) -> int:
        """Bits of metadata that a tile may take."""
        return int(self.metadata_bits // self.multiple_buffering)


@dataclass(frozen=True)
class ComputeLevel:
    """The compute units.

    Parameters
    ----------
    name : str
        Their component's name.
    mesh : Mesh
        How many there are.
    word_bits : int
        Bits of an operand.
    energy : mapping of str to float
        pJ of each of :data:`COMPUTE_ACTIONS`.
    area : float
        um2 a unit.
    """

    name: str
    mesh: Mesh
    word_bits: int
    energy: Mapping[str, float]
    area: float


@dataclass(frozen=True)
class RampUp:
    """What units wait for when what they hold is replaced: a processing pass begins.

    Parameters
    ----------
    level : int
        Storage level whose children begin together.
    replaced : str
        The data space whose new tiles begin a pass.
    words : mapping of str to float
        Words a cycle of each data space that has to be there before the first operation.
    at_once : bool
        Whether all data spaces come at the same time; else one after the other.
    """

    level: int
    replaced: str
    words: Mapping[str, float]
    at_once: bool = False


@dataclass(frozen=True)
class Machine:
    """Everything.

    Parameters
    ----------
    compute : ComputeLevel
        The compute units.
    levels : tuple of StorageLevel
        Innermost first.
    ramp_up : RampUp or None
        What the units wait for at the begin of a processing pass; nothing, as in Timeloop.
    """

    compute: ComputeLevel
    levels: tuple[StorageLevel, ...]
    ramp_up: RampUp | None = None

    def __post_init__(self) -> None:
        for level in range(len(self.levels)):
            inner, outer = self._inner_mesh(level), self.levels[level].mesh
            if inner.columns % outer.columns or inner.rows % outer.rows:
                raise InputError(
                    f"architecture: {self.inner_name(level)} has {inner.columns} x {inner.rows} "
                    f"instances (meshX x meshY), which is no multiple of the {outer.columns} x "
                    f"{outer.rows} of {self.levels[level].name}"
                )

    def _inner_mesh(self, level: int) -> Mesh:
        return self.levels[level - 1].mesh if level else self.compute.mesh

    def inner_name(self, level: int) -> str:
        """Name what a storage level is read by: the level below it, or the compute units."""
        return self.levels[level - 1].name if level else self.compute.name

    def fanout(self, level: int) -> tuple[int, int]:
        """Children of one instance of a storage level, along the columns and the rows."""
        inner, outer = self._inner_mesh(level), self.levels[level].mesh
        return inner.columns // outer.columns, inner.rows // outer.rows

    def has_fanout(self, level: int) -> bool:
        """Whether a storage level has several children an instance."""
        columns, rows = self.fanout(level)
        return columns * rows > 1

    def as_timeloop_has_it(self) -> Machine:
        """Give the same without waits and ports of data spaces; itself if it has none."""
        if self.ramp_up is None and not any(level.ports for level in self.levels):
            return self
        levels = tuple(replace(level, ports={}) for level in self.levels)
        return Machine(self.compute, levels)

    def own_networks(self, level: int) -> list[Interconnect]:
        """List the networks that are components and that no outer storage level uses too."""
        earlier = {
            network.name
            for outer in self.levels[level + 1 :]
            for network in (outer.read_network, outer.update_network)
        }
        here = self.levels[level]
        found = {
            network.name: network
            for network in (here.read_network, here.update_network)
            if not network.implied and network.name not in earlier
        }
        return list(found.values())

    def level_number(self, name: str) -> int | None:
        """Find a storage level by name."""
        for number, level in enumerate(self.levels):
            if level.name == name:
                return number
        return None


def _ceiling(count: Count, of: int) -> Count:
    """Divide and round up: exactly where counts are integers."""
    return -(-count // of) if isinstance(count, int) else np.ceil(count / of)
