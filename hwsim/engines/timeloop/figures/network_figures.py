"""What the networks between levels carry, and its energy."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from hwsim.engines.timeloop.nest.reuse import Traffic
from hwsim.engines.timeloop.nest.tiles import Tile
from hwsim.engines.timeloop.terms.machine import Interconnect, Machine
from hwsim.engines.timeloop.terms.problem import Problem


@dataclass
class SpaceTraffic:
    """One data space on one network, below one instance of the level outside.

    Parameters
    ----------
    instances : int
        Of the level outside.
    fanout, multicast : int
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

    instances: int
    fanout: int
    multicast: int = 0
    ingresses: dict[tuple[int, int], float] = field(default_factory=dict)
    distributed: dict[tuple[int, int], float] = field(default_factory=dict)
    hops: float = 0.0
    energy_per_hop: float = 0.0
    energy: float = 0.0
    link_energy: float = 0.0
    reduction_energy: float = 0.0
    spatial_reductions: float = 0.0
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
    problem: Problem, spaces: list[list[Tile]], machine: Machine
) -> list[NetworkFigures]:
    """Price the networks of all levels, innermost first."""
    widths = tile_widths(machine)
    found: list[NetworkFigures] = []
    seen: set[str] = set()
    for number, level in enumerate(machine.levels):
        both_ways = level.read_network == level.update_network
        for network, inwards in ((level.read_network, True), (level.update_network, False)):
            if network.name in seen:
                continue
            seen.add(network.name)
            returns = both_ways or not inwards
            doubles = returns and not level.accumulates
            found.append(
                NetworkFigures(
                    network,
                    [
                        _space(
                            network,
                            tiles[number],
                            space.read_write,
                            space.name,
                            returns,
                            doubles,
                            widths[number],
                        )
                        for space, tiles in zip(problem.data_spaces, spaces, strict=True)
                    ],
                )
            )
    return found


def tile_widths(machine: Machine) -> list[float]:
    """Side of the area of what lies below each storage level, um, laid out as a square."""
    area = machine.compute.area
    instances = machine.compute.mesh.instances
    widths = []
    for level in machine.levels:
        widths.append(math.sqrt(area))
        area = level.area + area * (instances // level.mesh.instances)
        instances = level.mesh.instances
    return widths


def _space(
    network: Interconnect,
    tile: Tile,
    read_write: bool,
    name: str,
    returns: bool,
    doubles: bool,
    width: float,
) -> SpaceTraffic:
    figures = SpaceTraffic(tile.instances, tile.fanout)
    carried = read_write or network.kind != "ReductionTree"
    if carried:
        twice = read_write and doubles and network.kind == "Legacy"
        figures.ingresses = _ingresses(tile.traffic, tile.partition_size, twice)
        figures.distributed = _ingresses(tile.distributed, tile.partition_size, twice)
        figures.multicast = max((key[0] for key in figures.ingresses), default=0)
    if read_write and returns:
        reductions = 0
        for words_by_key in (figures.ingresses, figures.distributed):
            for (multicast, _), words in words_by_key.items():
                reductions = int(reductions + (multicast - 1) * words)
        figures.spatial_reductions = reductions
    if network.kind == "SimpleMulticast":
        for (multicast, _), words in figures.ingresses.items():
            if words > 0:  # of several factors the last counts, as in Timeloop
                figures.energy = _multicast_price(network, multicast, name) * words
        return figures
    bits = network.bits.get(name, network.word_bits)
    wire = bits * (network.tile_width or width) / 1000 * network.wire_energy
    figures.energy_per_hop = wire if network.energy_per_hop is None else network.energy_per_hop
    figures.link_transfers = tile.traffic.link_transfers if network.kind == "Legacy" else 0.0
    _route(network, tile, figures)
    return figures


def _ingresses(traffic: Traffic, first_writes: int, twice: bool) -> dict[tuple[int, int], float]:
    """Words that enter; partial sums travel both ways where the receiver cannot add."""
    return {
        key: 2 * entry[0] - first_writes if twice else entry[0]
        for key, entry in traffic.accesses.items()
    }


def _route(network: Interconnect, tile: Tile, figures: SpaceTraffic) -> None:
    wire_hops = entering = 0.0
    routers = 0
    for words_by_key, traffic in (
        (figures.ingresses, tile.traffic),
        (figures.distributed, tile.distributed),
    ):
        for (multicast, scatter), words in words_by_key.items():
            entering += words
            if words <= 0:
                continue
            if network.kind == "ReductionTree":
                hops = math.floor(math.log2(multicast)) * 0.5
            else:
                hops = traffic.accesses[multicast, scatter][1] / words
            routers += int((1 + math.floor(hops)) * words)
            wire_hops += hops * words
    figures.hops = wire_hops / entering if entering > 0 else 0.0
    figures.energy = (
        wire_hops * figures.energy_per_hop
        + routers * network.router_energy
        + network.ingress_energy * entering
    )
    figures.reduction_energy = figures.spatial_reductions * network.adder_energy
    figures.link_energy = figures.link_transfers * (
        figures.energy_per_hop + 2 * network.router_energy
    )


def _multicast_price(network: Interconnect, multicast: int, data_space: str) -> float:
    action = f"{network.action}_{data_space}" if network.by_data_space else network.action
    entries = network.table.get(action, ())
    if len(entries) == 1:
        return entries[0][1]
    price = 0.0
    for arguments, energy in entries:
        if arguments.get(network.factor_argument or "") == multicast:
            price = energy
    return price
