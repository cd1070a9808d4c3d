"""Constraints as they are read from lists of targets, and written, by hand."""

import pytest

from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_problem
from hwsim.engines.timeloop.spec.constraints import (
    constraint_document,
    constraint_targets,
    read_constraints,
)
from hwsim.engines.timeloop.terms.constraints import Constraints, SlotConstraint
from hwsim.errors import InputError
from tests.engines.timeloop.designs import gemm, three_levels

INPUTS = {"architecture": three_levels(4), "problem": gemm(4, 6, 8)}
PROBLEM = read_problem(read_inputs(INPUTS))
MACHINE = read_machine(read_inputs(INPUTS), ["A", "B", "Z"])


def read(*targets):
    return read_constraints(read_inputs(INPUTS | {"constraints": list(targets)}), PROBLEM, MACHINE)


def temporal(target="GLB", **rules):
    return {"target": target, "type": "temporal", **rules}


def slot(**rules):
    return read(temporal(**rules)).slots[1, "temporal"]


def refusal(*targets):
    with pytest.raises(InputError) as refused:
        read(*targets)
    return str(refused.value).removeprefix("inputs: constraints")


@pytest.mark.parametrize(
    "factors",
    ["M=2 N<=3 K>=4", "M2,N<=3,K >= 4 # K as it is", ["M==2", "N<=3", "K>=4"]],
)
def test_factors_are_fixed_or_limited(factors):
    assert slot(factors=factors) == SlotConstraint(fixed={"M": 2}, most={"N": 3}, least={"K": 4})


def test_factors_by_name_and_of_zero():
    assert slot(factors={"M": 4, "K": 0}) == SlotConstraint(fixed={"M": 4, "K": 0})


def test_limits_of_all_dimensions_yield_to_their_own():
    found = slot(factors="M<=2 N>=3", default_max_factor=5, default_min_factor=1)
    assert found.most == {"M": 2, "N": 5, "K": 5}
    assert found.least == {"M": 1, "N": 3, "K": 1}


def test_other_dimensions_do_not_iterate_if_factors_are_all():
    found = slot(factors_only="M=2 N<=3")
    assert found == SlotConstraint(fixed={"M": 2, "K": 1}, most={"N": 3})
    assert slot(factors_only="K>=2").fixed == {"M": 1, "N": 1}


def test_dimensions_of_data_spaces_that_stay():
    assert slot(no_iteration_over_dataspaces=["A"]).fixed == {"M": 1, "K": 1}
    assert slot(no_iteration_over_dataspaces="all").fixed == {"M": 1, "N": 1, "K": 1}
    assert slot(no_iteration_over_dataspaces="A", factors="M=2").fixed == {"M": 2, "K": 1}


def test_permutations_are_pinned_inside_and_outside():
    assert slot(permutation="MN") == SlotConstraint(prefix=["M", "N"])
    assert slot(permutation="K _ M # inside") == SlotConstraint(prefix=["K"], suffix=["M"])
    assert slot(permutation=["_", "N", "M"]) == SlotConstraint(suffix=["N", "M"])


def test_factors_that_no_problem_has_are_noted():
    found = read(temporal(factors="M=5 N=6", remainders=True))
    assert found.slots[1, "temporal"].fixed == {"N": 6}
    assert found.notes == [
        "inputs: constraints[0].factors: M=5 is ignored, the problem's M is 4",
        "inputs: constraints[0].remainders: ignored; the search uses factors that divide",
    ]
    largest = 10**18 - 1  # of 18 digits
    assert read(temporal(factors=f"M={largest}")).notes == [
        f"inputs: constraints[0].factors: M={largest} is ignored, the problem's M is 4"
    ]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"factors": "M=2 N!3"}, ".factors: expected factors like 'R=3 C<=8 M=0'. Got 'N!3'"),
        ({"factors": "M<=0"}, ".factors: M<=0: expected 1 or more"),
        ({"factors": "M>=0"}, ".factors: M>=0: expected 1 or more"),
        ({"factors": "Q=1"}, ".factors: unknown dimension 'Q'; known: K, M, N"),
        ({"factors": f"M={10**18}"}, ".factors: the factor of M has more than 18 digits"),
        ({"factors_only": "Q=1"}, ".factors_only: unknown dimension 'Q'; known: K, M, N"),
        ({"permutation": "MNM"}, ".permutation: dimension 'M' stands twice"),
        ({"permutation": "M_M"}, ".permutation: dimension 'M' stands twice"),
    ],
)
def test_loops_that_cannot_be_read(rules, message):
    assert refusal(temporal(**rules)) == f"[0]{message}"


def test_what_is_said_in_parts_is_put_together():
    parts = ({"factors": "M=2"}, {"factors": "M=2 N<=3", "permutation": "MN"}, {"split": 1})
    found = read(*(temporal(**part) for part in parts), temporal(permutation="MN", split=1))
    assert found.slots[1, "temporal"] == SlotConstraint(
        fixed={"M": 2}, most={"N": 3}, prefix=["M", "N"], split=1
    )


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        ({"factors": "M=2"}, {"factors": "M=4"}, "the factor of M at"),
        ({"factors": "M<=2"}, {"factors": "M<=4"}, "the largest factor of M at"),
        ({"factors": "M>=2"}, {"factors": "M>=4"}, "the least factor of M at"),
    ],
)
def test_factors_that_differ(one, other, message):
    assert refusal(temporal(**one), temporal(**other)) == (
        f"[1].factors: {message} GLB (temporal) is 2 by another constraint and 4 here; keep one of "
        "them"
    )


@pytest.mark.parametrize(
    ("one", "other"), [("MN", "NM"), ("MN", "MN_K"), ("_K", "_M"), ("M", "_M")]
)
def test_permutations_that_differ(one, other):
    assert refusal(temporal(permutation=one), temporal(permutation=other)) == (
        "[1].permutation: the permutation of GLB (temporal) is given twice; keep one of them"
    )


def test_splits_that_differ():
    assert refusal(temporal(split=0), temporal(split=1)) == (
        "[1].split: the split of GLB (temporal) is given twice; keep one of them"
    )


def stored(target, **rules):
    return {"target": target, "type": "dataspace", **rules}


def test_what_levels_keep():
    found = read(stored("GLB", keep=["A"], bypass="Z"), stored("Spad", keep="all"))
    assert found.keep == {
        (1, 0): True, (1, 2): False, (0, 0): True, (0, 1): True, (0, 2): True,
    }  # fmt: skip
    assert read(stored("GLB", keep_only=["A"])).keep == {(1, 0): True, (1, 1): False, (1, 2): False}
    assert read(stored("GLB", bypass_only="A")).keep == {(1, 0): False, (1, 1): True, (1, 2): True}


def test_kept_and_bypassed_at_once():
    message = "A is both kept and bypassed at GLB"
    assert refusal(stored("GLB", keep=["A"], bypass=["A"])) == f"[0].bypass: {message}"
    given = (stored("GLB", bypass=["A"]), stored("GLB", keep=["A"]))
    assert refusal(*given) == f"[1].keep: {message}"
    # The outermost level takes the last word.
    assert read(stored("DRAM", keep=["A"], bypass=["A"])).keep == {(2, 0): False}


def parallelism(target="Spad", **rules):
    return {"target": target, "type": "parallelism", **rules}


@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_the_share_of_units_that_work(share):
    assert read(parallelism(min=share)).least_parallelism == share


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (
            [parallelism("GLB", min=0.5)],
            "[0].target: parallelism is constrained at the innermost level, Spad",
        ),
        ([parallelism()], "[0]: 'min' has to be a share between 0 and 1 of all compute units"),
        (
            [parallelism(min=1.25)],
            "[0]: 'min' has to be a share between 0 and 1 of all compute units",
        ),
        (
            [parallelism(min=-0.25)],
            "[0]: 'min' has to be a share between 0 and 1 of all compute units",
        ),
        (
            [parallelism(min=0.5), parallelism(min=0.5)],
            "[1]: the least parallelism is given twice; keep one of them",
        ),
        (
            [{"target": "DRAM", "type": "spatial", "factors": "M=1"}],
            "[0].target: DRAM has as many instances as GLB, so there are no spatial loops to "
            "constrain",
        ),
    ],
)
def test_parallelism_that_cannot_be(targets, message):
    assert refusal(*targets) == message


def test_targets_are_written_outermost_first():
    given = Constraints(
        slots={
            (2, "temporal"): SlotConstraint({"M": 2}, {"N": 3}, {"K": 4}, ["K"], ["M"]),
            (1, "spatial"): SlotConstraint(split=2),
            (0, "temporal"): SlotConstraint(),
        },
        keep={(1, 0): True, (1, 2): False},
        least_parallelism=0.5,
    )
    factors = ["M=2", "N<=3", "K>=4"]
    loops = {"target": "DRAM", "type": "temporal"}
    spread = {"target": "GLB", "type": "spatial", "split": 2}
    least = {"target": "Spad", "type": "utilization", "min": 0.5}
    assert constraint_targets(PROBLEM, MACHINE, given) == [
        {**loops, "factors": " ".join(factors), "permutation": "KNM"},
        {"target": "GLB", "type": "bypass", "keep": ["A"], "bypass": ["Z"]},
        spread,
        least,
    ]
    assert constraint_targets(PROBLEM, MACHINE, given, "v0.4") == [
        {**loops, "factors": factors, "permutation": ["K", "N", "M"]},
        {"target": "GLB", "type": "dataspace", "keep": ["A"], "bypass": ["Z"]},
        spread,
        least,
    ]
    assert constraint_targets(PROBLEM, MACHINE, Constraints()) == []


@pytest.mark.parametrize(
    ("layout", "root", "version"),
    [((), "mapspace_constraints", 0.3), (("v0.3",), "mapspace_constraints", 0.3),
     (("v0.4",), "constraints", 0.4)],
)  # fmt: skip
def test_the_root_of_each_layout(layout, root, version):
    given = Constraints(slots={(1, "spatial"): SlotConstraint(split=2)})
    document = constraint_document(PROBLEM, MACHINE, given, *layout)
    targets = constraint_targets(PROBLEM, MACHINE, given, *layout)
    assert document == {root: {"version": version, "targets": targets}}
    assert read_constraints(read_inputs(INPUTS | document), PROBLEM, MACHINE) == given


LOOSE = [temporal(factors="M=2")]


@pytest.mark.parametrize(
    "given",
    [
        {"constraints": {"targets": LOOSE}},
        {"mapspace_constraints": LOOSE},
        {"mapspace": {"constraints": LOOSE}},
        {"mapspace": {"targets": LOOSE}},
        {"architecture_constraints": {"targets": LOOSE}},
        {"architecture": {**three_levels(4), "constraints": LOOSE}},
    ],
)
def test_lists_of_targets_stand_in_many_places(given):
    found = read_constraints(read_inputs(INPUTS | given), PROBLEM, MACHINE)
    assert found.slots == {(1, "temporal"): SlotConstraint(fixed={"M": 2})}


def test_a_list_under_two_names_is_refused():
    given = {"mapspace": {"targets": LOOSE}, "mapspace_constraints": {"targets": LOOSE}}
    with pytest.raises(InputError, match="both 'mapspace' and 'mapspace_constraints' are given"):
        read_constraints(read_inputs(INPUTS | given), PROBLEM, MACHINE)
    other = {"targets": [temporal(factors="N=3")]}
    both = {"mapspace": {"targets": LOOSE}, "constraints": other}
    found = read_constraints(read_inputs(INPUTS | both), PROBLEM, MACHINE)
    assert found.slots[1, "temporal"].fixed == {"M": 2, "N": 3}
    inside = {"architecture": {**three_levels(4), "constraints": LOOSE}}
    found = read_constraints(
        read_inputs(INPUTS | inside | {"architecture_constraints": other}), PROBLEM, MACHINE
    )
    assert found.slots[1, "temporal"].fixed == {"M": 2}


def test_lists_may_stand_under_several_roots():
    given = {
        "mapspace_constraints": [temporal(factors="M=2")],
        "constraints": {"targets": [temporal(factors="N=3")]},
    }
    found = read_constraints(read_inputs(INPUTS | given), PROBLEM, MACHINE)
    assert found.slots[1, "temporal"].fixed == {"M": 2, "N": 3}


@pytest.mark.parametrize("root", ["mapspace", "mapspace_constraints", "architecture_constraints"])
def test_one_of_several_lists_is_chosen_by_its_name(root):
    lists = {
        "constraints_rows": [temporal(factors="M=2")],
        "constraints_columns": [temporal(factors="M=4")],
    }
    given = INPUTS | {root: {"constraints": "columns"} | lists}
    found = read_constraints(read_inputs(given), PROBLEM, MACHINE)
    assert found.slots[1, "temporal"].fixed == {"M": 4}
    given = INPUTS | {root: {"constraints": "colums"} | lists}
    with pytest.raises(InputError) as refused:
        read_constraints(read_inputs(given), PROBLEM, MACHINE)
    assert str(refused.value) == (
        f"inputs: {root}.constraints: expected a list, or its name if 'constraints_colums' is one; "
        "did you mean 'columns'?"
    )


def test_roots_that_the_front_end_finds_by_a_word():
    given = INPUTS | {"extra_mapping_constraints": {"targets": [temporal(factors="M=2")]}}
    found = read_constraints(read_inputs(given), PROBLEM, MACHINE)
    assert found.slots[1, "temporal"].fixed == {"M": 2}
