"""What the accesses of a storage level mean: capacity in use, vector accesses, time, energy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add
from typing import Final, TypeVar

import numpy as np

from hwsim.engines.timeloop.figures._row_accesses import rows_a_word
from hwsim.engines.timeloop.nest.loops import Floats
from hwsim.engines.timeloop.sparse.occupancy import max_metadata
from hwsim.engines.timeloop.sparse.rounding import Rounding
from hwsim.engines.timeloop.sparse.sparse_tile import SparseTile
from hwsim.engines.timeloop.terms.formats import RankOccupancy
from hwsim.engines.timeloop.terms.machine import STORAGE_ACTIONS, StorageLevel
from hwsim.engines.timeloop.terms.problem import DataSpace, Problem
from hwsim.errors import InputError

#: Of one mapping, or of each of a batch.
Words = TypeVar("Words", float, Floats)

#: As many as whole numbers of Timeloop's files, and as a double counts.
_MOST_CYCLES: Final = 2**53

#: Blocks of a tile from which on the fill of single blocks averages out, by block size and tenths
#: of density, as Timeloop tabulates it (include/model/buffer.hpp of its release).
_BLOCKS_THAT_AVERAGE: Final[dict[int, tuple[int, ...]]] = {
    2: (251, 125, 84, 63, 51, 42, 36, 32, 28),
    4: (375, 188, 125, 94, 75, 63, 54, 47, 42),
    8: (438, 219, 146, 110, 88, 73, 63, 55, 49),
    16: (469, 235, 157, 118, 94, 79, 67, 59, 52),
    32: (485, 243, 162, 122, 97, 81, 70, 61, 52),
}


@dataclass
class SpaceFigures:
    """One data space at one storage level, as Timeloop's statistics show it. Of one instance.

    Energies in pJ, bandwidths in words a cycle.
    """

    name: str
    tile: SparseTile
    capacity: int
    metadata: list[RankOccupancy]
    metadata_bits: int
    clusters: int
    address_generations: float
    vector_accesses: dict[str, float] = field(default_factory=dict)
    format_bits: dict[str, float] = field(default_factory=dict)
    energy: float = field(init=False, default=0.0)
    addr_gen_energy: float = field(init=False, default=0.0)
    read_demand: float = field(init=False, default=0.0)
    write_demand: float = field(init=False, default=0.0)
    read_bandwidth: float = field(init=False, default=0.0)
    write_bandwidth: float = field(init=False, default=0.0)
    shared_bandwidth: float = field(init=False, default=0.0)
    format_read_share: float = field(init=False, default=0.0)
    format_write_share: float = field(init=False, default=0.0)
    format_shared_share: float = field(init=False, default=0.0)

    @property
    def most_instances(self) -> int:
        """Instances in use at most."""
        return self.tile.columns * self.tile.rows

    @property
    def actual_accesses(self) -> float:
        """Scalar accesses that happen."""
        counts = self.tile.counts
        return counts["random_read"] + counts["random_fill"] + counts["random_update"]

    @property
    def total_energy(self) -> float:
        """Of all instances, pJ."""
        return self.energy * self.tile.instances


@dataclass
class LevelFigures:
    """A storage level.

    Parameters
    ----------
    level : StorageLevel
        Which.
    spaces : list of SpaceFigures
        By data space, bypassed ones included.
    leakage : float
        pJ of all instances, whole run.

    Attributes
    ----------
    slowdown : float
        Bandwidth there is over bandwidth wanted, at most 1.
    cycles : int
        That the level needs.
    """

    level: StorageLevel
    spaces: list[SpaceFigures]
    slowdown: float = field(init=False)
    cycles: int = field(init=False)
    leakage: float = 0.0
    sharing_power_gate: float = 1.0
    powered_utilization: float = 1.0

    @property
    def access_energy(self) -> float:
        """Of the accesses of all instances, pJ."""
        return sum(space.total_energy for space in self.spaces)

    @property
    def address_energy(self) -> float:
        """Of generating the addresses of all clusters, pJ."""
        return sum(space.addr_gen_energy * space.clusters for space in self.spaces)

    @property
    def energy(self) -> float:
        """Accesses, addresses and leakage of all instances, pJ."""
        return self.access_energy + self.address_energy + self.leakage


def level_figures(
    level: StorageLevel,
    tiles: Sequence[SparseTile],
    problem: Problem,
    compute_cycles: int,
    streamed: Sequence[bool] = (),
) -> LevelFigures:
    """Find everything but leakage.

    Parameters
    ----------
    level : StorageLevel
        The level.
    tiles : sequence of SparseTile
        Of each data space.
    problem : Problem
        For names and roles of the data spaces.
    compute_cycles : int
        That the compute units need.
    streamed : sequence of bool, optional
        Data spaces whose words pass through, and take no room and no addresses.

    Raises
    ------
    InputError
        If tiles or instances do not fit the level.
    """
    spaces = [
        _space_figures(level, tile, space)
        for tile, space in zip(tiles, problem.data_spaces, strict=True)
    ]
    for number, passes in enumerate(streamed):
        if passes:
            spaces[number] = replace(
                spaces[number], capacity=0, metadata_bits=0, address_generations=0
            )
    figures = LevelFigures(level, spaces)
    _check_capacity(level, spaces)
    _check_instances(level, spaces)
    known = not Rounding.of(problem).rounds
    for space in spaces:
        if space.tile.kept:
            _count_vectors(level, space, known)
            _price(level, space)
    _bandwidth(level, figures, compute_cycles)
    return figures


def _space_figures(level: StorageLevel, tile: SparseTile, space: DataSpace) -> SpaceFigures:
    clusters = min(tile.columns * tile.rows, level.mesh.instances // level.cluster_size)
    if not tile.kept:
        accesses = dict.fromkeys((*tile.counts, *tile.formats), 0.0)
        format_bits: dict[str, float] = dict.fromkeys(tile.formats, 0)
        return SpaceFigures(space.name, tile, 0, [], 0, clusters, 0, accesses, format_bits)
    capacity = tile.dense.size
    metadata: list[RankOccupancy] = []
    if tile.representation is not None:
        most = math.ceil(tile.density.max_occupancy(tile.box) * tile.entries)
        capacity = min(most, tile.dense.size) if tile.entries > 1 else most
        metadata = max_metadata(tile)
    bits: float = 0
    for rank in metadata:
        bits += rank.metadata * rank.metadata_bits + rank.payload * rank.payload_bits
    counts, action = tile.counts, "update" if space.read_write else "read"
    generations = (
        counts[f"random_{action}"]
        + counts["random_fill"]
        + counts[f"gated_{action}"]
        + counts["gated_fill"]
    )
    return SpaceFigures(
        space.name, tile, capacity, metadata, math.ceil(bits), clusters, generations
    )


def _check_capacity(level: StorageLevel, spaces: list[SpaceFigures]) -> None:
    if level.effective_size is None:
        return
    used = sum(level.scaled(space.capacity, space.name) for space in spaces)
    metadata_bits = sum(space.metadata_bits for space in spaces)
    least = level.effective_size * level.min_utilization
    if used > level.effective_size:
        raise InputError(
            f"{level.name}: the mapped tiles of {used} words exceed its capacity of "
            f"{level.effective_size} words; choose smaller factors inside or bypass a data space"
        )
    if metadata_bits > level.effective_metadata_bits:
        raise InputError(
            f"{level.name}: the metadata of the mapped tiles, {metadata_bits} bits, exceed its "
            f"metadata storage of {level.effective_metadata_bits} bits (metadata_storage_depth x "
            "metadata_storage_width)"
        )
    if used < least:
        raise InputError(
            f"{level.name}: the mapped tiles of {used} words are less than the least utilisation "
            f"of {least:g} words (min_utilization)"
        )


def _check_instances(level: StorageLevel, spaces: list[SpaceFigures]) -> None:
    checks = (
        ("instances", max([space.tile.instances for space in spaces]), level.mesh.instances),
        ("columns (meshX)", max([space.tile.columns for space in spaces]), level.mesh.columns),
        ("rows (meshY)", max([space.tile.rows for space in spaces]), level.mesh.rows),
    )
    for what, used, there in checks:
        if used > there:
            raise InputError(
                f"{level.name}: the mapping uses {used:g} {what}, but there are {there}; lower "
                "the spatial factors outside, or move the split between X and Y"
            )


def _count_vectors(level: StorageLevel, figures: SpaceFigures, known: bool) -> None:
    """Count accesses to whole blocks, and the bits of metadata accesses.

    Where zeros are ``known``, counts are averages over instances, and rows are not rounded up.
    """
    tile, vectors = figures.tile, figures.vector_accesses
    block = level.block_of(figures.name)
    rows_of_word = level.rows_of_word(figures.name)
    ratio = _partial_blocks(block, tile) if not known else rows_a_word(tile, block)
    for action, count in tile.counts.items():
        if not count or "count" in action:
            vectors[action] = float(count)
        elif known:
            vectors[action] = count * rows_of_word * ratio
        else:
            vectors[action] = -(-int(count) // block) * rows_of_word * ratio
    width = level.metadata_width
    if not (width and tile.ranks):
        figures.format_bits.update(dict.fromkeys(tile.formats, 0))
        vectors.update(dict.fromkeys(tile.formats, 0.0))
        return
    for action, ranks in tile.formats.items():
        bits: float = 0
        for (metadata, payload), rank in zip(ranks, tile.ranks, strict=False):
            bits += rank.metadata_bits * metadata + rank.payload_bits * payload
        figures.format_bits[action] = bits
        rows = bits / width
        vectors[action] = rows if known else float(math.ceil(rows))


def beyond_table(block: int, tile: SparseTile) -> bool:
    """Say whether Timeloop has no figure for blocks of so many words that a tile fills in part.

    Its release looks the size up in a table and ends where it finds none.
    """
    return _fills_in_part(block, tile) and block not in _BLOCKS_THAT_AVERAGE


def _fills_in_part(block: int, tile: SparseTile) -> bool:
    """Whether the non-zeros of a compressed tile may leave the last of their blocks half empty."""
    return tile.compressed and tile.dense.size > 0 and block > 1 and tile.expected_density < 1.0


def _partial_blocks(block: int, tile: SparseTile) -> float:
    """How many more blocks small compressed tiles touch than their non-zeros would fill."""
    density = tile.expected_density
    if not _fills_in_part(block, tile):
        return 1.0
    if block in _BLOCKS_THAT_AVERAGE:
        tenth = max(math.floor(density / 0.1) - 1, 0)
        if _BLOCKS_THAT_AVERAGE[block][tenth] * block <= tile.dense.size:
            return 1.0
    occupancies, chances = tile.density.distribution(tile.box)
    blocks = np.ceil(occupancies / block) * chances
    touched = float(np.add.accumulate(blocks)[-1])
    filled = tile.dense.size * density / block
    return touched / filled if filled else 1.0


def _price(level: StorageLevel, figures: SpaceFigures) -> None:
    tile, vectors = figures.tile, figures.vector_accesses
    energy = 0.0
    for action in STORAGE_ACTIONS:
        if vectors[action]:
            energy += vectors[action] * level.energy[action]
    used = tile.columns * tile.rows / figures.clusters if figures.clusters else 1.0
    figures.energy = energy / used if tile.instances > 0 else 0.0
    figures.addr_gen_energy = figures.address_generations * max(level.addr_gen_energy or 0.0, 0.0)


def _bandwidth(level: StorageLevel, figures: LevelFigures, compute_cycles: int) -> None:
    for space in figures.spaces:
        if space.tile.kept:
            _demand(level, space, level.bandwidth_scale.get(space.name, 1.0), compute_cycles)
    wanted = {space.name: (space.read_demand, space.write_demand) for space in figures.spaces}
    share = min([1.0, *(there / demand for there, demand in _limits(level, wanted) if demand)])
    if share <= 0:
        raise InputError(f"{level.name}: a bandwidth of 0 cannot serve any access")
    if compute_cycles > share * _MOST_CYCLES:
        raise InputError(
            f"{level.name}: a bandwidth this small serves the accesses in more than 2^53 cycles"
        )
    for space in figures.spaces:
        space.read_bandwidth = share * space.read_demand
        space.write_bandwidth = share * space.write_demand
        space.shared_bandwidth = share * (space.read_demand + space.write_demand)
    figures.slowdown = share
    figures.cycles = math.ceil(compute_cycles / share)


def bandwidth_share(level: StorageLevel, wanted: Mapping[str, tuple[Floats, Floats]]) -> Floats:
    """Find the bandwidth that there is over that wanted, at most 1, of a batch of mappings.

    Parameters
    ----------
    level : StorageLevel
        Its bandwidths.
    wanted : mapping of str to (ndarray of float, ndarray of float)
        By data space the words a cycle that an instance would have to read, and to write.
    """
    reads, _ = next(iter(wanted.values()))
    share: Floats = np.ones_like(reads)
    for there, demand in _limits(level, wanted):
        some = demand.astype(bool)
        share = np.minimum(share, np.divide(there, demand, np.ones_like(demand), where=some))
    return share


def _limits(
    level: StorageLevel, wanted: Mapping[str, tuple[Words, Words]]
) -> list[tuple[float, Words]]:
    """Find the bandwidths that there are, each with what is wanted of it."""
    reads = reduce(add, [words for words, _ in wanted.values()])
    writes = reduce(add, [words for _, words in wanted.values()])
    limits = [
        (level.read_bandwidth, reads),
        (level.write_bandwidth, writes),
        (level.shared_bandwidth, writes + reads),
    ]
    for space, ports in level.ports.items():
        limits += zip(ports, wanted[space], strict=True)
    return [(there, demand) for there, demand in limits if there is not None]


def _demand(level: StorageLevel, figures: SpaceFigures, scale: float, compute_cycles: int) -> None:
    """Words a cycle that an instance would have to read and write, metadata included."""
    counts, bits = figures.tile.counts, figures.format_bits
    data_reads = counts["random_read"] + counts["gated_read"]
    data_writes = (
        counts["random_fill"]
        + counts["gated_fill"]
        + counts["random_update"]
        + counts["gated_update"]
    )
    read_bits = bits["random_metadata_read"] + bits["gated_metadata_read"]
    write_bits = (
        bits["random_metadata_fill"]
        + bits["gated_metadata_fill"]
        + bits["random_metadata_update"]
        + bits["gated_metadata_update"]
    )
    format_reads, format_writes = read_bits // level.word_bits, write_bits // level.word_bits
    reads = level.scaled(math.ceil(data_reads), figures.name) + format_reads
    writes = level.scaled(math.ceil(data_writes), figures.name) + format_writes
    both = (read_bits + write_bits) // level.word_bits
    figures.format_shared_share = both / (reads + writes) if reads + writes else 0.0
    figures.format_read_share = format_reads / reads if reads else 0.0
    figures.format_write_share = format_writes / writes if writes else 0.0
    if figures.tile.instances > 0:
        there = float(figures.tile.columns) * figures.tile.rows
        if figures.tile.working != 1.0:
            there = figures.tile.dense.instances
        spread = there / figures.tile.instances
        reads, writes = math.ceil(reads / spread), math.ceil(writes / spread)
    else:
        reads = writes = 0
    figures.read_demand = reads / compute_cycles * scale if compute_cycles else 0.0
    figures.write_demand = writes / compute_cycles * scale if compute_cycles else 0.0


def add_leakage(levels: Sequence[LevelFigures], cycles: int) -> None:
    """Charge leakage: power gates switch whole groups of instances."""
    by_name = {figures.level.name: figures for figures in levels}
    for figures in levels:
        gate = by_name[figures.level.power_gated_at]
        used = max(1.0, *(space.tile.instances / space.tile.working for space in figures.spaces))
        gates_used = max(1.0, *(space.tile.instances / space.tile.working for space in gate.spaces))
        sharing = instances_of_gate(figures.level, gate.level)
        powered = used
        if sharing > 1:
            powered = sharing * gates_used
            figures.powered_utilization = used / powered
            figures.sharing_power_gate = sharing
        figures.leakage = figures.level.energy["leak"] * cycles * powered


def instances_of_gate(level: StorageLevel, gate: StorageLevel) -> float:
    """Count the instances of a level that one power gate switches."""
    return level.mesh.instances / gate.mesh.instances
