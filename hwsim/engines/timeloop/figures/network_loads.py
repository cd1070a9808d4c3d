"""What networks between levels carry of a data space, and its energy, for a batch of mappings."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hwsim.engines.timeloop.nest.loops import Floats
from hwsim.engines.timeloop.nest.tiles import TileRows
from hwsim.engines.timeloop.nest.traffic import Traffic, sum_rows
from hwsim.engines.timeloop.terms.machine import Interconnect, Machine
from hwsim.engines.timeloop.terms.problem import DataSpace


@dataclass
class NetworkLoad:
    """One data space on one network, below one instance of the level outside. Rows of mappings.

    Parameters
    ----------
    words, distributed : ndarray of float, shape (ways, mappings)
        That enter, by ways of sharing; the same of words gathered from several places.
    hops : ndarray of float
        On average, a word.
    reductions, links : ndarray of float
        Additions on the way; words passed between neighbours.
    energy, link_energy, reduction_energy : ndarray of float
        pJ.
    energy_per_hop : float
        pJ a word.
    """

    words: Floats
    distributed: Floats
    hops: Floats
    reductions: Floats
    links: Floats
    energy: Floats
    link_energy: Floats
    reduction_energy: Floats
    energy_per_hop: float = 0.0


@dataclass(frozen=True)
class NetworkUse:
    """A network in its place.

    Parameters
    ----------
    network : Interconnect
        The network.
    level : int
        The storage level outside.
    returns : bool
        Whether results travel back on it.
    doubles : bool
        Whether partial sums travel both ways because the receiver cannot add.
    width : float
        Side of the area of what lies below, um.
    """

    network: Interconnect
    level: int
    returns: bool
    doubles: bool
    width: float

    def energy_per_hop(self, data_space: str) -> float:
        """Energy of a word and hop, pJ."""
        network = self.network
        if network.energy_per_hop is not None:
            return network.energy_per_hop
        bits = network.bits.get(data_space, network.word_bits)
        return bits * (network.tile_width or self.width) / 1000 * network.wire_energy

    def costs(self, data_spaces: list[str]) -> bool:
        """Whether it costs any energy."""
        network = self.network
        return bool(
            any(map(self.energy_per_hop, data_spaces))
            or network.router_energy
            or network.ingress_energy
            or network.adder_energy
            or network.table
        )

    def energy(self, load: NetworkLoad, tile: TileRows) -> Floats:
        """Energy of a load in all instances, pJ."""
        if self.network.kind == "ReductionTree":
            return load.energy + load.reduction_energy
        return (load.energy + load.link_energy + load.reduction_energy) * tile.instances

    def load(self, tile: TileRows, space: DataSpace) -> NetworkLoad:
        """Find what it carries.

        Parameters
        ----------
        tile : TileRows
            At the level outside.
        space : DataSpace
            Which.
        """
        network = self.network
        none = np.zeros_like(tile.instances)
        found = NetworkLoad(none[None][:0], none[None][:0], none, none, none, none, none, none)
        if space.read_write or network.kind != "ReductionTree":
            twice = space.read_write and self.doubles and network.kind == "Legacy"
            found.words = _entering(tile.traffic, tile.partition_size, twice)
            if tile.distributed is not None:
                found.distributed = _entering(tile.distributed, tile.partition_size, twice)
        if space.read_write and self.returns:
            for words, traffic in _ways(tile, found):
                for way, entering in enumerate(words):
                    added = (traffic.multicast[way] - 1) * entering
                    found.reductions = np.trunc(found.reductions + added)
        if network.kind == "SimpleMulticast":
            for way, words in enumerate(found.words):
                # of several factors the last counts, as in Timeloop
                price = _multicast_price(network, tile.traffic.multicast[way], space.name)
                found.energy = np.where(words > 0, price * words, found.energy)
            return found
        found.energy_per_hop = self.energy_per_hop(space.name)
        found.links = tile.traffic.links if network.kind == "Legacy" else none
        _route(network, tile, found)
        return found


def network_uses(machine: Machine) -> list[NetworkUse]:
    """List the networks of all levels, innermost first; what two levels share, once."""
    found: dict[str, NetworkUse] = {}
    widths = tile_widths(machine)
    for number, level in enumerate(machine.levels):
        both_ways = level.read_network == level.update_network
        for network, inwards in ((level.read_network, True), (level.update_network, False)):
            returns = both_ways or not inwards
            use = NetworkUse(
                network, number, returns, returns and not level.accumulates, widths[number]
            )
            found.setdefault(network.name, use)
    return list(found.values())


def network_latency(machine: Machine) -> int:
    """Cycles to fill and to drain the networks of all levels."""
    return sum(
        level.read_network.fill_latency + level.update_network.drain_latency
        for level in machine.levels
    )


def tile_widths(machine: Machine) -> list[float]:
    """Side of the area of what lies below each storage level, um, laid out as a square."""
    area = machine.compute.area
    instances = machine.compute.mesh.instances
    widths = []
    for level in machine.levels:
        widths.append(math.sqrt(area))
        area = level.area + area * (instances / level.mesh.instances)
        instances = level.mesh.instances
    return widths


def _entering(traffic: Traffic, first_writes: Floats, twice: bool) -> Floats:
    """Words that enter; partial sums travel both ways where the receiver cannot add."""
    if not twice:
        return traffic.accesses
    return np.where(traffic.sets > 0, 2 * traffic.accesses - first_writes, 0.0)


def _ways(tile: TileRows, load: NetworkLoad) -> list[tuple[Floats, Traffic]]:
    found = [(load.words, tile.traffic)]
    if tile.distributed is not None:
        found.append((load.distributed, tile.distributed))
    return found


def _route(network: Interconnect, tile: TileRows, load: NetworkLoad) -> None:
    """Send the words over the hops; each word passes one router more than hops."""
    wire_hops = np.zeros_like(tile.instances)
    entering, routers = wire_hops, wire_hops
    for words, traffic in _ways(tile, load):
        if not len(words):
            continue
        some = words > 0
        if network.kind == "ReductionTree":
            depth = np.frexp(traffic.multicast)[1] - 1  # floor of log2
            hops = depth * 0.5
        else:
            hops = np.divide(traffic.hops, words, np.zeros_like(words), where=some)
        through = np.where(some, np.trunc((1 + np.floor(hops)) * words), 0.0)
        entering = sum_rows(words, entering)
        routers = sum_rows(through, routers)
        wire_hops = sum_rows(np.where(some, hops * words, 0.0), wire_hops)
    load.hops = np.divide(wire_hops, entering, np.zeros_like(entering), where=entering > 0)
    load.energy = (
        wire_hops * load.energy_per_hop
        + routers * network.router_energy
        + network.ingress_energy * entering
    )
    load.reduction_energy = load.reductions * network.adder_energy
    load.link_energy = load.links * (load.energy_per_hop + 2 * network.router_energy)


def _multicast_price(network: Interconnect, multicast: Floats, data_space: str) -> Floats:
    """Find the price of a word by the number of its receivers, pJ."""
    action = f"{network.action}_{data_space}" if network.by_data_space else network.action
    entries = network.table.get(action, ())
    if len(entries) == 1:
        return np.full_like(multicast, entries[0][1])
    price = np.zeros_like(multicast)
    for arguments, energy in entries:
        receivers = arguments.get(network.factor_argument or "")
        if isinstance(receivers, int | float):
            price = np.where(multicast == receivers, energy, price)
    return price
