"""The closed form of rests in space equals what is counted step by step."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.timeloop.mapper._candidate_mapping import loop_mapping
from hwsim.engines.timeloop.mapper._rest_moves import RestMoves
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.nest.nest import NestRows, analyse
from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_problem
from hwsim.engines.timeloop.spec.constraints import read_constraints
from hwsim.engines.timeloop.terms.mapping import Kind, LevelMapping, Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import make_problem
from hwsim.errors import InputError
from tests.engines.timeloop.mapper.designs import convolution, gemm, inputs
from tests.engines.timeloop.nest.literal_rests import LiteralNest
from tests.engines.timeloop.nest.test_nest import machine

Mapped = tuple[MapSpace, LoopMapping]


def with_rests(problem: dict[str, Any], names: list[str], seed: int, count: int) -> list[Mapped]:
    """Draw mappings of which some leave rests; no neighbour passes words on."""
    denied = [
        {"target": target, "type": "spatial", "no_link_transfer": names}
        for target in ("GLB", "Spad")
    ]
    merged = read_inputs(inputs(problem, denied, pes=12, columns=4, macs=3))
    read = read_problem(merged)
    machine = read_machine(merged, [space.name for space in read.data_spaces])
    space = MapSpace(read, machine, read_constraints(merged, read, machine))
    random = np.random.default_rng(seed)
    candidates = space.sample(count, random)
    moves = RestMoves(space, random)
    for _ in range(6):
        moves.spread(candidates, np.arange(count))
        moves.mutate(candidates)
    left = np.flatnonzero(~space.divide(candidates))
    return [(space, loop_mapping(space, candidates, which)) for which in left.tolist()]


def all_ways(nest: NestRows, level: int, space: int) -> Counter[tuple[int, int]]:
    traffic = nest.traffic[space][level]
    found: Counter[tuple[int, int]] = Counter()
    for multicast, sets, accesses in zip(
        traffic.multicast[:, 0], traffic.sets[:, 0], traffic.accesses[:, 0], strict=True
    ):
        if accesses:
            found[int(multicast), int(sets)] += accesses * nest.instances[level][0]
    return found


def check(space: MapSpace, mapping: LoopMapping) -> None:
    assert mapping.counts_rests
    problem = space.problem
    nest = analyse(problem, mapping, space.machine)
    literal = LiteralNest(problem, mapping)
    assert nest.operations[0] * nest.compute_instances[0] == pytest.approx(
        np.prod(problem.bounds), rel=1e-12
    )
    for level in range(len(mapping.levels)):
        assert nest.instances[level][0] == pytest.approx(literal.instances(level), rel=1e-12)
        for number in range(len(problem.data_spaces)):
            expected = literal.traffic(level, number)
            assert all_ways(nest, level, number) == pytest.approx(expected, rel=1e-9)


@settings(max_examples=10, deadline=None)
@given(
    m=st.sampled_from([1, 5, 7, 11, 13, 14]),
    n=st.sampled_from([1, 3, 5, 13]),
    k=st.sampled_from([1, 4, 7, 9]),
    seed=st.integers(0, 2**32),
)
def test_matrix_products(m: int, n: int, k: int, seed: int) -> None:
    for space, mapping in with_rests(gemm(m, n, k), ["A", "B", "Z"], seed, 8):
        check(space, mapping)


@settings(max_examples=10, deadline=None)
@given(
    bounds=st.fixed_dictionaries(
        {
            "R": st.sampled_from([1, 2, 3]),
            "S": st.sampled_from([1, 2]),
            "P": st.sampled_from([5, 7, 13]),
            "Q": st.sampled_from([1, 3, 5]),
            "C": st.sampled_from([1, 3]),
            "K": st.sampled_from([1, 5]),
        }
    ),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 2),
    seed=st.integers(0, 2**32),
)
def test_convolutions(bounds: dict[str, int], stride: int, dilation: int, seed: int) -> None:
    problem = convolution(stride, dilation, **bounds)
    for space, mapping in with_rests(problem, ["Weights", "Inputs", "Outputs"], seed, 6):
        check(space, mapping)


def test_dimensions_of_one_rank_leave_no_rests_both() -> None:
    """Of P and R the last rounds share inputs, which the closed form would count twice."""
    for seed in range(40):
        problem = convolution(1, 1, R=3, P=5)
        for space, mapping in with_rests(problem, ["Weights", "Inputs", "Outputs"], seed, 6):
            names = {
                space.problem.dimensions[loop.dimension]
                for level in mapping.levels
                for loop in level.spatial
                if loop.residual != loop.end
            }
            assert not {"P", "R"} <= names


NO = (False,) * 3


def slid(m: int, p: int, *levels: LevelMapping) -> NestRows:
    """Windows of two points slide over inputs: I[p + r], for as many filters M and outputs P."""
    spaces = {"W": [{"R": 1}, {"M": 1}], "I": [{"P": 1, "R": 1}], "O": [{"P": 1}, {"M": 1}]}
    problem = make_problem({"M": m, "P": p, "R": 2}, spaces, ["O"])
    return analyse(problem, LoopMapping(levels, "counted"), machine(4, 1))


def level(*loops: tuple[int, int, int, Kind]) -> LevelMapping:
    made = [Loop(*loop) for loop in loops]
    in_space = tuple(loop for loop in made if loop.spatial)
    in_time = tuple(loop for loop in made if not loop.spatial)
    return LevelMapping(in_space, in_time, (True,) * 3, NO, NO, NO, NO, NO)


@pytest.mark.parametrize(
    ("outputs", "rest", "links"),
    [
        (6, 3, 2 * 2),  # in each of two rounds two of three units get a neighbour's point
        (5, 2, 0),  # whose neighbours are others in the last round
    ],
)
def test_neighbours_pass_on_what_no_rest_changes(outputs: int, rest: int, links: int) -> None:
    P, R = 1, 2
    grid = level((P, 3, rest, "x"), (R, 2, 2, "time"))
    found = slid(1, outputs, level(), grid, level((P, 2, 2, "time")))
    assert found.traffic[1][1].links.tolist() == [links]


def test_rests_that_slide_along_one_rank_are_refused() -> None:
    P, R = 1, 2
    both = level((P, 2, 1, "x"), (R, 2, 1, "y"))
    outside = level((P, 2, 2, "time"), (R, 2, 2, "time"))
    spaces = {"W": [{"R": 1}, {"M": 1}], "I": [{"P": 1, "R": 1}], "O": [{"P": 1}, {"M": 1}]}
    problem = make_problem({"M": 1, "P": 3, "R": 3}, spaces, ["O"])
    mapping = LoopMapping((level(), both, outside), "counted")
    with pytest.raises(InputError, match=r"P and R both leave rests in space .* rank of I, "):
        analyse(problem, mapping, machine(4, 2))


def test_a_rest_inside_of_the_units_changes_no_neighbour() -> None:
    M, P, R = 0, 1, 2
    inside = level((M, 3, 2, "x"), (M, 2, 2, "time"))
    found = slid(5, 3, level(), inside, level((P, 3, 3, "x"), (R, 2, 2, "time")))
    assert found.traffic[1][2].links.tolist() == [2]
