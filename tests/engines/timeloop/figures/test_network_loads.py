"""What networks carry, word by word and hop by hop, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from hwsim.engines.timeloop.figures.network_figures import (
    NetworkFigures,
    SpaceTraffic,
    network_figures,
    network_loads,
)
from hwsim.engines.timeloop.figures.network_loads import (
    NetworkUse,
    network_latency,
    network_uses,
    tile_widths,
)
from hwsim.engines.timeloop.nest.tiles import TileRows
from hwsim.engines.timeloop.nest.traffic import Traffic
from hwsim.engines.timeloop.terms.machine import Interconnect, Mesh
from hwsim.engines.timeloop.terms.problem import DataSpace
from tests.engines.timeloop.sparse.parts import level, machine, product

OPERAND = DataSpace("A", np.eye(2, dtype=np.int64))
RESULT = DataSpace("Z", np.eye(2, dtype=np.int64), read_write=True)


def rows(*values):
    return np.array(values, dtype=float)


def tile(ways, links=0.0, distributed=None, partition=0, instances=2):
    """A tile whose parent sends, by (receivers, sets): words and hops of all of them."""
    full = {way: (words, hops, 0.0) for way, (words, hops) in ways.items()}
    far = None
    if distributed:
        far = Traffic.of_one({way: (*words, 0.0) for way, words in distributed.items()}, 0.0)
    none = rows(0)
    return TileRows(
        size=rows(1),
        partition_size=rows(partition),
        traffic=Traffic.of_one(full, links),
        fanout=rows(4),
        instances=rows(instances),
        content_accesses=none,
        parent_share=none,
        peer=none,
        kept=np.array([True]),
        reads=none,
        fills=none,
        updates=none,
        distributed=far,
    )


def use(returns=True, doubles=False, width=0.0, **network):
    made = Interconnect("GLB <==> PE", **network)
    return NetworkUse(made, 0, returns, doubles, width)


def test_words_and_routers_of_a_mesh():
    mesh = use(router_energy=3.0, ingress_energy=0.5, energy_per_hop=0.25)
    # 10 words to all four over 3 hops each, 20 words to one each over 1.5
    load = mesh.load(tile({(4, 1): (10, 30), (1, 4): (20, 30)}), OPERAND)
    assert sorted(load.words[:, 0].tolist()) == [10, 20]
    assert load.hops[0] == 2.0
    # 4 routers and 3 wires a word; 2 routers (1 + 1.5 rounded down) and 1.5 wires a word
    assert load.energy[0] == (10 * 4 + 20 * 2) * 3.0 + 60 * 0.25 + 30 * 0.5
    assert load.reductions[0] == 0
    assert load.link_energy[0] == 0
    assert load.distributed.size == 0
    assert mesh.energy(load, tile({}, instances=2))[0] == 2 * load.energy[0]


def test_routers_of_words_are_whole():
    load = use(router_energy=1.0).load(tile({(1, 1): (2.75, 5.5)}), OPERAND)
    assert load.energy[0] == 8  # (1 + 2) x 2.75, rounded down
    assert load.hops[0] == 2


def test_links_pass_two_routers_and_a_hop():
    mesh = use(router_energy=3.0, energy_per_hop=0.25)
    found = tile({(1, 4): (8, 0)}, links=6.0)
    load = mesh.load(found, OPERAND)
    assert load.links[0] == 6
    assert load.link_energy[0] == 6 * (0.25 + 2 * 3.0)
    assert mesh.energy(load, found)[0] == 2 * (8 * 3.0 + 37.5)


def test_nothing_moves():
    load = use(router_energy=3.0, ingress_energy=1.0).load(tile({(1, 4): (0, 0)}), OPERAND)
    assert (load.energy[0], load.hops[0]) == (0, 0)


def test_results_are_added_on_their_way_back():
    tree = use(adder_energy=0.5)
    found = tile({(4, 1): (10, 30), (2, 2): (5.5, 0), (1, 4): (9, 0)})
    load = tree.load(found, RESULT)
    assert load.reductions[0] == 35  # three additions for each of 10, one for each of 5.5
    assert load.reduction_energy[0] == 17.5
    assert tree.load(found, OPERAND).reductions[0] == 0
    assert use(returns=False, adder_energy=0.5).load(found, RESULT).reductions[0] == 0


def test_partial_sums_travel_twice_where_the_receiver_cannot_add():
    found = tile({(1, 4): (20, 0)}, partition=8)
    assert use(doubles=True).load(found, RESULT).words[0, 0] == 32  # all but the 8 first writes
    assert use(doubles=False).load(found, RESULT).words[0, 0] == 20
    assert use(doubles=True).load(found, OPERAND).words[0, 0] == 20
    multicast = use(doubles=True, kind="SimpleMulticast")
    assert multicast.load(found, RESULT).words[0, 0] == 20


def test_words_from_several_places_are_carried_too():
    mesh = use(energy_per_hop=1.0, ingress_energy=10.0, adder_energy=0.5)
    found = tile({(1, 2): (4, 4)}, distributed={(2, 1): (6, 12)}, partition=1)
    load = mesh.load(found, RESULT)
    assert load.distributed[0, 0] == 6
    assert load.hops[0] == 1.6
    assert load.energy[0] == 16 + 100
    assert load.reductions[0] == 6
    assert replace(mesh, doubles=True).load(found, RESULT).distributed[0, 0] == 11


def test_a_reduction_tree_carries_results_over_half_its_depth():
    tree = use(kind="ReductionTree", energy_per_hop=1.0, adder_energy=0.25, router_energy=2.0)
    found = tile({(4, 1): (10, 99), (8, 1): (6, 99), (1, 1): (5, 0)}, links=7.0)
    load = tree.load(found, RESULT)
    # two levels: one hop; three: one and a half; none
    assert load.hops[0] == (10 * 1 + 6 * 1.5) / 21
    # routers: two for each of 16, one for each of 5
    assert load.energy[0] == (10 + 9) * 1.0 + (20 + 12 + 5) * 2.0
    assert load.reductions[0] == 10 * 3 + 6 * 7
    assert load.reduction_energy[0] == 18
    assert load.links[0] == 0
    # of all instances, as Timeloop adds it up
    assert tree.energy(load, found)[0] == load.energy[0] + load.reduction_energy[0]
    operand = tree.load(found, OPERAND)
    assert operand.words.size == 0
    assert operand.energy[0] == 0


def price(receivers, energy):
    return ({"receivers": receivers} if receivers else {}, energy)


def bus(*prices, action="send", **network):
    network |= {"action": "send", "factor_argument": "receivers"}
    return use(kind="SimpleMulticast", table={action: tuple(prices)}, **network)


def test_a_bus_is_priced_by_its_receivers():
    found = tile({(4, 1): (10, 0)}, links=3.0)
    load = bus(price(2, 5.0), price(4, 7.0), price(8, 9.0)).load(found, OPERAND)
    assert load.energy[0] == 70
    assert (load.links[0], load.hops[0], load.energy_per_hop) == (0, 0, 0.0)
    assert bus(price(None, 3.0)).load(found, OPERAND).energy[0] == 30  # whatever the receivers
    assert bus(price(2, 5.0), price(8, 9.0)).load(found, OPERAND).energy[0] == 0
    assert bus(action="other").load(found, OPERAND).energy[0] == 0


def test_of_several_numbers_of_receivers_the_last_is_priced():
    found = tile({(2, 1): (10, 0), (4, 1): (6, 0)})
    energy = bus(price(2, 5.0), price(4, 7.0)).load(found, OPERAND).energy[0]
    assert energy == 42
    empty = tile({(2, 1): (10, 0), (4, 1): (0, 0)})
    assert bus(price(2, 5.0), price(4, 7.0)).load(empty, OPERAND).energy[0] == 50


def test_a_bus_may_be_priced_by_data_space():
    found = tile({(2, 1): (10, 0)})
    by_space = bus(price(2, 5.0), price(4, 7.0), action="send_A", by_data_space=True)
    assert by_space.load(found, OPERAND).energy[0] == 50
    assert by_space.load(found, RESULT).energy[0] == 0


def test_wires_cost_by_bits_and_length():
    wires = use(width=500.0, wire_energy=0.25, word_bits=16, bits={"Z": 24})
    assert wires.energy_per_hop("A") == 16 * 0.5 * 0.25
    assert wires.energy_per_hop("Z") == 24 * 0.5 * 0.25
    assert use(width=500.0, wire_energy=0.25, tile_width=2000.0).energy_per_hop("A") == 8.0
    assert use(width=500.0, wire_energy=0.25, energy_per_hop=0.75).energy_per_hop("A") == 0.75
    assert use(width=500.0, wire_energy=0.25, energy_per_hop=0.0).energy_per_hop("A") == 0


@pytest.mark.parametrize(
    ("network", "costs"),
    [
        ({}, False),
        ({"router_energy": 1.0}, True),
        ({"ingress_energy": 1.0}, True),
        ({"adder_energy": 1.0}, True),
        ({"energy_per_hop": 1.0}, True),
        ({"table": {"send": ()}}, True),
        ({"wire_energy": 1.0, "bits": {"A": 0}}, True),
        ({"wire_energy": 1.0, "bits": {"A": 0, "Z": 0}}, False),
    ],
)
def test_what_costs(network, costs):
    assert use(width=1.0, **network).costs(["A", "Z"]) is costs


def test_sides_of_what_lies_below():
    # 8 units of 100 um2 and 4 memories of 50 below 2 of 1000 below one
    made = machine(
        level("Spad", Mesh(4, 1), area=50.0, power_gated_at="Spad"),
        level("GLB", Mesh(2, 1), area=1000.0),
        level("DRAM", area=1.0),
        mesh=Mesh(8, 1),
        area=100.0,
    )
    # a unit; a memory and two units; a buffer and two of those
    assert tile_widths(made) == [10.0, 250.0**0.5, 1500.0**0.5]


def test_networks_are_listed_once_from_the_inside():
    up, down = Interconnect("up"), Interconnect("down")
    shared = Interconnect("shared")
    made = machine(
        level("Spad", read_network=down, update_network=up, accumulates=False),
        level("GLB", read_network=shared, update_network=shared, accumulates=False),
        level("DRAM", read_network=shared, update_network=shared),
        area=9.0,
    )
    found = [(one.network.name, one.level, one.returns, one.doubles) for one in network_uses(made)]
    assert found == [("down", 0, False, False), ("up", 0, True, True), ("shared", 1, True, True)]
    assert network_uses(made)[0].width == 3.0


def test_figures_of_the_only_mapping():
    mesh = Interconnect("mesh", energy_per_hop=0.25, router_energy=1.0, adder_energy=0.5)
    made = machine(level(read_network=mesh, update_network=mesh))
    found = tile({(4, 1): (10, 30), (1, 4): (20, 30)}, links=3.0, distributed={(2, 1): (6, 12)})
    unused = tile({})
    (figures,) = network_figures(network_loads(product(), [[found], [unused], [found]], made))
    assert figures.network is mesh
    assert figures.spaces[0] == SpaceTraffic(
        instances=2,
        fanout=4,
        multicast=4,
        ingresses={(4, 1): 10, (1, 4): 20},
        distributed={(2, 1): 6},
        hops=2.0,
        energy_per_hop=0.25,
        energy=72 * 0.25 + 4 * 10 + 2 * 20 + 3 * 6,
        link_energy=3 * (0.25 + 2),
        link_transfers=3.0,
    )
    assert figures.spaces[1] == SpaceTraffic(instances=2, fanout=4, energy_per_hop=0.25)
    assert figures.spaces[2].spatial_reductions == 3 * 10 + 6
    assert figures.spaces[2].reduction_energy == 18


def space(**figures):
    return SpaceTraffic(instances=3, fanout=2, **figures)


def test_figures_add_up_all_instances():
    spaces = [space(energy=5.0, link_energy=0.5, reduction_energy=0.25), space(energy=1.0)]
    mesh = NetworkFigures(Interconnect("mesh"), spaces)
    assert mesh.energy == 3 * (5 + 0.5 + 0.25 + 1)
    tree = NetworkFigures(Interconnect("tree", kind="ReductionTree"), spaces)
    assert tree.energy == 5 + 0.25 + 1


def test_one_word_moves_as_many_do():
    mesh = use(router_energy=3.0, energy_per_hop=0.25, adder_energy=0.5)
    load = mesh.load(tile({(4, 1): (1, 2)}), RESULT)
    assert (load.hops[0], load.energy[0]) == (2, 3 * 3.0 + 2 * 0.25)
    assert mesh.energy(load, tile({}, instances=2))[0] == 2 * (9.5 + 3 * 0.5)
    assert bus(price(2, 5.0), price(4, 7.0)).load(tile({(4, 1): (1, 0)}), OPERAND).energy[0] == 7


def test_what_is_not_there_does_not_travel_twice():
    load = use(doubles=True, adder_energy=1.0).load(tile({}, partition=8), RESULT)
    assert (load.words[0, 0], load.reductions[0]) == (0, 0)


def test_latency_is_that_of_all_networks():
    down, up = Interconnect("down", fill_latency=3), Interconnect("up", drain_latency=5)
    made = machine(
        level(read_network=down, update_network=up), level(read_network=down, update_network=up)
    )
    assert network_latency(made) == 2 * (3 + 5)
