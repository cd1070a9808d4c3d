"""Components of each layout of an architecture: names, instances and grids, by hand."""

import pytest

from hwsim.engines.timeloop.spec import read_inputs, read_machine
from hwsim.engines.timeloop.spec.architecture.components import read_components
from hwsim.errors import InputError


def components(architecture):
    return read_components(read_inputs({"architecture": architecture}))


def told(architecture):
    return [
        (found.name, found.class_name, found.role, found.instances, found.columns, found.rows)
        for found in components(architecture)
    ]


def refusal(architecture):
    with pytest.raises(InputError) as refused:
        read_machine(read_inputs({"architecture": architecture}), ["A", "B", "Z"])
    return str(refused.value).removeprefix("inputs: architecture")


def test_the_oldest_layout_lists_memories_innermost_first():
    given = {
        "arithmetic": {"instances": 8, "word_bits": 8},
        "storage": [
            {"meshX": 4, "meshY": 2, "entries": 16},
            {"name": "GLB", "instances": 2, "entries": 256},
            {"name": "Far", "technology": "DRAM", "instances": 1},
        ],
    }
    assert told(given) == [
        ("Far", "DRAM", "storage", 1, None, None),
        ("GLB", "SRAM", "storage", 2, None, None),
        ("storage_0", "SRAM", "storage", 8, None, None),
        ("__ARITH__", "compute", "compute", 8, None, None),
    ]
    assert [found.attributes.get("entries") for found in components(given)] == [
        None, 256, 16, None,
    ]  # fmt: skip


@pytest.mark.parametrize("mesh", [{}, {"meshX": 4}, {"meshY": 4}])
def test_the_oldest_layout_says_how_many_there_are(mesh):
    given = {"arithmetic": {"name": "MAC", "instances": 1}, "storage": [{"name": "GLB", **mesh}]}
    assert refusal(given) == (
        ".storage[0]: missing; 'instances' (or 'meshX' and 'meshY') is required here"
    )


def tree(locals_, *subtrees, name="system"):
    inside = {"subtree": list(subtrees)} if subtrees else {}
    return {"name": name, "local": locals_, **inside}


DRAM, MAC = {"name": "DRAM", "class": "DRAM"}, {"name": "MAC[0..1]", "class": "intmac"}


def test_ranges_of_subtrees_and_components_multiply():
    pe = {"name": "PE[2..5]", "local": [{"name": "Spad", "class": "regfile"}, MAC]}
    chip = tree([{"name": "GLB[ 0 .. 2 ]", "class": "SRAM"}], pe, name="chip[0..2]")
    assert told({"subtree": [tree([DRAM], chip)]}) == [
        ("DRAM", "DRAM", "storage", 1, None, None),
        ("GLB", "SRAM", "storage", 9, None, None),
        ("Spad", "regfile", "storage", 12, None, None),
        ("MAC", "intmac", "compute", 24, None, None),
    ]


def test_a_tree_has_one_branch_and_ranges_go_up():
    pes = [{"name": name, "local": [MAC]} for name in ("PE1", "PE2")]
    assert refusal({"subtree": [tree([DRAM], *pes)]}) == (
        ".subtree[0].subtree: expected one subtree a level, found 2; put components that stand "
        "side by side into 'local'"
    )
    assert refusal({"subtree": [tree([DRAM, {"name": "MAC[3..2]", "class": "intmac"}])]}) == (
        ".subtree[0].local[1].name: the range of 'MAC[3..2]' ends before it starts"
    )


def test_the_subclass_tells_what_a_component_is_if_the_class_does_not():
    nodes = [
        DRAM,
        {"name": "GLB", "class": "buffer", "subclass": "smartbuffer_SRAM"},
        {"name": "Spad", "subclass": "regfile"},
        {"name": "Adder", "class": "adder"},
        MAC,
    ]
    assert [(name, kind, role) for name, kind, role, *_ in told({"nodes": nodes})] == [
        ("DRAM", "DRAM", "storage"),
        ("GLB", "buffer", "storage"),
        ("MAC", "intmac", "compute"),
    ]


def test_fan_outs_of_nodes_hold_for_all_that_follow():
    nodes = [
        DRAM,
        {"name": "row", "spatial": {"meshX": 3}},
        {"name": "GLB", "class": "SRAM", "spatial": {"meshY": 2}},
        {"name": "Off", "class": "SRAM", "enabled": False},
        MAC,
    ]
    assert told({"nodes": nodes}) == [
        ("DRAM", "DRAM", "storage", 1, 1, 1),
        ("GLB", "SRAM", "storage", 6, 3, 2),
        ("MAC", "intmac", "compute", 12, 6, 2),
    ]


def test_attributes_of_containers_are_handed_on():
    nodes = [
        {"name": "chip", "attributes": {"word_bits": 8, "block_size": 2}},
        {"name": "DRAM", "class": "DRAM", "attributes": {"word_bits": 32}},
        MAC,
    ]
    found = components({"nodes": nodes})
    assert found[0].attributes.data == {"word_bits": 32, "block_size": 2}
    assert found[1].attributes.data == {"word_bits": 8, "block_size": 2}
    nodes[0]["attributes"] = [8]
    assert refusal({"nodes": nodes}) == ".nodes[0].attributes: expected keys and values"


@pytest.mark.parametrize(
    ("attributes", "mesh"),
    [
        ({}, (12, 1)),
        ({"meshX": 4}, (4, 3)),
        ({"meshY": 4}, (3, 4)),
        ({"meshX": 2, "meshY": 6}, (2, 6)),
        ({"instances": 8, "meshX": 2}, (2, 4)),
    ],
)
def test_instances_lie_on_the_grid_that_is_stated_or_in_a_row(attributes, mesh):
    mac = {"name": "MAC[0..11]", "class": "intmac", "attributes": attributes}
    found = read_machine(
        read_inputs({"architecture": {"subtree": [tree([DRAM, mac])]}}), ["A", "B", "Z"]
    )
    assert (found.compute.mesh.columns, found.compute.mesh.rows) == mesh


@pytest.mark.parametrize(
    ("attributes", "grid"), [({"meshX": 5}, "5 x 2"), ({"meshX": 3, "meshY": 3}, "3 x 3")]
)
def test_grids_that_do_not_hold_the_instances(attributes, grid):
    mac = {"name": "MAC[0..11]", "class": "intmac", "attributes": attributes}
    assert refusal({"subtree": [tree([DRAM, mac])]}) == (
        ".subtree[0].local[1].attributes: MAC has 12 instances, which is not meshX x meshY = "
        f"{grid}; correct the range of the name or the mesh"
    )


@pytest.mark.parametrize(
    ("architecture", "message"),
    [
        (
            {"version": 0.3},
            ": expected 'subtree' (v0.3), 'nodes' (v0.4) or 'arithmetic' and 'storage'",
        ),
        (
            {"nodes": [MAC]},
            ": no storage found; its class has to contain one of DRAM, SRAM, regfile, "
            "smartbuffer, storage",
        ),
        (
            {"nodes": [DRAM]},
            ": 0 compute components found, expected one; its class has to contain mac or compute",
        ),
        (
            {"nodes": [DRAM, MAC, MAC]},
            ": 2 compute components found, expected one; its class has to contain mac or compute",
        ),
        (
            {"nodes": [DRAM, "MAC"]},
            ".nodes[1]: expected a node: !Container, !Component, !Hierarchical or !Parallel",
        ),
    ],
)
def test_architectures_without_what_is_needed(architecture, message):
    assert refusal(architecture) == message


GLB = {"name": "GLB", "class": "SRAM"}
GRID = {"name": "grid", "spatial": {"meshX": 3, "meshY": 2}}


@pytest.mark.parametrize(
    ("tag", "inside", "outside"),
    [
        ("Hierarchical", (6, 3, 2), (6, 3, 2)),
        ("Parallel", (6, 3, 2), (1, 1, 1)),
        ("Pipelined", (6, 3, 2), (1, 1, 1)),
    ],
)
def test_fan_outs_inside_hierarchies_hold_for_what_follows_them(tag, inside, outside):
    nodes = [DRAM, {"!tag": tag, "nodes": [GRID, GLB]}, {"name": "MAC", "class": "intmac"}]
    assert told({"nodes": nodes}) == [
        ("DRAM", "DRAM", "storage", 1, 1, 1),
        ("GLB", "SRAM", "storage", *inside),
        ("MAC", "intmac", "compute", *outside),
    ]
    nodes[1]["nodes"] = [GRID]  # nothing is there that could be handed on
    assert told({"nodes": nodes})[1:] == [("MAC", "intmac", "compute", 1, 1, 1)]


def test_attributes_of_containers_are_handed_into_hierarchies_and_not_out_of_them():
    def words(number):
        return {"name": "words", "attributes": {"word_bits": number}}

    mac = {"name": "MAC", "class": "intmac"}
    nodes = [words(8), DRAM, {"!tag": "Hierarchical", "nodes": [GLB, words(4), dict(GLB)]}, mac]
    found = components({"nodes": nodes})
    assert [one.attributes.get("word_bits") for one in found] == [8, 8, 4, 8]


def test_a_component_may_have_no_class_but_a_subclass():
    spad = {"!tag": "Component", "name": "Spad", "subclass": "regfile"}
    other = {"!tag": "Component", "name": "Other"}
    assert told({"nodes": [DRAM, spad, other, MAC]})[1:] == [
        ("Spad", "regfile", "storage", 1, 1, 1),
        ("MAC", "intmac", "compute", 2, 2, 1),
    ]


@pytest.mark.parametrize(
    ("node", "noted"),
    [
        ({"name": "GLB", "class": "SRAM", "width": 64, "colour": 1}, ["colour"]),
        ({"name": "GLB", "class": "SRAM", "attributes": {"width": 64}, "width": 8}, ["width"]),
        ({"name": "GLB", "class": "SRAM", "subclass": "x", "width": 64}, []),
        ({"name": "chip", "width": 64}, ["width"]),
        ({"name": "chip", "attributes": {"width": 64, "colour": 1}}, ["colour"]),
        ({"name": "Add", "class": "adder", "colour": 1, "attributes": {"colour": 2}}, []),
        ({"!tag": "Component", "name": "Add", "subclass": "adder", "colour": 1}, []),
    ],
)
def test_attributes_stand_at_a_component_that_has_no_others(node, noted):
    inputs = read_inputs({"architecture": {"nodes": [DRAM, node, MAC]}})
    assert list(inputs.origin.unknown) == noted
