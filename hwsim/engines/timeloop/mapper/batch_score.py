"""Cycles and energy of a batch of mappings, and why those that do not fit do not fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwsim.engines.timeloop.mapper.batch_loops import BatchLoops, Floats, batch_loops
from hwsim.engines.timeloop.mapper.batch_networks import BatchNetworks
from hwsim.engines.timeloop.mapper.batch_reuse import batch_words, box
from hwsim.engines.timeloop.mapper.batch_sharing import SpatialSharing
from hwsim.engines.timeloop.mapper.batch_tiles import BatchTile, batch_tiles
from hwsim.engines.timeloop.mapper.candidates import Bools, Candidates, Ints
from hwsim.engines.timeloop.mapper.expected_shares import ExpectedShares
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.terms.machine import StorageLevel


@dataclass
class Scores:
    """Of a batch. Rows of candidates.

    Parameters
    ----------
    cycles, energy : ndarray of float
        Of the whole run; pJ. Infinite where a mapping is not valid.
    fault : ndarray of int
        0 where a mapping is valid, else 1 + a number into the scorer's ``faults``.
    """

    cycles: Floats
    energy: Floats
    fault: Ints

    @property
    def valid(self) -> Bools:
        """Which fit."""
        valid: Bools = self.fault == 0
        return valid

    def objective(self, name: str) -> Floats:
        """``energy`` (pJ), ``delay`` (cycles) or ``edp`` (pJ x cycles)."""
        if name == "energy":
            return self.energy
        return self.cycles if name == "delay" else self.energy * self.cycles


class BatchScorer:
    """Scores candidates of one map space.

    Dense problems are scored exactly as :func:`hwsim.engines.timeloop.evaluate` does. With
    sparse optimisations the scores are estimates: dense counts times expected densities.

    Parameters
    ----------
    space : MapSpace
        The map space.
    shares : ExpectedShares
        What sparse optimisations leave of the dense counts.
    """

    def __init__(self, space: MapSpace, shares: ExpectedShares) -> None:
        self.space = space
        self._shares = shares
        machine, problem = space.machine, space.problem
        self._projections: list[Ints] = [
            data_space.projection[:, space.dimensions] for data_space in problem.data_spaces
        ]
        self._networks = BatchNetworks(problem, machine)
        spaces = len(problem.data_spaces)
        denied = space.constraints.savings_denied
        self._sharing = [
            [
                SpatialSharing(
                    self._projections[number],
                    machine.fanout(level),
                    multicast=not denied(level, "no_multicast", spaces)[number],
                    links=not denied(level, "no_link_transfer", spaces)[number],
                    hops=self._networks.hops_matter(level),
                )
                for number in range(spaces)
            ]
            for level in range(len(machine.levels))
        ]
        self._reuse = [
            [
                level > 0 and not denied(level - 1, "no_temporal_reuse", spaces)[number]
                for number in range(spaces)
            ]
            for level in range(len(machine.levels))
        ]
        self._rmw = [
            [
                denied(level, "rmw_first_update", spaces)[number]
                for level in range(len(machine.levels))
            ]
            for number in range(spaces)
        ]
        self.faults = [
            "parallelism",
            *(f"{level.name}: fan-out" for level in machine.levels),
            *(f"{level.name}: capacity" for level in machine.levels),
            *(f"{level.name}: metadata" for level in machine.levels),
            *(f"{level.name}: least utilisation" for level in machine.levels),
            *(f"{data_space.name} kept nowhere" for data_space in problem.data_spaces),
        ]

    def score(self, candidates: Candidates) -> Scores:
        """Score a batch.

        Parameters
        ----------
        candidates : Candidates
            Of the scorer's map space.
        """
        loops, sizes, fault = self._checked(candidates)
        cycles = np.full(len(candidates), np.inf)
        energy = np.full(len(candidates), np.inf)
        fits = np.flatnonzero(fault == 0)
        if len(fits):
            if len(fits) < len(candidates):
                candidates = candidates.take(fits)
                loops = batch_loops(self.space, candidates)
                sizes = [[size[fits] for size in of_space] for of_space in sizes]
            cycles[fits], energy[fits] = self._figures(candidates, loops, sizes)
        return Scores(cycles, energy, fault)

    def faults_of(self, candidates: Candidates) -> Ints:
        """Say what does not fit, as :attr:`Scores.fault`, without a full analysis."""
        return self._checked(candidates)[2]

    def _checked(self, candidates: Candidates) -> tuple[BatchLoops, list[list[Floats]], Ints]:
        loops = batch_loops(self.space, candidates)
        fault = np.zeros(len(candidates), dtype=np.int64)
        self._check_fanout(loops, fault)
        sizes = [
            [np.prod(box(projection, above), axis=0) for above in loops.above]
            for projection in self._projections
        ]
        self._check_capacity(sizes, candidates.keep, fault)
        return loops, sizes, fault

    def fans_out_too_far(self, fault: Ints) -> Bools:
        """Which faults are fan-outs beyond the machine's."""
        levels = len(self.space.machine.levels)
        return (fault >= 2) & (fault < 2 + levels)

    def tight_level(self, fault: Ints) -> tuple[Bools, Ints]:
        """Which faults are those of too large factors, and at which storage level."""
        levels = len(self.space.machine.levels)
        tight = (fault >= 2) & (fault < 2 + 3 * levels)
        return tight, np.where(tight, (fault - 2) % levels, 0)

    def _check_fanout(self, loops: BatchLoops, fault: Ints) -> None:
        machine = self.space.machine
        used = np.ones(len(fault))
        for level in range(len(machine.levels)):
            columns, rows = machine.fanout(level)
            too_many = (loops.columns[level] > columns) | (loops.rows[level] > rows)
            _mark(fault, too_many, self.faults.index(f"{machine.levels[level].name}: fan-out"))
            used = used * (loops.columns[level] * loops.rows[level] / (columns * rows))
        least = self.space.constraints.least_parallelism
        idle: Bools = np.less(used, least)
        _mark(fault, idle, self.faults.index("parallelism"))

    def _check_capacity(self, sizes: list[list[Floats]], keep: Bools, fault: Ints) -> None:
        for number, data_space in enumerate(self.space.problem.data_spaces):
            nowhere = np.asarray(~keep[:, number].any(axis=0))
            _mark(fault, nowhere, self.faults.index(f"{data_space.name} kept nowhere"))
        for level, storage in enumerate(self.space.machine.levels):
            if storage.effective_size is None:
                continue
            used = np.zeros(len(fault))
            for number, of_space in enumerate(sizes):
                held = self._shares.held(level, number, of_space[level])
                name = self.space.problem.data_spaces[number].name
                words = np.ceil(held * storage.bits_of(name) / storage.word_bits)
                used += np.where(keep[level, number], words, 0.0)
            full = self.faults.index(f"{storage.name}: capacity")
            _mark(fault, used > storage.effective_size, full)
            least = storage.effective_size * storage.min_utilization
            idle = self.faults.index(f"{storage.name}: least utilisation")
            _mark(fault, used < least, idle)
            self._check_metadata(level, storage, sizes, keep, fault)

    def _check_metadata(
        self, level: int, storage: StorageLevel, sizes: list[list[Floats]], keep: Bools, fault: Ints
    ) -> None:
        bits: Floats | None = None
        for number, of_space in enumerate(sizes):
            own = self._shares.metadata_bits(level, number, of_space[level])
            if own is not None:
                own = np.where(keep[level, number], own, 0.0)
                bits = own if bits is None else bits + own
        if bits is not None:
            too_many = bits > storage.effective_metadata_bits
            _mark(fault, too_many, self.faults.index(f"{storage.name}: metadata"))

    def tiles(
        self, candidates: Candidates, loops: BatchLoops, sizes: list[list[Floats]]
    ) -> list[list[BatchTile]]:
        """Dense actions, by data space and storage level."""
        machine = self.space.machine
        levels = range(len(machine.levels))
        found = []
        fanout = [loops.columns[level] * loops.rows[level] for level in levels]
        for number, data_space in enumerate(self.space.problem.data_spaces):
            projection = self._projections[number]
            traffic = []
            for level in levels:
                sharing, reuse = self._sharing[level][number], self._reuse[level][number]
                near = sharing.links_may_save(reuse)
                reach = sharing.reach(loops.spatial[level]) if near else None
                words = batch_words(projection, loops, level, reach, reuse)
                traffic.append(sharing.traffic(words, loops.spatial[level]))
            spread = [np.prod(box(projection, extents), axis=0) for extents in loops.spread]
            found.append(
                batch_tiles(
                    sizes[number],
                    spread,
                    traffic,
                    fanout,
                    loops.instances,
                    candidates.keep[:, number],
                    data_space.read_write,
                    self._rmw[number],
                )
            )
        return found

    def _figures(
        self, candidates: Candidates, loops: BatchLoops, sizes: list[list[Floats]]
    ) -> tuple[Floats, Floats]:
        machine = self.space.machine
        spaces = self.tiles(candidates, loops, sizes)
        operations = loops.iterations * loops.compute_instances
        compute_cycles = np.ceil(
            np.ceil(operations * self._shares.timed_compute) / loops.compute_instances
        )
        compute_energy = (
            operations * self._shares.compute * machine.compute.energy["random_compute"]
        )
        slowest = compute_cycles
        accesses: list[Floats] = []
        addresses: list[Floats] = []
        for number, level in enumerate(machine.levels):
            tiles = [of_space[number] for of_space in spaces]
            slowest = np.maximum(slowest, self._level_cycles(number, tiles, compute_cycles))
            storage, generation = self._level_energy(number, level, tiles)
            accesses.append(storage)
            addresses.append(generation)
        energy = np.zeros_like(slowest)
        for number, level in enumerate(machine.levels):
            powered = self._powered(level, number, loops)
            leakage = level.energy["leak"] * slowest * powered
            energy = energy + (accesses[number] + addresses[number] + leakage)
        energy = compute_energy + energy + self._networks.energy(spaces)
        latency = sum(
            level.read_network.fill_latency + level.update_network.drain_latency
            for level in machine.levels
        )
        return slowest + latency, energy

    def _level_cycles(self, number: int, tiles: list[BatchTile], compute_cycles: Floats) -> Floats:
        """Cycles that a level needs for its accesses."""
        level = self.space.machine.levels[number]
        limits = (level.read_bandwidth, level.write_bandwidth, level.shared_bandwidth)
        if all(limit is None for limit in limits):
            return compute_cycles
        reads, writes = np.zeros_like(compute_cycles), np.zeros_like(compute_cycles)
        for space, (tile, data_space) in enumerate(
            zip(tiles, self.space.problem.data_spaces, strict=True)
        ):
            scale = level.bandwidth_scale.get(data_space.name, 1.0)
            share = self._shares.timed(number, space)
            bits = level.bits_of(data_space.name)
            read = np.ceil(np.ceil(tile.reads * share) * bits / level.word_bits)
            written = np.ceil((tile.fills + tile.updates) * share)
            written = np.ceil(written * bits / level.word_bits)
            reads = reads + read / compute_cycles * scale
            writes = writes + written / compute_cycles * scale
        slowdown = np.ones_like(compute_cycles)
        for there, wanted in zip(limits, (reads, writes, writes + reads), strict=True):
            if there is not None:
                busy = there < wanted
                slowdown = np.where(
                    busy, np.minimum(slowdown, there / np.where(busy, wanted, 1.0)), slowdown
                )
        return np.ceil(compute_cycles / slowdown)

    def _level_energy(
        self, number: int, level: StorageLevel, tiles: list[BatchTile]
    ) -> tuple[Floats, Floats]:
        """Energy of accesses and of address generation, pJ."""
        storage = np.zeros_like(tiles[0].instances)
        addresses = np.zeros_like(storage)
        price = level.addr_gen_energy
        for space, (tile, data_space) in enumerate(
            zip(tiles, self.space.problem.data_spaces, strict=True)
        ):
            share = self._shares.priced(number, space)
            block = level.block_of(data_space.name)
            one = np.zeros_like(storage)
            for action, count in (
                ("random_read", tile.reads),
                ("random_fill", tile.fills),
                ("random_update", tile.updates),
            ):
                rows = np.ceil(count * share / block) * level.rows_of_word(data_space.name)
                one += rows * level.energy[action]
            clusters = np.minimum(tile.instances, level.mesh.instances // level.cluster_size)
            storage = storage + one / (tile.instances / clusters) * tile.instances
            if price is not None and price >= 0:
                count = (tile.updates if data_space.read_write else tile.reads) + tile.fills
                addresses = addresses + count * share * price * clusters
        return storage, addresses

    def _powered(self, level: StorageLevel, number: int, loops: BatchLoops) -> Floats:
        """Instances of a level that are switched on."""
        machine = self.space.machine
        gate = next(
            place
            for place, other in enumerate(machine.levels)
            if other.name == level.power_gated_at
        )
        sharing = level.mesh.instances / machine.levels[gate].mesh.instances
        if sharing > 1:
            return sharing * loops.instances[gate]
        return loops.instances[number]


def _mark(fault: Ints, where: Bools, number: int) -> None:
    """Note the first fault of each candidate."""
    fault[where & (fault == 0)] = number + 1
