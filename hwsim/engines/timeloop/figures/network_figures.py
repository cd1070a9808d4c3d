"""What the networks between levels carry, and its energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hwsim.engines.timeloop.figures.network_loads import NetworkLoad, NetworkUse, network_uses
from hwsim.engines.timeloop.nest.loops import Floats
from hwsim.engines.timeloop.nest.tile import whole_or_mean
from hwsim.engines.timeloop.nest.tiles import TileRows
from hwsim.engines.timeloop.nest.traffic import Traffic
from hwsim.engines.timeloop.terms.machine import Interconnect, Machine
from hwsim.engines.timeloop.terms.problem import Problem


@dataclass
class SpaceTraffic:
    """One data space on one network, below one instance of the level outside.

    Parameters
    ----------
    instances : float
        Of the level outside; on average where factors leave rests, as are the receivers.
    fanout, multicast : float and int
        Receivers; most of them that share a word.
    ingresses : dict of (int, int) to float
        Words that enter, by receivers that share them and sets of receivers.
    distributed : dict
        The same for words gathered from several places.
    hops : float
        On average, a word.
    energy_per_hop, energy, link_energy, reduction_energy : float
        pJ.
    spatial_reductions, link_transfers : float
        Additions on the way; words passed between neighbours.
    """

    instances: float
    fanout: float
    multicast: int = 0
    ingresses: dict[tuple[int, int], float] = field(default_factory=dict)
    distributed: dict[tuple[int, int], float] = field(default_factory=dict)
    hops: float = 0.0
    energy_per_hop: float = 0.0
    energy: float = 0.0
    link_energy: float = 0.0
    reduction_energy: float = 0.0
    spatial_reductions: int = 0
    link_transfers: float = 0.0


@dataclass
class NetworkFigures:
    """A network and what it carries for each data space."""

    network: Interconnect
    spaces: list[SpaceTraffic]

    @property
    def energy(self) -> float:
        """Of all instances, pJ."""
        if self.network.kind == "ReductionTree":
            return sum(space.energy + space.reduction_energy for space in self.spaces)
        return sum(
            (space.energy + space.link_energy + space.reduction_energy) * space.instances
            for space in self.spaces
        )


def network_figures(
    problem: Problem, spaces: Sequence[Sequence[TileRows]], machine: Machine
) -> list[NetworkFigures]:
    """Price the networks of all levels, innermost first.

    Parameters
    ----------
    problem, machine
        Whose networks carry whose data spaces.
    spaces : sequence of sequence of TileRows
        By data space and storage level, of one mapping.
    """
    return [
        NetworkFigures(
            use.network,
            [
                _space(use, tiles[use.level], use.load(tiles[use.level], space))
                for space, tiles in zip(problem.data_spaces, spaces, strict=True)
            ],
        )
        for use in network_uses(machine)
    ]


def _space(use: NetworkUse, tile: TileRows, load: NetworkLoad) -> SpaceTraffic:
    """Take the load of the only mapping."""
    ingresses = _by_way(tile.traffic, load.words)
    return SpaceTraffic(
        instances=whole_or_mean(float(tile.instances[0])),
        fanout=whole_or_mean(float(tile.fanout[0])),
        multicast=max((way[0] for way in ingresses), default=0),
        ingresses=ingresses,
        distributed={} if tile.distributed is None else _by_way(tile.distributed, load.distributed),
        hops=float(load.hops[0]),
        energy_per_hop=load.energy_per_hop,
        energy=float(load.energy[0]),
        link_energy=float(load.link_energy[0]),
        reduction_energy=float(load.reduction_energy[0]),
        spatial_reductions=int(load.reductions[0]),
        link_transfers=float(load.links[0]),
    )


def _by_way(traffic: Traffic, words: Floats) -> dict[tuple[int, int], float]:
    return {
        (int(traffic.multicast[way, 0]), int(traffic.sets[way, 0])): float(words[way, 0])
        for way in range(len(words))
        if traffic.sets[way, 0] > 0
    }
