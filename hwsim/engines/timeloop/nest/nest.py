"""Nest analysis: tile sizes of every level and data space, and traffic, for a batch of mappings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwsim.engines.timeloop.nest._rest_sizes import RestSizes, most_instances, rest_partitions
from hwsim.engines.timeloop.nest._rest_traffic import rest_traffic
from hwsim.engines.timeloop.nest._rests import refuse_rests_of_one_rank
from hwsim.engines.timeloop.nest._reuse import Boxes, TileMoves
from hwsim.engines.timeloop.nest._sharing import SpatialSharing
from hwsim.engines.timeloop.nest.loops import Bools, Floats, LoopRows, mapping_loops
from hwsim.engines.timeloop.nest.tiles import LevelRules, TileRows, collapse
from hwsim.engines.timeloop.nest.traffic import Traffic
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LevelMapping, LoopMapping
from hwsim.engines.timeloop.terms.problem import DataSpace, Ints, Problem


@dataclass
class NestRows:
    """What the loops ask of the machine if every level kept every data space.

    Rows of mappings.

    Parameters
    ----------
    sizes, spread : ndarray of float, shape (data spaces, levels, mappings)
        Points of the level's tile, and of the tiles of all
        children below one instance.
    traffic : list of list of Traffic
        By data space and storage level: from one instance to its children.
    instances, fanout : ndarray of float, shape (levels, mappings)
        Instances of each storage level that work; children of each.
    compute_instances : ndarray of float
        Compute units that work.
    operations : ndarray of float
        Of one compute unit.
    iterations : ndarray of float
        Product of all temporal factors.
    rests : RestSizes or None
        Where factors leave rests that are counted; instances and children are then averages.
    """

    sizes: Floats
    spread: Floats
    traffic: list[list[Traffic]]
    instances: Floats
    fanout: Floats
    compute_instances: Floats
    operations: Floats
    iterations: Floats
    rests: RestSizes | None = None

    @property
    def most_instances(self) -> Floats:
        """Instances of each storage level that work at most."""
        return self.instances if self.rests is None else self.rests.most_instances

    def tiles(
        self, problem: Problem, machine: Machine, denied: Sequence[LevelMapping], keep: Bools
    ) -> tuple[list[list[TileRows]], Ints]:
        """Turn the analysis into actions of the levels.

        Parameters
        ----------
        problem, machine
            What is computed, and where.
        denied : sequence of LevelMapping
            Of each level, for the savings that it is denied; its loops are not looked at.
        keep : ndarray of bool, shape (levels, data spaces, mappings)
            What is stored.

        Returns
        -------
        tiles : list of list of TileRows
            By data space, then storage level (innermost first).
        uneven : ndarray of int, shape (mappings,)
            1 + the level whose network would have to split unlike multicasts, which it cannot;
            else 0.
        """
        found = []
        uneven = np.zeros(len(self.iterations), dtype=np.int64)
        for number, space in enumerate(problem.data_spaces):
            rules = [
                LevelRules(
                    level.read_network.distributes,
                    here.no_coalesce[number],
                    here.rmw_first_update[number],
                )
                for level, here in zip(machine.levels, denied, strict=True)
            ]
            tiles, refused = collapse(
                self.sizes[number],
                self.spread[number],
                self.traffic[number],
                self.fanout,
                self.instances,
                keep[:, number],
                rules,
                space.read_write,
                None if self.rests is None else self.rests.partitions[number],
            )
            found.append(tiles)
            uneven = np.where(uneven > 0, uneven, refused)
        return found, uneven


class NestAnalysis:
    """Analyses mappings of one problem onto one machine.

    Their factors divide, or all leave rests that are counted.

    Parameters
    ----------
    spaces : sequence of DataSpace
        The data spaces.
    dimensions : sequence of int
        Dimensions of the problem that the loops' dimensions are.
    meshes : sequence of (int, int)
        Columns and rows on which the children of an instance of each level lie.
    denied : sequence of LevelMapping
        Of each level, for the savings that it is denied; its loops are not looked at.
    hops : sequence of bool
        Whether hops below each level matter.
    """

    def __init__(
        self,
        spaces: Sequence[DataSpace],
        dimensions: Sequence[int],
        meshes: Sequence[tuple[int, int]],
        denied: Sequence[LevelMapping],
        hops: Sequence[bool],
    ) -> None:
        self._projections: list[Ints] = [space.projection[:, dimensions] for space in spaces]
        self._boxes = Boxes(self._projections)
        levels = range(len(meshes))
        self._sharing = [
            [
                SpatialSharing(
                    projection,
                    meshes[level],
                    multicast=not denied[level].no_multicast[number],
                    links=not denied[level].no_link_transfer[number],
                    hops=hops[level],
                )
                for level in levels
            ]
            for number, projection in enumerate(self._projections)
        ]
        self._reuse = [
            [level > 0 and not denied[level - 1].no_temporal_reuse[number] for level in levels]
            for number in range(len(spaces))
        ]

    def sizes(self, extents: Floats) -> Floats:
        """Count the points that blocks of the iteration space touch.

        Parameters
        ----------
        extents : ndarray of float, shape (blocks, dimensions, mappings)
            Lengths of blocks.

        Returns
        -------
        ndarray of float, shape (data spaces, blocks, mappings)
        """
        return self._boxes.points(extents).swapaxes(0, 1)

    def run(self, loops: LoopRows) -> NestRows:
        """Find tile sizes and traffic of mappings."""
        levels = range(len(loops.above))
        moves = TileMoves(self._projections, self._boxes, loops)
        by_level = [
            (self._traffic_with_rests if loops.rests else self._traffic)(level, loops, moves)
            for level in levels
        ]
        return NestRows(
            rests=self._rest_sizes(loops) if loops.rests else None,
            sizes=self.sizes(loops.above),
            spread=self.sizes(loops.spread),
            traffic=[list(of_space) for of_space in zip(*by_level, strict=True)],
            instances=loops.instances,
            fanout=loops.working,
            compute_instances=loops.compute_instances,
            operations=loops.iterations,
            iterations=loops.iterations,
        )

    def _traffic(self, level: int, loops: LoopRows, moves: TileMoves) -> list[Traffic]:
        """Traffic of all data spaces from one level to its children."""
        spatial = loops.spatial[level]
        reuse = [of_space[level] for of_space in self._reuse]
        found = []
        for number, words in enumerate(moves.words(level, reuse)):
            sharing = self._sharing[number][level]
            passed = None
            if sharing.links_may_save(reuse[number]):
                reach = sharing.reach(spatial)
                if reach is not None:
                    passed = moves.passed(number, level, reach, reuse[number])
            found.append(sharing.traffic(words, passed, spatial))
        return found

    def _traffic_with_rests(self, level: int, loops: LoopRows, moves: TileMoves) -> list[Traffic]:
        sharing = [of_space[level] for of_space in self._sharing]
        return rest_traffic(
            loops, level, moves, sharing, [of_space[level] for of_space in self._reuse]
        )

    def _rest_sizes(self, loops: LoopRows) -> RestSizes:
        return RestSizes(
            partitions=[rest_partitions(projection, loops) for projection in self._projections],
            most_instances=most_instances(loops),
        )


def analyse(problem: Problem, mapping: LoopMapping, machine: Machine) -> NestRows:
    """Find tile sizes and traffic of one mapping whose factors divide, or leave counted rests.

    Parameters
    ----------
    problem : Problem
        What is computed.
    mapping : LoopMapping
        The loops.
    machine : Machine
        Its mesh sizes decide which children are neighbours; where the mapping spreads wider, the
        mapping's do.

    Raises
    ------
    InputError
        If there are rests that cannot be counted.
    """
    dimensions = range(len(problem.dimensions))
    loops = mapping_loops(mapping, len(dimensions), None if mapping.perfect else problem.bounds)
    refuse_rests_of_one_rank(loops.rests, problem)
    meshes = []
    for level in range(len(machine.levels)):
        columns, rows = machine.fanout(level)
        here = int(loops.columns[level][0]), int(loops.rows[level][0])
        meshes.append((max(columns, here[0]), max(rows, here[1])))
    hops = [True] * len(meshes)
    return NestAnalysis(problem.data_spaces, dimensions, meshes, mapping.levels, hops).run(loops)
