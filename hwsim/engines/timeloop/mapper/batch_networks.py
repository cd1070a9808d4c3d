"""Energy of the networks between levels, for a batch of mappings."""

from __future__ import annotations

import numpy as np

from hwsim.engines.timeloop.figures.network_figures import network_figures
from hwsim.engines.timeloop.mapper.batch_loops import Floats
from hwsim.engines.timeloop.mapper.batch_tiles import BatchTile
from hwsim.engines.timeloop.nest.reuse import Traffic
from hwsim.engines.timeloop.nest.tiles import Tile
from hwsim.engines.timeloop.terms.machine import Interconnect, Machine
from hwsim.engines.timeloop.terms.problem import Problem


class BatchNetworks:
    """Prices networks as ``network_figures`` does, on rows of candidates.

    Parameters
    ----------
    problem, machine
        Whose networks carry whose data spaces. All networks are meshes (``Legacy``).
    """

    def __init__(self, problem: Problem, machine: Machine) -> None:
        self._results = [space.read_write for space in problem.data_spaces]
        self._networks: list[tuple[int, Interconnect, bool, bool, list[float]]] = []
        seen = set()
        for number, level in enumerate(machine.levels):
            both_ways = level.read_network == level.update_network
            for network, inwards in ((level.read_network, True), (level.update_network, False)):
                if network.name in seen:
                    continue
                seen.add(network.name)
                returns = both_ways or not inwards
                hops = _hop_energies(problem, machine, network)
                if (
                    any(hops)
                    or network.router_energy
                    or network.ingress_energy
                    or network.adder_energy
                ):
                    twice = returns and not level.accumulates
                    self._networks.append((number, network, returns, twice, hops))

    def hops_matter(self, level: int) -> bool:
        """Whether the network below a level costs energy."""
        return any(number == level for number, *_ in self._networks)

    def energy(self, spaces: list[list[BatchTile]]) -> Floats:
        """Of all networks, pJ.

        Parameters
        ----------
        spaces : list of list of BatchTile
            By data space and storage level.
        """
        total = np.zeros(len(spaces[0][0].instances))
        for number, network, returns, twice, hops in self._networks:
            of_network = np.zeros_like(total)
            for tiles, result, hop in zip(spaces, self._results, hops, strict=True):
                of_network = of_network + _carried(
                    network, tiles[number], result and returns, result and twice, hop
                )
            total = total + of_network
        return total


def _hop_energies(problem: Problem, machine: Machine, network: Interconnect) -> list[float]:
    """Find the energy of a word and hop of each data space, pJ: the same for all mappings."""
    nothing = [
        [Tile(0, 0, Traffic(), 0, 1, 0.0, False, False) for _ in machine.levels]
        for _ in problem.data_spaces
    ]
    figures = network_figures(problem, nothing, machine)
    priced = next(item for item in figures if item.network.name == network.name)
    return [space.energy_per_hop for space in priced.spaces]


def _carried(
    network: Interconnect, tile: BatchTile, reduces: bool, twice: bool, hop: float
) -> Floats:
    traffic = tile.traffic
    there = traffic.sets > 0
    words = traffic.accesses
    if twice:  # partial sums travel both ways where the receiver cannot add
        words = np.where(there, 2 * words - tile.partition, 0.0)
    wire = np.zeros_like(tile.partition)
    entering, routers, sums = wire.copy(), wire.copy(), wire.copy()
    for way in range(len(words)):
        entering += words[way]
        some = words[way] > 0
        hops = np.where(some, traffic.hops[way] / np.where(some, words[way], 1.0), 0.0)
        routers += np.where(some, np.floor((1 + np.floor(hops)) * words[way]), 0.0)
        wire += np.where(some, hops * words[way], 0.0)
        if reduces:
            sums += np.where(there[way], (traffic.multicast[way] - 1) * words[way], 0.0)
    energy = wire * hop + routers * network.router_energy + network.ingress_energy * entering
    links = traffic.links * (hop + 2 * network.router_energy)
    return (energy + links + sums * network.adder_energy) * tile.instances
