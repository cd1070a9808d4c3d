"""Networks of memories: implied by attributes, or components of their own."""

from dataclasses import replace

import pytest

from hwsim.engines.timeloop.spec import read_inputs, read_machine
from hwsim.engines.timeloop.spec.architecture import architecture_document
from hwsim.engines.timeloop.spec.architecture._networks import class_of_network, network_attributes
from hwsim.engines.timeloop.terms.machine import Interconnect

PRICES = {
    "router_energy": 1.0,
    "energy_per_ingress": 2.0,
    "wire_energy": 3.0,
    "energy_per_hop": 4.0,
    "tile_width": 5.0,
}


def machine(*networks, ert=(), **attributes):
    nodes = [
        {"name": "DRAM", "class": "DRAM"},
        *networks,
        {"name": "GLB", "class": "SRAM", "attributes": {"entries": 64, **attributes}},
        {"name": "MAC", "class": "intmac"},
    ]
    tables = {"ERT": {"version": 0.4, "tables": list(ert)}} if ert else {}
    return read_machine(read_inputs({"architecture": {"nodes": nodes}} | tables), ["A", "B", "Z"])


def component(kind, **attributes):
    return {"name": "Net", "class": kind, "attributes": attributes}


def prices(network):
    return (
        network.router_energy,
        network.ingress_energy,
        network.wire_energy,
        network.energy_per_hop,
        network.tile_width,
    )


def test_the_implied_network():
    found = machine(word_bits=8, **PRICES, network_fill_latency=6, network_drain_latency=7)
    network = found.levels[0].read_network
    assert found.levels[0].update_network is network
    assert (network.name, network.kind, network.word_bits) == ("GLB <==> MAC", "Legacy", 8)
    assert (network.fill_latency, network.drain_latency) == (6, 7)
    assert prices(network) == (1.0, 2.0, 3.0, 4.0, 5.0)
    assert machine(word_bits=8, network_word_bits=4).levels[0].read_network.word_bits == 4
    assert prices(machine().levels[0].read_network) == (0.0, 0.0, 0.0, None, None)


@pytest.mark.parametrize(
    ("table", "wire"),
    [
        ([("transfer_random", 0.25)], 0.25),
        ([("transfer_random", 0.25), ("transfer_random", 0.5)], 0.5),
        ([("transfer_random", 0.0)], 3.0),
        ([("transfer", 0.25)], 3.0),
    ],
)
def test_wires_of_the_table_come_before_those_of_attributes(table, wire):
    actions = [{"name": name, "energy": energy} for name, energy in table]
    for name in ("wire", "Wire"):
        found = machine(ert=[{"name": name, "actions": actions}], **PRICES)
        assert found.levels[0].read_network.wire_energy == wire


@pytest.mark.parametrize(
    ("said", "distributes"), [(None, False), ("1:1", False), ("1:N", False), ("M:N", True)]
)
def test_only_networks_of_many_to_many_split_their_multicasts(said, distributes):
    given = {} if said is None else {"network_type": said}
    found = machine(**given)
    assert found.levels[0].read_network.distributes is distributes
    (root,) = architecture_document(found).values()
    (glb,) = [one for one in root["subtree"][0]["local"] if one["name"].startswith("GLB")]
    assert glb["attributes"].get("network_type") == ("M:N" if distributes else None)


@pytest.mark.parametrize("kind", ["XY_NoC", "Legacy"])
def test_a_mesh_that_is_a_component(kind):
    own = component(kind, word_bits=4, fill_latency=9, **PRICES)
    wires = [{"name": "wire", "actions": [{"name": "transfer_random", "energy": 0.25}]}]
    level = machine(own, ert=wires, network_read="Net").levels[0]
    assert level.update_network == level.read_network
    network = level.read_network
    assert (network.name, network.kind, network.word_bits) == ("Net", "Legacy", 4)
    assert (network.fill_latency, network.drain_latency) == (9, 9)
    assert prices(network) == (1.0, 2.0, 3.0, 4.0, 5.0)


def test_each_way_has_its_network():
    tree = component("ReductionTree", word_bits=4, fill_latency=9, adder_energy=6.0, **PRICES)
    level = machine(tree, network_update="Net", word_bits=8).levels[0]
    assert (level.read_network.name, level.update_network.name) == ("GLB <==> MAC", "Net")
    network = level.update_network
    assert (network.kind, network.adder_energy, network.word_bits) == ("ReductionTree", 6.0, 4)
    assert prices(network) == (0.0, 0.0, 3.0, None, None)


def test_a_multicast_is_priced_by_its_table():
    own = component("SimpleMulticast", action_name="send", multicast_factor_argument="to")
    actions = [{"name": "send", "arguments": {"to": 2}, "energy": 0.5}]
    network = machine(own, ert=[{"name": "Net", "actions": actions}], network_read="Net").levels[0]
    found = network.read_network
    assert (found.kind, found.action, found.factor_argument) == ("SimpleMulticast", "send", "to")
    assert (found.by_data_space, found.table) == (False, {"send": (({"to": 2}, 0.5),)})
    own["attributes"]["per_datatype_ERT"] = True
    assert machine(own, network_read="Net").levels[0].read_network.by_data_space


def test_networks_are_written_by_their_kind():
    mesh = Interconnect("Net", word_bits=8, fill_latency=3)
    assert class_of_network(mesh) == "XY_NoC"
    assert network_attributes(mesh) == {
        "network_word_bits": 8,
        "router_energy": 0.0,
        "energy_per_ingress": 0.0,
        "wire_energy": 0.0,
        "fill_latency": 3,
    }
    tree = replace(mesh, kind="ReductionTree", wire_energy=0.5, adder_energy=0.25)
    assert class_of_network(tree) == "ReductionTree"
    assert network_attributes(tree) == {
        "network_word_bits": 8,
        "fill_latency": 3,
        "wire_energy": 0.5,
        "adder_energy": 0.25,
    }
    cast = replace(mesh, kind="SimpleMulticast", action="send", factor_argument="to")
    assert class_of_network(cast) == "SimpleMulticast"
    written = {
        "network_word_bits": 8,
        "action_name": "send",
        "multicast_factor_argument": "to",
        "fill_latency": 3,
    }
    assert network_attributes(cast) == written
    own = network_attributes(replace(cast, by_data_space=True))
    assert own == {**written, "per_datatype_ERT": True}
