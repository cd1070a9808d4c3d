"""Machines as they are written in both layouts, and which do not fit together."""

import pytest

from hwsim.engines.timeloop.spec import read_inputs, read_machine
from hwsim.engines.timeloop.spec.architecture import architecture_document
from hwsim.errors import InputError

SPACES = ("A", "B", "Z")


def machine(**attributes):
    nodes = [
        {"name": "Far", "class": "DRAM"},
        {"name": "chip", "spatial": {"meshX": 2}},
        {"name": "GLB", "class": "regfile", "attributes": {"entries": 32, **attributes}},
        {"name": "MAC", "class": "intmac", "spatial": {"meshX": 3, "meshY": 2}},
    ]
    return read_machine(read_inputs({"architecture": {"nodes": nodes}}), SPACES)


def test_subtrees_state_the_grid_of_all_instances():
    (tree,) = architecture_document(machine())["architecture"]["subtree"]
    assert tree["name"] == "system"
    told = [
        (entry["name"], entry["class"], entry["attributes"]["meshX"], entry["attributes"]["meshY"])
        for entry in tree["local"]
    ]
    assert told == [
        ("Far", "DRAM", 1, 1),
        ("GLB[0..1]", "regfile", 2, 1),
        ("MAC[0..11]", "intmac", 6, 2),
    ]


def test_nodes_state_the_grid_within_what_is_around_them():
    written = architecture_document(machine(), "v0.4")["architecture"]["nodes"]
    assert [(node["!tag"], node["name"], node.get("spatial")) for node in written] == [
        ("Container", "system", None),
        ("Component", "Far", None),
        ("Container", "GLB_grid", {"meshX": 2, "meshY": 1}),
        ("Component", "GLB", None),
        ("Container", "MAC_grid", {"meshX": 3, "meshY": 2}),
        ("Component", "MAC", None),
    ]
    grids = [size for node in written for size in node.get("spatial", {}).values()]
    assert {type(size) for size in grids} == {int}


def attributes(layout, place, **given):
    (root,) = architecture_document(machine(**given), layout).values()
    entries = root["subtree"][0]["local"] if layout == "v0.3" else root["nodes"]
    return entries[place]["attributes"]


COMMON = {
    "block_size": 1,
    "cluster_size": 1,
    "width": 16,
    "multiple_buffering": 1.0,
    "decompression_supported": False,
    "compression_supported": False,
    "network_word_bits": 16,
    "router_energy": 0.0,
    "energy_per_ingress": 0.0,
    "wire_energy": 0.0,
    "network_fill_latency": 0,
    "network_drain_latency": 0,
}


def test_attributes_of_memories_in_subtrees():
    dram, buffer = (attributes("v0.3", place) for place in (0, 1))
    own = {"x-hwsim": {"area": 0.0}}
    mesh = {"meshX": 1, "meshY": 1}
    assert dram == {**COMMON, "word_bits": 16, "reduction_supported": False, **own, **mesh}
    mesh = {"meshX": 2, "meshY": 1}
    words = {"word_bits": 16, "entries": 32}
    assert buffer == {**COMMON, **words, "reduction_supported": True, **own, **mesh}


def test_attributes_of_memories_in_nodes():
    dram, buffer = (attributes("v0.4", place) for place in (1, 3))
    endless = {"depth": 2**30, "x-hwsim": {"area": 0.0, "unlimited": True}}
    assert dram == {**COMMON, "datawidth": 16, "reduction_supported": False, **endless}
    words = {"depth": 32, "x-hwsim": {"area": 0.0}}
    assert buffer == {**COMMON, "datawidth": 16, "reduction_supported": True, **words}


@pytest.mark.parametrize(
    ("given", "depth", "own"),
    [
        ({"entries": 32, "block_size": 4}, 8, {"area": 0.0}),
        ({"entries": 30, "block_size": 4}, 8, {"area": 0.0, "entries": 30}),
    ],
)
def test_words_that_do_not_fill_the_last_row_are_told_apart(given, depth, own):
    found = attributes("v0.4", 3, **given)
    assert (found["depth"], found["x-hwsim"], found.get("entries")) == (depth, own, None)


def test_the_front_end_wants_all_widths_of_metadata_or_none():
    found = attributes("v0.4", 3, metadata_storage_width=12)
    widths = {key: found[key] for key in found if key.startswith("metadata")}
    assert widths == {
        "metadata_storage_width": 12,
        "metadata_storage_depth": 0,
        "metadata_datawidth": 1,
    }
    found = attributes(
        "v0.4", 3, metadata_storage_width=12, metadata_storage_depth=5, metadata_datawidth=4
    )
    assert (found["metadata_storage_depth"], found["metadata_datawidth"]) == (5, 4)
    assert not [key for key in attributes("v0.3", 1) if key.startswith("metadata")]


def test_words_of_fewer_bits_take_less_bandwidth_and_room():
    own = {"bits": {"A": 8, "B": 16}, "entries": 32, "area": 2.5}
    scale = {"A": 1.0, "Z": 3.0}
    given = {"x-hwsim": {**own, "per_dataspace_bandwidth_consumption_scale": scale}}
    found = attributes("v0.3", 1, **given)
    assert found["entries"] == 64
    assert found["per_dataspace_bandwidth_consumption_scale"] == {"A": 0.5, "Z": 3.0}
    assert found["x-hwsim"] == given["x-hwsim"]
    given["x-hwsim"] = {"bits": {"A": 8, "Z": 32}}
    scale = attributes("v0.3", 1, **given)["per_dataspace_bandwidth_consumption_scale"]
    assert scale == {"A": 0.5, "Z": 2.0}


def test_a_machine_whose_grids_do_not_fit():
    storage = [{"name": "Inner", "meshX": 4, "meshY": 2, "entries": 8}]
    storage.append({"name": "Outer", "meshX": 2, "meshY": 3, "entries": 8})
    given = {"architecture": {"arithmetic": {"meshX": 8, "meshY": 2}, "storage": storage}}
    with pytest.raises(InputError) as refused:
        read_machine(read_inputs(given), SPACES)
    assert str(refused.value) == (
        "architecture: Inner has 4 x 2 instances (meshX x meshY), which is no multiple of the "
        "2 x 3 of Outer"
    )
    storage[1] |= {"meshX": 3, "meshY": 2}
    with pytest.raises(InputError, match="no multiple of the 3 x 2 of Outer"):
        read_machine(read_inputs(given), SPACES)


@pytest.mark.parametrize(("bits", "price"), [(16, 1.0), (8, 0.25), (32, 4.0)])
def test_operations_cost_the_square_of_their_bits_without_a_table(bits, price):
    units = {"instances": 1, "word_bits": bits}
    given = {"arithmetic": units, "storage": [{"technology": "DRAM", "instances": 1}]}
    found = read_machine(read_inputs({"architecture": given}), SPACES).compute
    assert (found.word_bits, found.energy["random_compute"]) == (bits, price)
    units["energy"] = 3.5
    found = read_machine(read_inputs({"architecture": given}), SPACES).compute
    assert {action for action, energy in found.energy.items() if energy} == {"random_compute"}
    assert found.energy["random_compute"] == 3.5


def test_a_row_holds_the_blocks_of_a_cluster():
    found = attributes("v0.3", 1, block_size=4, cluster_size=2, word_bits=8)
    assert (found["width"], found["block_size"], found["cluster_size"]) == (64, 4, 2)


def test_what_hwsim_alone_reads_stands_in_place_of_timeloops_attributes():
    def level(**own):
        scale = {"per_dataspace_bandwidth_consumption_scale": {"A": 2.0}}
        return machine(cluster_area=4.0, **scale, **({"x-hwsim": own} if own else {})).levels[0]

    def told(found):
        networks = (found.read_network.bits, found.update_network.bits)
        return found.size, found.area, dict(found.bandwidth_scale), dict(found.bits), networks

    none = ({}, {})
    assert told(level()) == (32, 4.0, {"A": 2.0}, {}, none)
    assert told(level(area=2.5)) == (32, 2.5, {"A": 2.0}, {}, none)
    assert told(level(area=0)) == (32, 0.0, {"A": 2.0}, {}, none)
    assert told(level(entries=7)) == (7, 4.0, {"A": 2.0}, {}, none)
    assert told(level(unlimited=True)) == (None, 4.0, {"A": 2.0}, {}, none)
    assert told(level(unlimited=False)) == (32, 4.0, {"A": 2.0}, {}, none)
    own = {"per_dataspace_bandwidth_consumption_scale": {"B": 3.0}}
    assert told(level(**own)) == (32, 4.0, {"B": 3.0}, {}, none)
    found = told(level(bits={"A": 4}, network_bits={"Z": 5}))
    assert found == (32, 4.0, {"A": 2.0}, {"A": 4}, ({"Z": 5}, {"Z": 5}))


@pytest.mark.parametrize(
    ("bits", "words"),
    [({"Z": 32}, 32), ({"A": 4}, 128), ({"A": 16}, 32), ({"A": 8, "B": 4, "Z": 32}, 128)],
)
def test_what_fits_by_its_bits_fits_by_words_of_the_narrowest(bits, words):
    found = attributes("v0.3", 1, **{"x-hwsim": {"bits": bits, "entries": 32}})
    assert found["entries"] == words


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"class": "SRAM", "technology": "DRAM"}, "DRAM"),
        ({"class": "SRAM"}, "SRAM"),
        ({"class": "LPDDRAM"}, "LPDDRAM"),
        ({"class": "regfile"}, "regfile"),
    ],
)
def test_a_class_that_hides_what_the_memory_is_gives_way(given, kind):
    technology = {key: given[key] for key in given if key != "class"}
    node = {"name": "Far", "class": given["class"], "attributes": {"entries": 8, **technology}}
    nodes = [node, {"name": "MAC", "class": "intmac"}]
    found = read_machine(read_inputs({"architecture": {"nodes": nodes}}), SPACES)
    for layout in ("v0.3", "v0.4"):
        (root,) = architecture_document(found, layout).values()
        written = root["subtree"][0]["local"][0] if layout == "v0.3" else root["nodes"][1]
        assert written["class"] == kind


def test_memories_of_the_oldest_layout_have_a_class_of_their_kind():
    storage = [
        {"name": "Inner", "entries": 8, "instances": 1},
        {"name": "Outer", "technology": "DRAM", "instances": 1},
    ]
    given = {"architecture": {"arithmetic": {"instances": 1}, "storage": storage}}
    found = architecture_document(read_machine(read_inputs(given), SPACES), "v0.4")
    kinds = [node["class"] for node in found["architecture"]["nodes"] if "class" in node]
    assert kinds == ["DRAM", "SRAM", "intmac"]


def test_bits_of_data_spaces_are_numbers():
    def bits(given):
        return machine(**{"x-hwsim": {"bits": given}}).levels[0].bits

    assert bits({"A": 4, "Z": None}) == {"A": 4, "Z": 1}  # what is left empty is one bit
    with pytest.raises(InputError, match=r"expected bits by data space, e.g. {A: 8}. Got 5$"):
        bits(5)
