"""Nodes of a v0.4 architecture that fan out: mapped one by one, analysed as one spatial nest."""

import pytest

import hwsim
from hwsim.engines.timeloop import evaluation
from hwsim.engines.timeloop.nest.walk import walk_nest
from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_mapping, read_problem
from hwsim.engines.timeloop.spec.constraints import read_constraints
from hwsim.engines.timeloop.terms.constraints import SlotConstraint
from hwsim.errors import InputError
from tests.engines.timeloop.designs import gemm


def node(name, kind=None, attributes=None, **more):
    found = {"name": name, **more}
    if kind:
        width = {"width": 8, "datawidth": 8}
        found |= {"class": kind, "attributes": {**width, **(attributes or {})}}
    return found


def architecture(*fanouts, **pe):
    """DRAM, a buffer, containers that fan out, and PEs; the second may be nested."""
    return {
        "version": 0.4,
        "nodes": [
            node("DRAM", "DRAM"),
            node("Buf", "SRAM", {"depth": 512}),
            *fanouts,
            node("PE", "regfile", {"depth": 64}, **pe),
            node("MAC", "intmac"),
        ],
    }


COLUMNS = node("col", spatial={"meshX": 4})
ROWS = node("row", spatial={"meshY": 2})


def directive(target, kind, factors, permutation, **more):
    found = {"target": target, "type": kind, "factors": factors, "permutation": permutation}
    return {**found, **more}


def mapping(*spatial, pe="M=1 K=6 N=1", dram="M=1 K=1 N=1"):
    return [
        directive("DRAM", "temporal", dram, "MKN"),
        directive("Buf", "temporal", "M=1 K=1 N=1", "MKN"),
        *spatial,
        directive("PE", "temporal", pe, "KMN"),
    ]


def in_columns(factors="M=1 K=1 N=4", **more):
    return directive("col", "spatial", factors, "NMK", **more)


def in_rows(factors="M=2 K=1 N=1", **more):
    return directive("row", "spatial", factors, "MNK", **more)


def evaluated(arch, problem, maps):
    return hwsim.evaluate_timeloop({"architecture": arch, "problem": problem, "mapping": maps})


def single(spatial, problem, pe="M=1 K=6 N=1", dram="M=1 K=1 N=1"):
    """The same machine and mapping with one fan-out, as v0.3 has it."""
    grid = node("grid", spatial={"meshX": 4, "meshY": 2})
    return evaluated(architecture(grid), problem, mapping(spatial, pe=pe, dram=dram))


def test_two_fan_outs_are_one_spatial_nest():
    problem = gemm(2, 4, 6)
    found = evaluated(architecture(COLUMNS, ROWS), problem, mapping(in_columns(), in_rows()))
    assert found.cycles == 6
    assert found.utilization == 100
    one = single(directive("grid", "spatial", "M=2 K=1 N=4", "NMK", split=1), problem)
    assert found.to_dict() == one.to_dict()


def test_the_order_of_directives_and_of_axes_is_free():
    problem = gemm(2, 4, 6)
    maps = mapping(in_columns(), in_rows())
    expected = evaluated(architecture(COLUMNS, ROWS), problem, maps).to_dict()
    swapped = mapping(in_rows(), in_columns())
    assert evaluated(architecture(COLUMNS, ROWS), problem, swapped).to_dict() == expected
    assert evaluated(architecture(ROWS, COLUMNS), problem, maps).to_dict() == expected
    nested = {"nodes": [ROWS, node("PE", "regfile", {"depth": 64}), node("MAC", "intmac")]}
    arch = architecture()
    arch["nodes"][2:] = [COLUMNS, {"!tag": "Hierarchical", **nested}]
    assert evaluated(arch, problem, maps).to_dict() == expected


def test_what_the_case_of_32_cycles_counts():
    maps = mapping(in_columns(), in_rows("M=1 K=2 N=1"), pe="M=1 K=4 N=1", dram="M=4 K=1 N=0")
    found = evaluated(architecture(COLUMNS, ROWS), gemm(4, 8, 8), maps)
    assert (found.cycles, found.utilization) == (32, 100)


def test_one_dimension_spread_by_both():
    """Eight columns of N are four times two of them."""
    problem = gemm(1, 8, 6)
    outer, inner = node("col", spatial={"meshX": 4}), node("row", spatial={"meshX": 2})
    maps = mapping(in_columns(), in_rows("M=1 K=1 N=2"))
    found = evaluated(architecture(outer, inner), problem, maps)
    grid = architecture(node("grid", spatial={"meshX": 8}))
    one = evaluated(grid, problem, mapping(directive("grid", "spatial", "M=1 K=1 N=8", "NMK")))
    assert found.to_dict() == one.to_dict()
    merged = read_inputs(
        {"architecture": architecture(outer, inner), "problem": problem, "mapping": maps}
    )
    read = read_problem(merged)
    machine = read_machine(merged, ["A", "B", "Z"])
    loops = read_mapping(merged, read, machine).levels[1].spatial
    assert [(loop.dimension, loop.end, loop.kind) for loop in loops if loop.end > 1] == [
        (1, 2, "x"),
        (1, 4, "x"),
    ]


WINDOW = {
    "name": "window",
    "dimensions": ["M", "R", "P"],
    "data_spaces": [
        {"name": "W", "projection": [[["M"]], [["R"]]]},
        {"name": "I", "projection": [[["R"], ["P"]]]},
        {"name": "O", "projection": [[["M"]], [["P"]]], "read_write": True},
    ],
}


@pytest.mark.parametrize("nodes", [(COLUMNS, ROWS), (ROWS, COLUMNS)])
def test_one_dimension_spread_along_both_axes_is_as_walked_step_by_step(monkeypatch, nodes):
    problem = {"shape": WINDOW, "instance": {"M": 2, "R": 3, "P": 24}}
    maps = [
        directive("DRAM", "temporal", "M=1 R=1 P=3", "MRP"),
        directive("col", "spatial", "M=1 R=1 P=4", "MRP"),
        directive("row", "spatial", "M=1 R=1 P=2", "MRP"),
        directive("PE", "temporal", "M=2 R=3 P=1", "RMP"),
    ]
    found = evaluated(architecture(*nodes), problem, maps)
    assert (found.cycles, found.utilization) == (18, 100)
    monkeypatch.setattr(evaluation, "analyse", walk_nest)
    assert found.to_dict() == evaluated(architecture(*nodes), problem, maps).to_dict()


def test_a_split_is_needed_only_where_both_axes_are_there():
    problem = gemm(2, 1, 6)
    rows = architecture(ROWS)
    found = evaluated(rows, problem, mapping(in_rows()))
    assert found.to_dict() == evaluated(rows, problem, mapping(in_rows(split=0))).to_dict()


def refusal(arch, problem, maps):
    with pytest.raises(InputError) as caught:
        evaluated(arch, problem, maps)
    return str(caught.value)


def test_each_node_has_room_for_its_own_loops():
    problem = gemm(4, 2, 6)
    maps = mapping(in_columns("M=1 K=1 N=2"), in_rows("M=4 K=1 N=1"))
    assert refusal(architecture(COLUMNS, ROWS), problem, maps) == (
        "inputs: mapping[3].factors: the mapping uses 4 rows (meshY) of row, but there are 2; "
        "lower the spatial factors, or move the split between X and Y"
    )


def test_a_directive_that_stands_twice():
    problem = gemm(2, 4, 6)
    maps = mapping(in_columns(), in_columns())
    assert refusal(architecture(COLUMNS, ROWS), problem, maps) == (
        "inputs: mapping[3].target: the spatial loops of 'col' are given twice; keep one of the "
        "directives"
    )
    maps = [*mapping(in_columns(), in_rows()), directive("PE", "temporal", "K=1", "K")]
    assert refusal(architecture(COLUMNS, ROWS), problem, maps) == (
        "inputs: mapping[5].target: the temporal loops of 'PE' are given twice; keep one of the "
        "directives"
    )


def test_savings_denied_by_the_nodes_of_a_fan_out():
    constraints = {"spatial": {"no_reuse": ["A"], "factors": ["K=1"]}}
    more = {"spatial": {"no_link_transfer": ["Z"]}}
    arch = architecture({**COLUMNS, "constraints": constraints}, {**ROWS, "constraints": more})
    merged = read_inputs({"architecture": arch, "problem": gemm(2, 4, 6)})
    problem = read_problem(merged)
    machine = read_machine(merged, ["A", "B", "Z"])
    found = read_constraints(merged, problem, machine)
    assert found.denied == {(1, "no_multicast"): {0}, (1, "no_link_transfer"): {2}}
    assert found.slots[1, "spatial"].only_y == ["K"]


def spatial_slot(*constraints, nodes=(COLUMNS, ROWS)):
    """Give the loop nest that two fan-outs below the buffer make of their constraints."""
    made = [
        {**one, "constraints": {"spatial": own}} if own else one
        for one, own in zip(nodes, constraints, strict=True)
    ]
    merged = read_inputs({"architecture": architecture(*made), "problem": gemm(4, 8, 6)})
    problem = read_problem(merged)
    found = read_constraints(merged, problem, read_machine(merged, ["A", "B", "Z"]))
    return found.slots[1, "spatial"]


def test_axes_that_are_closed_to_a_dimension():
    assert spatial_slot({"factors": ["M=1", "N=4"]}, {"factors": ["M=2", "N=1", "K=1"]}) == (
        SlotConstraint(fixed={"M": 2, "N": 4}, only_x=["N", "K"], only_y=["M"])
    )
    both = spatial_slot({"factors": ["M=1", "N=1"]}, {"factors": ["M=1", "N=1"]})
    assert both == SlotConstraint(fixed={"M": 1, "N": 1})
    assert spatial_slot({"factors": ["N=2"]}, {"factors": ["N=2"]}) == (
        SlotConstraint(fixed={"N": 4})
    )


def test_limits_of_both_axes_multiply_where_both_have_one():
    assert spatial_slot({"factors": ["N<=2", "M>=2"]}, {"factors": ["N<=3", "M>=3"]}) == (
        SlotConstraint(most={"N": 6}, least={"M": 6})
    )
    assert spatial_slot({"factors": ["N<=2"]}, {"factors": ["M<=3"]}) == SlotConstraint()
    found = spatial_slot({"factors": ["N<=2"]}, {"factors": ["N=1"]})
    assert found == SlotConstraint(most={"N": 2}, only_x=["N"])


def test_dimensions_of_one_axis_keep_their_order():
    closed = {"factors": ["M=1", "N=1", "K=1"]}
    assert spatial_slot({"permutation": "KM"}, closed).only_x == ["K", "M", "N"]
    assert spatial_slot(closed, {"permutation": "N_K"}).only_y == ["N", "K", "M"]


def named_by_the_front_end(target):
    """What the front end's mapper writes of the storage levels that it makes of fan-outs."""
    nothing = {"target": target, "type": "datatype", "keep": [], "bypass": ["A", "B", "Z"]}
    return [nothing, directive(target, "temporal", "M1 K1 N1", "MKN")]


def test_names_of_the_front_end_stand_for_the_nodes():
    arch, problem = architecture(COLUMNS, ROWS), gemm(2, 4, 6)
    expected = evaluated(arch, problem, mapping(in_columns(), in_rows())).to_dict()
    columns = {**in_columns(), "target": "inter_col_spatial"}
    rows = {**in_rows(), "target": "inter_row_spatial"}
    more = [*named_by_the_front_end("inter_col_spatial"), *named_by_the_front_end("row")]
    assert evaluated(arch, problem, mapping(columns, rows) + more).to_dict() == expected


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            directive("inter_col_spatial", "temporal", "M1 K2 N1", "MKN"),
            "mapping[5].factors: col fans out and is no memory, so that no loop in time can stand "
            "at it; move K to a memory",
        ),
        (
            {"target": "inter_col_spatial", "type": "datatype", "keep": ["A"]},
            "mapping[5].keep: col fans out and is no memory, so that it keeps no A",
        ),
        (
            {**in_columns(), "target": "inter_col_spatial"},
            "mapping[5].target: the spatial loops of 'inter_col_spatial' are given twice; keep one "
            "of the directives",
        ),
    ],
)
def test_what_cannot_stand_at_a_node_that_fans_out(more, problem):
    maps = [*mapping(in_columns(), in_rows()), more]
    with pytest.raises(InputError) as refused:
        evaluated(architecture(COLUMNS, ROWS), gemm(2, 4, 6), maps)
    assert str(refused.value) == f"inputs: {problem}"


def test_lists_of_constraints_name_nodes_that_fan_out():
    arch = architecture(COLUMNS, ROWS)
    listed = [
        {"target": "inter_col_spatial", "type": "spatial", "factors": "N=4 M=1"},
        {"target": "row", "type": "spatial", "factors": "M=2 K=1 N=1"},
        {"target": "row", "type": "temporal", "factors": "M=1 K=1 N=1"},
        {"target": "row", "type": "bypass", "bypass": ["A"]},
    ]
    of_nodes = architecture(
        {**COLUMNS, "constraints": {"spatial": {"factors": "N=4 M=1"}}},
        {**ROWS, "constraints": {"spatial": {"factors": "M=2 K=1 N=1"}}},
    )
    found = []
    for given in ({"architecture": arch, "constraints": listed}, {"architecture": of_nodes}):
        merged = read_inputs({**given, "problem": gemm(2, 4, 6)})
        problem = read_problem(merged)
        machine = read_machine(merged, ["A", "B", "Z"])
        found.append(read_constraints(merged, problem, machine))
    assert found[0] == found[1]
    assert found[0].slots[1, "spatial"].fixed["N"] == 4
