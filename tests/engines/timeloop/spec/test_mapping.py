"""Mappings as they are read: factors of 0, and loops of several nodes in one nest, by hand."""

from dataclasses import replace

import pytest

import hwsim
from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_mapping, read_problem
from hwsim.engines.timeloop.spec._directive_loops import SpatialNest, in_space
from hwsim.engines.timeloop.spec._directive_text import denials_entry
from hwsim.engines.timeloop.spec.mapping import mapping_document
from hwsim.engines.timeloop.terms.mapping import Loop, LoopMapping
from hwsim.errors import InputError
from tests.engines.timeloop.designs import spatial, temporal
from tests.engines.timeloop.spec.inputs import MAPPING, inputs

M, N, K = range(3)


def read(dram, spad, spread="M=4 N=1 K=1"):
    given = [
        temporal("DRAM", dram),
        spatial("GLB", spread),
        temporal("GLB", "M=1 N=1 K=1"),
        temporal("Spad", spad),
    ]
    merged = read_inputs(inputs(mapping=given))
    problem = read_problem(merged)
    machine = read_machine(merged, [space.name for space in problem.data_spaces])
    return read_mapping(merged, problem, machine)


def ends(mapping):
    """Iterations in time of M, N and K at each level, innermost first."""
    return [
        [next(loop.end for loop in level.temporal if loop.dimension == d) for d in (M, N, K)]
        for level in mapping.levels
    ]


def test_the_innermost_factor_of_zero_takes_what_is_left():
    assert ends(read("M=1 N=0 K=0", "M=1 N=2 K=1")) == [[1, 2, 1], [1, 1, 1], [1, 3, 8]]
    assert ends(read("M=0 N=0 K=2", "M=1 N=0 K=0")) == [[1, 6, 4], [1, 1, 1], [1, 1, 2]]


def test_a_factor_of_zero_beside_one_that_does_not_divide_takes_all():
    with pytest.raises(
        InputError, match="factors of N multiply up to 24, but the problem's N is 6"
    ):
        read("M=1 N=4 K=1", "M=1 N=0 K=8")


def test_of_loops_that_do_not_iterate_one_is_kept():
    problem = read_problem(read_inputs(inputs()))
    nests = [
        SpatialNest({"M": (2, 2), "N": (2, 1)}, ["M", "N", "K"], 1),
        SpatialNest({"M": (2, 2)}, ["M", "N", "K"], 3),
    ]
    found = in_space(nests, problem, (4, 2))
    # along X M of the second and M of the first; along Y N, and K, which is nobody's
    assert [(loop.dimension, loop.end, loop.residual, loop.kind) for loop in found] == [
        (M, 2, 2, "x"),
        (M, 2, 2, "x"),
        (N, 2, 1, "y"),
        (K, 1, 1, "y"),
    ]
    assert in_space(nests[1:], problem, (4, 2)) == (
        Loop(M, 2, 2, "x"),
        Loop(N, 1, 1, "x"),
        Loop(K, 1, 1, "x"),
    )


def test_dimensions_without_a_loop_are_written_as_1():
    mapping = read("M=1 N=2 K=1", "M=1 N=3 K=8")
    far, near, spad = mapping.levels[::-1]
    levels = (
        spad,
        replace(near, spatial=(Loop(M, 4, 3, "y"),)),
        replace(far, temporal=(Loop(N, 2, 2, "time"), Loop(M, 1, 1, "time"))),
    )
    merged = read_inputs(inputs())
    problem = read_problem(merged)
    machine = read_machine(merged, [space.name for space in problem.data_spaces])
    written = mapping_document(problem, machine, LoopMapping(levels))["mapping"]
    told = [
        (entry["target"], entry["type"], entry["factors"], entry["permutation"])
        for entry in written
        if "factors" in entry
    ]
    assert told == [
        ("DRAM", "temporal", "M=1 N=2 K=1", "NM"),
        ("GLB", "temporal", "M=1 N=1 K=1", "MNK"),
        ("GLB", "spatial", "M=4,3 N=1 K=1", "M"),
        ("Spad", "temporal", "M=1 N=3 K=8", "MNK"),
    ]


@pytest.mark.parametrize(
    ("kind", "layout", "written"),
    [
        ("spatial", "v0.3", {"no_reuse": ["A"], "no_link_transfer": ["B"]}),
        ("spatial", "v0.4", {"no_reuse": ["A"], "no_link_transfer": ["B"]}),
        ("temporal", "v0.3", {"no_temporal_reuse": ["Z"]}),
        ("temporal", "v0.4", {"no_reuse": ["Z"]}),
        ("bypass", "v0.3", {"no_coalesce": ["A", "Z"]}),
        ("bypass", "v0.4", {"no_coalesce": ["A", "Z"]}),
    ],
)
def test_denied_savings_are_written_as_each_layout_spells_them(kind, layout, written):
    denied = {
        "no_multicast": ["A"],
        "no_link_transfer": ["B"],
        "no_temporal_reuse": ["Z"],
        "no_coalesce": ["A", "Z"],
        "rmw_first_update": [],
    }
    assert denials_entry(kind, denied, layout) == written


def test_what_streams_passes_through_and_takes_no_room():
    """As kept, in reads, fills and energy; the buffer is too small for its tile of 32 words."""
    bypass = {"target": "GLB", "type": "bypass", "bypass": ["A"]}
    kept = hwsim.evaluate_timeloop(inputs())
    both = {**bypass, "stream": ["A", "B"]}
    streamed = hwsim.evaluate_timeloop(inputs(mapping=[*MAPPING, both]))
    assert streamed.energy_pj == kept.energy_pj
    reads = "Scalar reads (per-instance)"
    assert streamed.levels["GLB"]["A"][reads] == kept.levels["GLB"]["A"][reads] > 0
    around = hwsim.evaluate_timeloop(inputs(mapping=[*MAPPING, bypass]))
    assert around.energy_pj < kept.energy_pj
    assert streamed.notes == (
        "mapping: streams are paid for, as published with the MICRO 2022 artifact: A at GLB. "
        "Timeloop's release passes over 'stream' (--as-timeloop)",
    )
    given = inputs(mapping=[*MAPPING, both])
    release = hwsim.evaluate_timeloop(given, as_timeloop=True)
    assert (release.to_dict(), release.notes) == (around.to_dict(), ())
    small = inputs(mapping=[*MAPPING, {**bypass, "stream": ["A"]}])
    level = small["architecture"]["subtree"][0]["subtree"][0]["local"][0]["attributes"]
    level["depth"] = 16
    assert hwsim.evaluate_timeloop(small).energy_pj == kept.energy_pj
    with pytest.raises(InputError, match="GLB: the mapped tiles of"):
        hwsim.evaluate_timeloop({**small, "mapping": MAPPING})


def test_what_streams_is_written():
    bypass = {"target": "GLB", "type": "bypass", "bypass": ["A"], "stream": ["A"]}
    merged = read_inputs(inputs(mapping=[*MAPPING, bypass]))
    problem = read_problem(merged)
    machine = read_machine(merged, ["A", "B", "Z"])
    mapping = read_mapping(merged, problem, machine)
    document = mapping_document(problem, machine, mapping)
    again = read_mapping(read_inputs(inputs(**document)), problem, machine)
    assert again.levels[1].streamed == mapping.levels[1].streamed == (True, False, False)
    assert again.levels[1].keep == mapping.levels[1].keep
