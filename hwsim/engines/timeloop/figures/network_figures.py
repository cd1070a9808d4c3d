"""What the networks between levels carry, and its energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hwsim.engines.timeloop.figures.network_loads import NetworkLoad, network_uses
from hwsim.engines.timeloop.nest.loops import Floats
from hwsim.engines.timeloop.nest.tile import whole_or_mean
from hwsim.engines.timeloop.nest.tiles import TileRows
from hwsim.engines.timeloop.nest.traffic import Traffic
from hwsim.engines.timeloop.terms.machine import Interconnect, Machine
from hwsim.engines.timeloop.terms.problem import Problem

#: By network, what it carries of each data space, and the tiles at the level outside.
NetworkLoads = list[tuple[Interconnect, list[tuple[TileRows, NetworkLoad]]]]


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


def network_loads(
    problem: Problem, spaces: Sequence[Sequence[TileRows]], machine: Machine
) -> NetworkLoads:
    """Find what the networks of all levels carry, innermost first, of a batch of mappings.

    Parameters
    ----------
    problem, machine
        Whose networks carry whose data spaces.
    spaces : sequence of sequence of TileRows
        By data space and storage level.
    """
    return [
        (
            use.network,
            [
                (tiles[use.level], use.load(tiles[use.level], space))
                for space, tiles in zip(problem.data_spaces, spaces, strict=True)
            ],
        )
        for use in network_uses(machine)
    ]


def network_figures(loads: NetworkLoads, which: int = 0) -> list[NetworkFigures]:
    """Price the networks of all levels, innermost first, for one of the mappings."""
    return [
        NetworkFigures(network, [_space(tile, load, which) for tile, load in spaces])
        for network, spaces in loads
    ]


def _space(tile: TileRows, load: NetworkLoad, which: int) -> SpaceTraffic:
    ingresses = _by_way(tile.traffic, load.words, which)
    distributed = {}
    if tile.distributed is not None:
        distributed = _by_way(tile.distributed, load.distributed, which)
    return SpaceTraffic(
        instances=whole_or_mean(float(tile.instances[which])),
        fanout=whole_or_mean(float(tile.fanout[which])),
        multicast=max((way[0] for way in ingresses), default=0),
        ingresses=ingresses,
        distributed=distributed,
        hops=float(load.hops[which]),
        energy_per_hop=load.energy_per_hop,
        energy=float(load.energy[which]),
        link_energy=float(load.link_energy[which]),
        reduction_energy=float(load.reduction_energy[which]),
        spatial_reductions=int(load.reductions[which]),
        link_transfers=float(load.links[which]),
    )


def _by_way(traffic: Traffic, words: Floats, which: int) -> dict[tuple[int, int], float]:
    if not len(words):  # nothing enters
        return {}
    ways = zip(
        traffic.multicast[:, which].tolist(),
        traffic.sets[:, which].tolist(),
        words[:, which].tolist(),
        strict=True,
    )
    return {(int(multicast), int(sets)): entering for multicast, sets, entering in ways if sets > 0}
