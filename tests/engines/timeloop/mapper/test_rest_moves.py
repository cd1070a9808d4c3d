"""Changes that leave rests: only such as the nest analysis can count, within the constraints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hwsim.engines.timeloop.mapper._candidate_loops import candidate_loops
from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._rest_moves import RestMoves
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_problem
from hwsim.engines.timeloop.spec.constraints import read_constraints
from tests.engines.timeloop.mapper.designs import gemm, inputs


def space_of(constraints: list[dict[str, Any]] | None = None, **problem: int) -> MapSpace:
    """Eight PEs in two rows of four, three MACs each."""
    merged = read_inputs(inputs(gemm(**problem), constraints, macs=3))
    read = read_problem(merged)
    machine = read_machine(merged, [space.name for space in read.data_spaces])
    return MapSpace(read, machine, read_constraints(merged, read, machine))


def moved(space: MapSpace, count: int, rounds: int, seed: int = 3) -> Candidates:
    random = np.random.default_rng(seed)
    candidates = space.sample(count, random)
    moves = RestMoves(space, random)
    for _ in range(rounds):
        moves.mutate(candidates)
    return candidates


def test_all_candidates_can_be_counted() -> None:
    space = space_of(m=13, n=11, k=9)
    candidates = moved(space, 400, 30)
    loops = candidate_loops(space, candidates, space.lengths)  # refuses what it cannot count
    assert len(loops.rests) == 2
    both = (loops.rests[1].dimension >= 0).mean()
    one = (loops.rests[0].dimension >= 0).mean() - both
    assert both > 0.03
    assert one > 0.2
    whole = space.divide(candidates)
    assert 0.01 < whole.mean() < 0.5
    assert (whole == (loops.rests[0].dimension < 0)).all()
    for rest in loops.rests:
        there = rest.dimension >= 0
        assert (rest.last[there] < rest.end[there]).all()
        assert (rest.last[there] >= 1).all()
        rounds = (rest.bound[there] - 1) // rest.end[there] + 1
        assert (rest.mean[there] <= rest.end[there]).all()
        assert (rounds >= 2).all()


def test_as_few_copies_as_do_the_work_in_as_many_rounds() -> None:
    space = space_of(m=13, n=1, k=1)
    found = {
        tuple(candidate.tolist())
        for candidate in moved(space, 300, 12).factors[:, 0].T
        if np.prod(candidate) != 13
    }
    copies = {(max(each[0], 1), max(each[2], 1)) for each in found}
    # 13 over two MACs is seven rounds, over three five; over 2, 3 and 4 PEs seven, five and four
    assert {pair for pair in copies if pair[0] == 1} == {(1, 2), (1, 3), (1, 4)}
    assert {pair for pair in copies if pair[1] == 1} == {(2, 1), (3, 1)}
    for each in found:
        in_space = each[0] * each[2]
        assert in_space * each[1] * each[3] * each[4] - 13 < in_space


def test_the_widest_is_tried_often() -> None:
    space = space_of(m=11, n=1, k=1)
    candidates = moved(space, 400, 1)
    start = candidates.take(np.arange(400))
    start.factors[:] = 1
    start.factors[-1] = 11
    RestMoves(space, np.random.default_rng(0)).spread(start, np.arange(400))
    widest = (start.factors[2, 0] == 4) | (start.factors[0, 0] == 3)
    assert 0.6 < widest.mean() < 0.85
    assert (start.factors.prod(axis=0)[0] >= 11).all()


def test_constraints_hold() -> None:
    constraints = [
        {"target": "GLB", "type": "spatial", "factors": "N=1 K=1"},
        {"target": "Spad", "type": "temporal", "factors": "M=1 N<=3"},
        {"target": "Spad", "type": "spatial", "factors": "N<=2"},
    ]
    space = space_of(constraints, m=13, n=11, k=9)
    candidates = moved(space, 300, 20)
    assert not space.divide(candidates).all()
    m, n, k = range(3)
    mac, spad, grid = range(3)  # MACs of a PE, time in it, PEs
    assert (candidates.factors[grid, n] == 1).all()
    assert (candidates.factors[grid, k] == 1).all()
    assert (candidates.factors[spad, m] == 1).all()
    assert candidates.factors[spad, n].max() in (2, 3)
    assert candidates.factors[mac, n].max() == 2
    assert candidates.factors[grid, m].max() == 4
    assert space.range_of(space.nests[grid], "N") == (1, 1)
    assert space.range_of(space.nests[grid], "M") == (1, 4)
    assert space.range_of(space.nests[spad], "N") == (1, 3)


def test_factors_that_are_all_fixed_leave_nothing_to_spread() -> None:
    constraints = [
        {"target": target, "type": "spatial", "factors": "M=1 N=1 K=1"}
        for target in ("GLB", "Spad")
    ]
    space = space_of(constraints, m=13, n=11, k=9)
    moves = RestMoves(space, np.random.default_rng(0))
    assert moves.spreads == []
    candidates = space.sample(5, np.random.default_rng(0))
    before = candidates.factors.copy()
    moves.spread(candidates, np.arange(5))
    assert (candidates.factors == before).all()


@pytest.mark.parametrize("bound", [2, 3])
def test_two_points_divide_whatever_the_copies(bound: int) -> None:
    space = space_of(m=bound, n=1, k=1)
    spreads = RestMoves(space, np.random.default_rng(0)).spreads
    assert spreads == ([] if bound == 2 else [(0, 0), (2, 0)])
