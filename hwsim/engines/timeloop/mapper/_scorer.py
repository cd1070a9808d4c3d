"""Cycles and energy of a batch of mappings, and why those that do not fit do not fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwsim.engines.timeloop.figures.network_loads import network_latency, network_uses
from hwsim.engines.timeloop.figures.ramp_up import PassLoads
from hwsim.engines.timeloop.figures.storage_figures import bandwidth_share, instances_of_gate
from hwsim.engines.timeloop.mapper._candidate_loops import candidate_loops
from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._expected_shares import ExpectedShares
from hwsim.engines.timeloop.mapper._fit import Fit
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.mapper.objective import objective_value
from hwsim.engines.timeloop.nest.loops import Bools, Floats
from hwsim.engines.timeloop.nest.nest import NestAnalysis, NestRows
from hwsim.engines.timeloop.nest.tiles import TileRows
from hwsim.engines.timeloop.terms.problem import DataSpace, Ints


@dataclass
class Scores:
    """Cycles and energy (pJ) of a batch, infinite where a mapping is not valid.

    ``fault`` is 0 where it is, else 1 + a number into the faults of the scorer's ``fit``.
    """

    cycles: Floats
    energy: Floats
    fault: Ints

    @property
    def valid(self) -> Bools:
        """Which fit."""
        valid: Bools = self.fault == 0
        return valid

    def take(self, which: slice) -> Scores:
        """Pick some that follow each other."""
        return Scores(self.cycles[which], self.energy[which], self.fault[which])

    def objective(self, name: str) -> Floats:
        """Give what is minimised: see :func:`objective_value`."""
        return objective_value(name, self.cycles, self.energy)


class Scorer:
    """Scores candidates of one map space; ``fit`` checks them.

    Dense problems are scored exactly as :func:`hwsim.engines.timeloop.evaluate` does. With
    sparse optimisations the scores are estimates: dense counts times expected densities.
    """

    def __init__(self, space: MapSpace, shares: ExpectedShares) -> None:
        self.space = space
        self._shares = shares
        machine, spaces = space.machine, space.problem.data_spaces
        self._names = [data_space.name for data_space in spaces]
        self._networks = [use for use in network_uses(machine) if use.costs(self._names)]
        #: By level and data space: words of a row, and rows of a word that does not fit into one.
        self._rows = [
            [(level.block_of(name), level.rows_of_word(name)) for name in self._names]
            for level in machine.levels
        ]
        self._nest = NestAnalysis(
            spaces,
            space.dimensions,
            [machine.fanout(level) for level in range(len(machine.levels))],
            space.bare_levels,
            [
                any(use.level == level for use in self._networks)
                for level in range(len(machine.levels))
            ],
        )
        self.fit = Fit(space, shares, self._nest)

    def is_like(self, other: Scorer) -> bool:
        """Tell whether another scores as this does, whatever the lengths of its dimensions."""
        space, others = self.space, other.space
        return (
            space.machine == others.machine
            and space.nests == others.nests
            and space.names == others.names
            and space.bare_levels == others.bare_levels
            and self.fit.faults == other.fit.faults
            and self._shares.is_like(other._shares)
            and all(map(_same_space, space.problem.data_spaces, others.problem.data_spaces))
        )

    def score(
        self, candidates: Candidates, fault: Ints | None = None, bounds: Ints | None = None
    ) -> Scores:
        """Score a batch.

        Parameters
        ----------
        candidates : Candidates
            Of the map space, or of those whose scorers are like this one.
        fault : ndarray of int, shape (candidates,), optional
            What does not fit, if that is known.
        bounds : ndarray of int, shape (dimensions, candidates), optional
            Lengths of dimensions, where they are not the map space's.
        """
        if fault is None:
            fault = self.fit.faults_of(candidates)
        if bounds is None:
            bounds = np.broadcast_to(self.space.lengths, candidates.factors.shape[1:])
        divide = candidates.divide(bounds)
        if divide.all():
            return self._score(candidates, fault, None)
        none = np.empty(len(candidates))
        scores = Scores(none, none.copy(), divide.astype(np.int64))
        for rests, here in ((False, divide), (True, ~divide)):
            which = here.nonzero()[0]
            if len(which):
                lengths = bounds.take(which, axis=1) if rests else None
                found = self._score(candidates.take(which), fault[which], lengths)
                scores.cycles[which], scores.energy[which] = found.cycles, found.energy
                scores.fault[which] = found.fault
        return scores

    def _score(self, candidates: Candidates, fault: Ints, bounds: Ints | None) -> Scores:
        """Score those whose factors divide, or leave rests of ``bounds``."""
        cycles = np.full(len(candidates), np.inf)
        energy = np.full(len(candidates), np.inf)
        fits = np.flatnonzero(fault == 0)
        if len(fits):
            if len(fits) < len(candidates):
                candidates = candidates.take(fits)
                bounds = None if bounds is None else bounds.take(fits, axis=1)
            nest = self._nest.run(candidate_loops(self.space, candidates, bounds))
            waiting = PassLoads.of(self.space.machine.ramp_up, nest, self._names).waiting()
            tiles, uneven = nest.tiles(
                self.space.problem, self.space.machine, self.space.bare_levels, candidates.keep
            )
            cycles[fits], energy[fits] = self._figures(nest, tiles, waiting)
            if uneven.any():
                late = np.zeros(len(fits), dtype=np.int64)
                self.fit.mark_unlike_multicasts(late, uneven)
                fault = fault.copy()
                fault[fits] = late
                cycles[fault > 0] = energy[fault > 0] = np.inf
        return Scores(cycles, energy, fault)

    def _figures(
        self, nest: NestRows, spaces: list[list[TileRows]], waiting: Floats
    ) -> tuple[Floats, Floats]:
        machine = self.space.machine
        operations = nest.operations * nest.compute_instances
        if nest.rests is not None:
            operations = np.rint(operations)  # units on average are no whole number
        busy = np.ceil(operations * self._shares.timed_compute)
        compute_cycles = np.ceil(busy / nest.compute_instances)
        if nest.rests is not None:
            compute_cycles = np.ceil(busy * nest.iterations / operations)
        compute_energy = (
            operations * self._shares.compute * machine.compute.energy["random_compute"]
        )
        slowest = compute_cycles
        of_levels: list[Floats] = []
        for number in range(len(machine.levels)):
            tiles = [of_space[number] for of_space in spaces]
            slowest = np.maximum(slowest, self._level_cycles(number, tiles, compute_cycles))
            of_levels.append(self._level_energy(number, tiles, nest))
        slowest = slowest + waiting
        energy = np.zeros_like(slowest)
        for number, level in enumerate(machine.levels):
            leakage = level.energy["leak"] * slowest * self._powered(number, nest)
            energy = energy + (of_levels[number] + leakage)
        energy = compute_energy + energy + self._network_energy(spaces)
        return slowest + network_latency(machine), energy

    def _network_energy(self, spaces: list[list[TileRows]]) -> Floats:
        total = np.zeros_like(spaces[0][0].instances)
        for use in self._networks:
            of_network = np.zeros_like(total)
            for data_space, tiles in zip(self.space.problem.data_spaces, spaces, strict=True):
                tile = tiles[use.level]
                of_network = of_network + use.energy(use.load(tile, data_space), tile)
            total = total + of_network
        return total

    def _level_cycles(self, number: int, tiles: list[TileRows], compute_cycles: Floats) -> Floats:
        """Cycles that a level needs for its accesses."""
        level = self.space.machine.levels[number]
        limits = (level.read_bandwidth, level.write_bandwidth, level.shared_bandwidth)
        if all(limit is None for limit in limits) and not level.ports:
            return compute_cycles
        wanted = {}
        for space, (tile, data_space) in enumerate(
            zip(tiles, self.space.problem.data_spaces, strict=True)
        ):
            scale = level.bandwidth_scale.get(data_space.name, 1.0)
            if not tile.kept.any():
                none = np.zeros_like(compute_cycles)
                wanted[data_space.name] = none, none
                continue
            share = self._shares.timed(number, space)
            read = level.scaled(np.ceil(tile.reads * share), data_space.name)
            written = np.ceil((tile.fills + tile.updates) * share)
            written = level.scaled(written, data_space.name)
            wanted[data_space.name] = (
                read / compute_cycles * scale,
                written / compute_cycles * scale,
            )
        return np.ceil(compute_cycles / bandwidth_share(level, wanted))

    def _level_energy(self, number: int, tiles: list[TileRows], nest: NestRows) -> Floats:
        """Energy of accesses and of address generation, pJ."""
        level = self.space.machine.levels[number]
        storage = np.zeros_like(tiles[0].instances)
        addresses = np.zeros_like(storage)
        price = level.addr_gen_energy
        for space, (tile, data_space) in enumerate(
            zip(tiles, self.space.problem.data_spaces, strict=True)
        ):
            if not tile.kept.any():
                continue
            share = self._shares.priced(number, space)
            block, rows_of_word = self._rows[number][space]
            one = np.zeros_like(storage)
            for action, count in (
                ("random_read", tile.reads),
                ("random_fill", tile.fills),
                ("random_update", tile.updates),
            ):
                price_of_row = level.energy[action]
                if price_of_row:
                    one += np.ceil(count * share / block) * rows_of_word * price_of_row
            most = nest.most_instances[number]
            clusters = np.minimum(most, level.mesh.instances // level.cluster_size)
            storage = storage + one / (most / clusters) * tile.instances
            if price is not None and price >= 0:
                count = (tile.updates if data_space.read_write else tile.reads) + tile.fills
                addresses = addresses + count * share * price * clusters
        return storage + addresses

    def _powered(self, number: int, nest: NestRows) -> Floats:
        """Instances of a level that are switched on."""
        levels = self.space.machine.levels
        names = [level.name for level in levels]
        gate = names.index(levels[number].power_gated_at)
        sharing = instances_of_gate(levels[number], levels[gate])
        most: Floats = nest.most_instances[gate if sharing > 1 else number]
        return sharing * most if sharing > 1 else most


def _same_space(one: DataSpace, other: DataSpace) -> bool:
    named = one.name == other.name and one.read_write == other.read_write
    return named and np.array_equal(one.projection, other.projection)
