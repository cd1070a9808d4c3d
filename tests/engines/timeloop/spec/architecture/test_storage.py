"""A memory's attributes, by hand: blocks, capacity, bandwidth and prices."""

import pytest

from hwsim.engines.timeloop.spec import read_inputs, read_machine
from hwsim.errors import InputError


def machine(name="GLB", kind="SRAM", tables=(), **attributes):
    nodes = [
        {"name": "DRAM", "class": "DRAM"},
        {"name": name, "class": kind, "attributes": attributes},
        {"name": "MAC[0..7]", "class": "intmac"},
    ]
    ert = {"ERT": {"version": 0.4, "tables": list(tables)}} if tables else {}
    return read_machine(read_inputs({"architecture": {"nodes": nodes}} | ert), ["A", "B", "Z"])


def level(*given, **attributes):
    capacity = {} if attributes.keys() & {"entries", "sizeKB", "depth"} else {"entries": 64}
    return machine(*given, **attributes | capacity).levels[0]


def refusal(*given, **attributes):
    with pytest.raises(InputError) as refused:
        level(*given, **attributes)
    return str(refused.value).removeprefix("inputs: architecture.nodes[1].attributes")


@pytest.mark.parametrize(
    ("given", "rates"),
    [
        ({}, (None, None)),
        ({"bandwidth": 8}, (4, 4)),
        ({"bandwidth": 8, "read_bandwidth": 3}, (3, 4)),
        ({"bandwidth": 8, "write_bandwidth": 5}, (4, 5)),
        ({"read_bandwidth": 3}, (3, None)),
        ({"write_bandwidth": 0}, (None, 0)),
    ],
)
def test_reads_and_writes_share_the_bandwidth_unless_they_have_their_own(given, rates):
    found = level(**given)
    assert (found.read_bandwidth, found.write_bandwidth) == rates


@pytest.mark.parametrize(
    ("given", "sizes"),
    [
        ({}, (1, 1)),
        ({"block_size": 4}, (4, 1)),
        ({"cluster_size": 2}, (1, 2)),
        ({"width": 64}, (4, 1)),
        ({"width": 64, "word_bits": 8}, (8, 1)),
        ({"width": 64, "cluster_size": 2}, (2, 2)),
        ({"width": 64, "block_size": 2}, (2, 2)),
        ({"width": 64, "block_size": 2, "cluster_size": 2}, (2, 2)),
    ],
)
def test_words_of_a_block_and_instances_of_a_cluster(given, sizes):
    found = level("GLB[0..3]", **given)
    assert (found.block_size, found.cluster_size) == sizes


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"width": 56, "block_size": 2},
            ": the width of 56 bits does not hold whole blocks of 2 words of 16 bits",
        ),
        (
            {"width": 56},
            ": the width of 56 bits does not hold whole blocks of 1 words of 16 bits",
        ),
        (
            {"width": 16, "cluster_size": 2},
            ": the width of 16 bits is that of all 2 instances of a cluster and leaves each of "
            "them 0 words of 16 bits; widen it, or leave out 'cluster_size'",
        ),
        (
            {"width": 64, "block_size": 2, "cluster_size": 4},
            ": block_size x word_bits x cluster_size = 128 is not the width of 64 bits",
        ),
        ({"cluster_size": 3}, ": GLB: 4 instances do not fill clusters of 3"),
        ({"technology": "DRAM", "cluster_size": 2}, ": GLB: DRAM has a cluster size of 1. Got 2"),
    ],
)
def test_blocks_and_clusters_that_do_not_fit(given, message):
    assert refusal("GLB[0..3]", **given) == message


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"entries": 100}, 100),
        ({"entries": 100, "depth": 7}, 100),
        ({"depth": 7, "block_size": 4}, 28),
        ({"sizeKB": 2}, 1024),
        ({"sizeKB": 2, "word_bits": 24}, 682),
    ],
)
def test_capacity_in_words(given, words):
    assert level(**given).size == words


def test_capacity_is_given_once():
    assert refusal(depth=7, sizeKB=2) == ": give one of depth and sizeKB, not both"
    with pytest.raises(
        InputError, match="GLB has no capacity; give 'depth', 'entries' or 'sizeKB'"
    ):
        machine()
    assert machine("Far", "DRAM").levels[0].size is None


def test_dram_by_class_or_technology():
    assert not level().dram
    found = level("GLB", "SRAM", technology="DRAM")
    assert (found.dram, found.accumulates) == (True, False)
    assert level().accumulates
    assert level("GLB", "LPDRAM").dram
    assert level("GLB", "LPDRAM", reduction_supported=True).accumulates


def test_metadata_lie_in_rows():
    found = level(metadata_storage_width=12, metadata_storage_depth=5)
    assert found.metadata_bits == 60
    assert level(metadata_storage_width=12, metadata_datawidth=4).metadata_width == 12
    assert refusal(metadata_storage_width=12, metadata_datawidth=4, metadata_block_size=2) == (
        ": the metadata storage width of 12 bits does not hold whole blocks of 8 bits"
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"num_ports": 3}, ".num_ports: expected 1 or 2 ports"),
        (
            {"tile_partition_supported": True},
            ".tile_partition_supported: not modelled; leave it out",
        ),
        ({"allow_overbooking": "yes"}, ".allow_overbooking: not modelled; leave it out"),
        ({"multiple_buffering": 0}, ".multiple_buffering: expected more than 0. Got 0.0"),
        (
            {"power_gated_at": "DRAMM"},
            ".power_gated_at: unknown storage 'DRAMM'; did you mean 'DRAM'?",
        ),
        (
            {"network_type": "N:M"},
            ".network_type: expected 1:1, 1:N or M:N. Got 'N:M'",
        ),
        ({"network_read": "Bus"}, ".network_read: unknown network 'Bus'"),
    ],
)
def test_what_is_not_modelled_is_refused(given, message):
    assert refusal(**given) == message


def test_what_changes_nothing_may_be_said():
    plain = level()
    for said in (
        {"num_ports": 1},
        {"num_ports": 2},
        {"tile_partition_supported": False},
        {"allow_overbooking": False},
        {"power_gated_at": "GLB"},
        {"network_type": "1:N"},
    ):
        assert level(**said) == plain


# 0.5 KB cost 1 and 100 KB cost 6 a 16-bit access; DRAM costs 200.
@pytest.mark.parametrize(
    ("given", "price"),
    [
        ({"entries": 256}, 1.0),
        ({"entries": 51200}, 6.0),
        ({"entries": 256, "block_size": 4}, 4.0),
        ({"entries": 512, "word_bits": 8}, 0.5),
        ({"entries": 128, "cluster_size": 2}, 1.0),
        ({"entries": 5, "block_size": 4}, 4 * (1 + 5 / 99.5 * (2 / 128 - 0.5))),
        ({"entries": 0}, 0.0),
        ({"technology": "DRAM"}, 200.0),
        ({"technology": "DRAM", "block_size": 4, "word_bits": 8}, 400.0),
    ],
)
def test_built_in_prices(given, price):
    found = level("GLB[0..3]", **given)
    assert found.energy_source == "PAT"
    assert found.vector_access_energy == pytest.approx(price, rel=1e-12)
    priced = {action: energy for action, energy in found.energy.items() if energy}
    actions = ("random_read", "random_fill", "random_update") if price else ()
    assert priced == dict.fromkeys(actions, found.vector_access_energy)


TABLE = {
    "name": "system.GLB[1..4]",
    "actions": [
        {"name": "read", "arguments": {}, "energy": 3.0},
        {"name": "write", "arguments": {}, "energy": 8.0},
        {"name": "leak", "arguments": {}, "energy": 0.5},
    ],
}


def test_prices_of_the_table():
    found = level("GLB[0..3]", "SRAM", [TABLE], cluster_size=2)
    assert found.energy_source == "ERT"
    assert found.vector_access_energy == 4.0
    assert {action: energy for action, energy in found.energy.items() if energy} == {
        "random_read": 3.0,
        "random_fill": 8.0,
        "random_update": 8.0,
        "leak": 0.5,
    }


@pytest.mark.parametrize("tables", [[], [TABLE]])
def test_a_price_of_the_attributes_comes_first(tables):
    found = level("GLB[0..3]", "SRAM", tables, vector_access_energy=2.5, cluster_size=2)
    assert (found.energy_source, found.vector_access_energy) == ("user", 2.5)
    assert {action: energy for action, energy in found.energy.items() if energy} == dict.fromkeys(
        ("random_read", "random_fill", "random_update"), 2.5
    )


def test_the_area_of_a_cluster_is_shared():
    assert level("GLB[0..3]", cluster_area=100, cluster_size=2).area == 50


def with_areas(tables, **attributes):
    """A memory whose area reference table says 12 um2."""
    nodes = [
        {"name": "DRAM", "class": "DRAM"},
        {"name": "GLB", "class": "SRAM", "attributes": {"entries": 64, **attributes}},
        {"name": "MAC[0..7]", "class": "intmac", "attributes": {"area": 3.0}},
    ]
    areas = [{"name": "system.GLB", "area": 12.0}, {"name": "system.MAC[0..7]", "area": 0.5}]
    inputs = {"architecture": {"nodes": nodes}, "ART": {"tables": areas}} | tables
    found = read_machine(read_inputs(inputs), ["A", "B", "Z"])
    return found.levels[0].area, found.compute.area


def test_areas_of_the_table_hold_where_there_are_prices_too():
    assert with_areas({}, cluster_area=4.0) == (4.0, 3.0)
    assert with_areas({"ERT": {"tables": []}}, cluster_area=4.0) == (12.0, 0.5)


def test_a_table_without_actions_costs_nothing():
    found = level("GLB[0..3]", "SRAM", [{"name": "system.GLB", "actions": []}])
    assert (found.energy_source, found.vector_access_energy) == ("ERT", 0.0)
