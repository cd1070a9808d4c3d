from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.engines.timeloop.mapper._candidate_mapping import loop_mapping, mapping_document
from hwsim.engines.timeloop.mapper._factorization import Factorization, divisors, prime_factors
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_mapping, read_problem
from hwsim.engines.timeloop.spec.constraints import read_constraints
from hwsim.engines.timeloop.terms.constraints import Constraints, SlotConstraint
from hwsim.errors import InputError
from tests.engines.timeloop.mapper.designs import convolution, gemm, inputs


def space_of(design: dict[str, Any]) -> MapSpace:
    merged = read_inputs(design)
    problem = read_problem(merged)
    machine = read_machine(merged, [space.name for space in problem.data_spaces])
    return MapSpace(problem, machine, read_constraints(merged, problem, machine))


@given(st.integers(1, 60), st.lists(st.sets(st.integers(1, 12)), min_size=1, max_size=4))
def test_factorizations_are_all_products_once(length: int, allowed: list[set[int]]) -> None:
    expected = [ways for ways in product(*allowed) if math.prod(ways) == length]
    found = Factorization(length, allowed)
    assert found.count == len(expected)
    listed = found.at(np.arange(found.count)).T.tolist()
    assert sorted(map(tuple, listed)) == sorted(expected)
    assert [found.number(ways) for ways in listed] == list(range(found.count))


def test_long_dimensions_cost_nothing() -> None:
    found = Factorization(720_720 * 64, [set(divisors(720_720 * 64))] * 9)
    assert found.count == math.comb(18, 8) * math.comb(10, 8) * 9**4
    last = found.at(np.array([found.count - 1]))[:, 0]
    assert math.prod(last.tolist()) == 720_720 * 64
    assert found.number(last.tolist()) == found.count - 1


def test_prime_factors() -> None:
    assert prime_factors(360) == (2, 3, 5)
    assert prime_factors(97) == (97,)
    assert prime_factors(1) == ()
    assert [prime_factors(length) for length in (2, 4, 8, 9, 49)] == [(2,), (2,), (2,), (3,), (7,)]
    assert prime_factors(2 * 175) == (2, 5, 7)
    assert prime_factors(37 * 37 * 3) == (3, 37)
    assert prime_factors(2 * 3**39) == (2, 3)  # more digits than a double has


@pytest.mark.parametrize("problem", [gemm(), convolution(), gemm(1, 1, 1), gemm(8, 1, 4)])
def test_every_mapping_has_its_number(problem: dict[str, Any]) -> None:
    space = space_of(inputs(problem))
    candidates = space.sample(50, np.random.default_rng(2))
    numbers = space.numbers(candidates)
    assert all(0 <= number < space.size for number in numbers)
    again = space.at(numbers)
    for name in ("factors", "order", "split", "keep"):
        assert (getattr(again, name) == getattr(candidates, name)).all()


def test_a_small_space_is_numbered_without_gaps() -> None:
    constraints = [
        {"target": "DRAM", "type": "temporal", "permutation": "MNK", "factors": "N=1 K=1"},
        {"target": "GLB", "type": "temporal", "permutation": "MNK", "factors": "K=1"},
        {"target": "Spad", "type": "temporal", "permutation": "MNK", "factors": "M=1 N=1"},
        {"target": "GLB", "type": "spatial", "permutation": "MNK", "factors": "M<=2 N=1 K=1"},
        {"target": "GLB", "type": "datatype", "keep": ["A", "B"]},
        {"target": "Spad", "type": "datatype", "keep": ["A", "B", "Z"]},
    ]
    space = space_of(inputs(gemm(4, 2, 2), constraints))
    # M=4 over DRAM and GLB, with 1 or 2 in space; the split free; Z in the GLB or not
    assert space.size == (3 + 2) * 4 * 2
    assert space.numbers(space.at(range(space.size))) == list(range(space.size))


@pytest.mark.parametrize(
    "constraints",
    [
        [],
        [{"target": "GLB", "type": "spatial", "permutation": "CK_R", "split": 1}],
        [{"target": "GLB", "type": "spatial", "permutation": "NCK", "split": 2}],
        [{"target": "GLB", "type": "spatial", "split": 3}],
        [
            {
                "target": "GLB",
                "type": "temporal",
                "permutation": "N_C",
                "no_temporal_reuse": ["Weights"],
            }
        ],
    ],
)
def test_what_is_written_reads_as_the_same_mapping(constraints: list[dict[str, Any]]) -> None:
    design = inputs(convolution(), constraints)
    space = space_of(design)
    candidates = space.sample(20, np.random.default_rng(5))
    for which in range(20):
        document = mapping_document(space, candidates, which)
        merged = read_inputs({**design, **document})
        read = read_mapping(merged, space.problem, space.machine)
        assert read == loop_mapping(space, candidates, which)


def test_constraints_hold_for_every_sample() -> None:
    constraints = [
        {"target": "Spad", "type": "temporal", "factors": "R=0 S=3 P=1", "permutation": "RS"},
        {
            "target": "GLB",
            "type": "spatial",
            "factors": "C<=2 K>=2",
            "permutation": "C_K",
            "split": 1,
        },
        {"target": "DRAM", "type": "temporal", "permutation": "_P"},
        {"target": "Spad", "type": "datatype", "keep": ["Weights"], "bypass": ["Inputs"]},
    ]
    space = space_of(inputs(convolution(), constraints))
    candidates = space.sample(300, np.random.default_rng(1))
    for which in range(300):
        mapping = loop_mapping(space, candidates, which)
        names = space.problem.dimensions
        spad, glb, dram = mapping.levels
        factors = {names[loop.dimension]: loop.end for loop in spad.temporal}
        assert (factors["R"], factors["S"], factors["P"]) == (3, 3, 1)
        assert [names[loop.dimension] for loop in spad.temporal[:2]] == ["R", "S"]
        spread = {names[loop.dimension]: loop for loop in glb.spatial}
        assert spread["C"].end <= 2
        assert spread["K"].end >= 2
        assert (spread["C"].kind, spread["K"].kind) == ("x", "y")
        assert names[dram.temporal[-1].dimension] == "P"
        assert spad.keep[:2] == (True, False)


def test_names_of_levels_and_zeros_follow_timeloop() -> None:
    constraints = [
        {
            "target": "Spad",
            "constraints": [{"type": "temporal", "attributes": {"factors": "K0 C=2"}}],
        },
        {"target": "Spad", "type": "utilization", "min": 0.5},
        {"target": "DRAM", "type": "temporal", "factors": "R=99"},
    ]
    design = inputs(convolution(), None)
    design["mapspace"] = {"constraints": constraints}
    space = space_of(design)
    spad = next(nest for nest in space.nests if (nest.level, nest.kind) == (0, "temporal"))
    limits = dict(zip(space.names, space.limits[space.nests.index(spad)], strict=True))
    assert limits["K"] == {8}
    assert limits["C"] == {2}
    assert space.constraints.least_parallelism == 0.5
    assert space.constraints.notes == [
        "inputs: mapspace.constraints[2].factors: R=99 is ignored, the problem's R is 3"
    ]


def _v4_inputs() -> dict[str, Any]:
    def spatial(**content: Any) -> dict[str, Any]:
        return {"spatial": content}

    def storage(name: str, constraints: dict[str, Any], **attributes: Any) -> dict[str, Any]:
        return {
            "!tag": "Component",
            "name": name,
            "class": attributes.pop("kind", "SRAM"),
            "attributes": {"word_bits": 16, "width": 16, **attributes},
            "constraints": constraints,
        }

    nodes = [
        storage("DRAM", {}, kind="DRAM"),
        storage("GLB", {"dataspace": {"bypass": ["Weights"]}}, depth=4096),
        {
            "!tag": "Container",
            "name": "column",
            "spatial": {"meshX": 4},
            "constraints": spatial(
                factors=["N=1", "C=1", "P=1", "R=1", "S=1"], permutation="NCPRSQK"
            ),
        },
        {
            "!tag": "Container",
            "name": "PE",
            "spatial": {"meshY": 3},
            "constraints": spatial(factors=["N=1", "P=1", "Q=1", "R=1"], permutation="NPQRSCK"),
        },
        storage(
            "Spad",
            {
                "dataspace": {"keep_only": ["Weights"]},
                "temporal": {"factors_only": ["R=3"], "permutation": ["R", "S"]},
            },
            depth=64,
        ),
        {"!tag": "Component", "name": "MAC", "class": "intmac", "attributes": {"datawidth": 16}},
    ]
    return {"architecture": {"version": 0.4, "nodes": nodes}, "problem": convolution()}


def test_constraints_of_nodes() -> None:
    space = space_of(_v4_inputs())
    assert space.constraints.keep == {
        (1, 0): False,
        (0, 0): True,
        (0, 1): False,
        (0, 2): False,
    }
    slot = space.constraints.slots[1, "spatial"]
    assert slot.fixed == {"N": 1, "P": 1, "R": 1}
    assert slot.only_x == ["Q"]
    assert slot.only_y == ["S", "C"]
    candidates = space.sample(100, np.random.default_rng(1))
    for which in range(100):
        mapping = loop_mapping(space, candidates, which)
        kinds = {
            space.problem.dimensions[loop.dimension]: loop.kind
            for loop in mapping.levels[1].spatial
            if loop.end > 1
        }
        assert kinds.get("Q", "x") == "x"
        assert kinds.get("S", "y") == "y"
        assert kinds.get("C", "y") == "y"
        ends = {
            space.problem.dimensions[loop.dimension]: loop.end
            for loop in mapping.levels[0].temporal
        }
        assert ends == {"R": 3, "S": 1, "P": 1, "Q": 1, "C": 1, "K": 1, "N": 1}


def _refusal(constraints: list[dict[str, Any]], **design: Any) -> str:
    with pytest.raises(InputError) as error:
        space_of(inputs(gemm(), constraints, **design))
    return str(error.value)


@pytest.mark.parametrize(
    ("constraint", "message"),
    [
        (
            {"target": "GLBuf", "type": "temporal"},
            "target: unknown storage level 'GLBuf'; did you mean 'GLB'?",
        ),
        (
            {"target": "GLB", "type": "temporal", "factors": "Q=2"},
            "factors: unknown dimension 'Q'; known: K, M, N",
        ),
        (
            {"target": "GLB", "type": "temporal", "permutation": "MQ"},
            "permutation: unknown dimension 'Q'; known: K, M, N",
        ),
        (
            {"target": "GLB", "type": "temporal", "permutation": "MM"},
            "permutation: dimension 'M' stands twice",
        ),
        (
            {"target": "GLB", "type": "temporl"},
            "type: unknown type 'temporl'; did you mean 'temporal'?",
        ),
        (
            {"target": "GLB", "type": "datatype", "keep": ["W"]},
            "keep: unknown data space 'W'; known: A, B, Z",
        ),
        (
            {"target": "Spad", "type": "spatial", "factors": "M=2"},
            "target: Spad has as many instances as MAC, so there are no spatial loops to constrain",
        ),
        (
            {"target": "GLB", "type": "parallelism", "min": 0.5},
            "target: parallelism is constrained at the innermost level, Spad",
        ),
        (
            {"target": "GLB", "type": "temporal", "factors": "M=2 and more"},
            "factors: expected factors like 'R=3 C<=8 M=0'. Got 'and more'",
        ),
    ],
)
def test_wrong_names_are_named(constraint: dict[str, Any], message: str) -> None:
    text = _refusal([constraint])
    assert text == f"inputs: mapspace_constraints.targets[0].{message}"


def test_contradictions_are_explained() -> None:
    assert _refusal([{"target": "GLB", "type": "temporal", "factors": "M=3"}]) == (
        "constraints: GLB (temporal) takes M=3, which does not divide the problem's M of 16; the "
        "search uses factors that divide"
    )
    both = [
        {"target": "GLB", "type": "temporal", "factors": "M=2"},
        {"target": "GLB", "type": "temporal", "factors": "M=4"},
    ]
    assert _refusal(both) == (
        "inputs: mapspace_constraints.targets[1].factors: the factor of M at GLB (temporal) is 2 "
        "by another constraint and 4 here; keep one of them"
    )
    few = [
        {"target": name, "type": kind, "factors": "N<=2"}
        for name, kind in (
            ("DRAM", "temporal"),
            ("GLB", "temporal"),
            ("GLB", "spatial"),
            ("Spad", "temporal"),
        )
    ]
    assert _refusal(few) == (
        "constraints: no factors of N multiply up to 12; allowed are Spad (temporal) 1, 2; GLB "
        "(spatial) 1, 2; GLB (temporal) 1, 2; DRAM (temporal) 1, 2"
    )
    wide = [{"target": "GLB", "type": "spatial", "factors": "M=4 N=4"}]
    assert _refusal(wide) == (
        "constraints: GLB (spatial) takes at least 16 instances, but there are 4 x 2 (meshX x "
        "meshY) below one GLB"
    )
    keep = [
        {"target": "GLB", "type": "datatype", "keep": ["A"]},
        {"target": "GLB", "type": "bypass", "bypass": ["A"]},
    ]
    assert _refusal(keep) == (
        "inputs: mapspace_constraints.targets[1].bypass: A is both kept and bypassed at GLB"
    )
    least = [{"target": "GLB", "type": "temporal", "factors": "N>=13"}]
    assert _refusal(least) == (
        "constraints: no factor of N (12) is left for GLB (temporal): allowed are 1, 2, 3, 4, 6, "
        "12, but at least 13 and at most 12"
    )


def test_what_is_not_modelled_is_noted() -> None:
    constraints = [
        {"target": "GLB", "type": "max_overbooked_proportion", "proportion": 0.1},
        {"target": "GLB", "type": "temporal", "remainders": 2},
    ]
    where = "inputs: mapspace_constraints.targets"
    assert space_of(inputs(gemm(), constraints)).constraints.notes == [
        f"{where}[0].type: overbooking is not modelled; all tiles fit always",
        f"{where}[1].remainders: ignored; the search uses factors that divide",
    ]


def test_divisors_of_what_no_machine_runs_are_found_soon():
    assert divisors(2**53) == [2**power for power in range(54)]
    assert divisors(3**38) == [3**power for power in range(39)]  # more digits than a double has
    assert Factorization(3**38, [{3**38}, {1}]).number([3**38, 1]) == 0
    assert divisors(1) == [1]
    assert divisors(360) == [number for number in range(1, 361) if 360 % number == 0]


def splits(space: MapSpace) -> tuple[int, int]:
    (nest,) = [nest for nest in space.nests if nest.kind == "spatial"]
    return nest.least_split, nest.most_split


@pytest.mark.parametrize(
    ("pes", "columns", "expected"),
    [(8, 4, (0, 3)), (4, 2, (0, 3)), (4, 4, (3, 3)), (4, 1, (0, 0)), (8, 2, (0, 3))],
)
def test_loops_are_split_where_there_are_both_axes(pes, columns, expected) -> None:
    assert splits(space_of(inputs(pes=pes, columns=columns))) == expected


@pytest.mark.parametrize(
    ("length", "permutation", "split", "expected"),
    [
        (12, "MN", 1, 1),
        (12, "MN", 5, 3),
        (12, "MN", 0, 0),
        (12, "", 2, 2),
        (1, "NM", 1, 0),  # N does not iterate, but has its place along X
        (1, "NM", 2, 1),
        (1, "", 3, 2),
    ],
)
def test_a_split_counts_dimensions_that_do_not_iterate(
    length, permutation, split, expected
) -> None:
    constraint = {"target": "GLB", "type": "spatial", "permutation": permutation, "split": split}
    space = space_of(inputs(gemm(16, length, 8), [constraint]))
    assert splits(space) == (expected, expected)


@pytest.mark.parametrize(
    ("slot", "expected"),
    [
        (SlotConstraint(only_x=["M"]), (1, 3)),
        (SlotConstraint(only_y=["M"]), (0, 2)),
        (SlotConstraint(only_x=["N"], only_y=["M", "K"]), (1, 1)),
    ],
)
def test_dimensions_of_one_axis_limit_the_split(slot, expected) -> None:
    free = space_of(inputs())
    space = MapSpace(free.problem, free.machine, Constraints(slots={(1, "spatial"): slot}))
    assert splits(space) == expected


@pytest.mark.parametrize(
    ("along", "expected"),
    [({"only_x": ["M"]}, 4), ({"only_y": ["M"]}, 2), ({"only_x": ["N"]}, 4), ({}, 4)],
)
def test_what_is_left_of_a_dimension_is_held_to_the_axis_it_lies_along(along, expected) -> None:
    """8 PEs in 4 columns, so 2 rows; 32 of M are left, and no more than the axis has room for."""
    free = space_of(inputs(gemm(32, 4, 4)))
    slot = SlotConstraint(fixed={"M": 0}, **along)
    space = MapSpace(free.problem, free.machine, Constraints(slots={(1, "spatial"): slot}))
    nest = next(nest for nest in space.nests if nest.kind == "spatial")
    assert space.range_of(nest, "M") == (expected, expected)


def test_what_is_left_of_a_dimension_is_blamed_on_the_factor_that_does_not_divide() -> None:
    both = [
        {"target": "Spad", "type": "temporal", "factors": "M=0"},
        {"target": "GLB", "type": "temporal", "factors": "M=3"},
    ]
    assert _refusal(both).startswith("constraints: GLB (temporal) takes M=3, which does not divide")


def test_all_instances_may_be_taken() -> None:
    full = [{"target": "GLB", "type": "spatial", "factors": "M=4 N=2"}]
    space = space_of(inputs(gemm(), full))
    number = [nest.kind for nest in space.nests].index("spatial")
    limits = dict(zip(space.names, space.limits[number], strict=True))
    assert (limits["M"], limits["N"], limits["K"]) == ({4}, {2}, {1, 2, 4})


@pytest.mark.parametrize(
    ("length", "listed"),
    [(24, "1, 2, 3, 4, 6, 8, 12, 24"), (36, "1, 2, 3, 4, 6, 9, 12, 18, ...")],
)
def test_eight_factors_are_listed_at_most(length, listed) -> None:
    least = [{"target": "GLB", "type": "temporal", "factors": f"N>={length + 1}"}]
    with pytest.raises(InputError) as error:
        space_of(inputs(gemm(16, length, 8), least))
    assert f": allowed are {listed}, but at least" in str(error.value)


def test_a_factor_of_0_takes_what_has_room() -> None:
    def grid(length: int, **more: Any) -> set[int]:
        targets = [{"target": "GLB", "type": "spatial", "factors": "M=0", **more}]
        space = space_of(inputs(gemm(length, 1, 2), targets))
        number = [nest.kind for nest in space.nests].index("spatial")
        return space.limits[number][0]

    # four columns, two rows
    assert [grid(length) for length in (3, 4, 12, 7, 16)] == [{3}, {4}, {4}, {1}, {4}]
    targets = [{"target": "GLB", "type": "temporal", "factors": "M=0"}]
    space = space_of(inputs(gemm(16, 1, 2), targets))
    assert {16} in [limits[0] for limits in space.limits]


@pytest.mark.parametrize("split", [0, 1, 2, 3])
def test_so_many_loops_lie_along_x(split) -> None:
    space = space_of(inputs())
    candidates = space.sample(1, np.random.default_rng(0))
    candidates.split[:] = split
    kinds = [loop.kind for loop in loop_mapping(space, candidates, 0).levels[1].spatial]
    assert kinds == ["x"] * split + ["y"] * (3 - split)
