"""Prime extents keep a machine busy, and what divides well is found as before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.mapper import FoundMapping, search_mapping
from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_problem, read_sparse
from hwsim.engines.timeloop.spec.constraints import read_constraints
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from tests.engines.timeloop.mapper.designs import gemm, inputs


def found(
    m: int, n: int, k: int, rests: bool = True, budget: int = 1500, **design: int
) -> FoundMapping:
    constraints = [
        {"target": "GLB", "type": "spatial", "factors": "K=1"},
    ]
    merged = read_inputs(inputs(gemm(m, n, k), constraints, **design))
    problem = read_problem(merged)
    machine = read_machine(merged, [space.name for space in problem.data_spaces])
    return search_mapping(
        problem,
        machine,
        read_sparse(merged, problem, machine),
        read_constraints(merged, problem, machine),
        "delay",
        budget,
        0,
        rests=rests,
    )


@pytest.mark.parametrize(
    ("m", "n", "cycles", "divided"),
    [
        (13, 13, 2 * 2 * 9, 13 * 13 * 9),  # 7 x 7 of 8 x 8 PEs in four rounds
        (197, 1, 25 * 9, 197 * 9),  # 8 columns
        (55, 55, 7 * 7 * 9, 11 * 11 * 9),  # 8 x 8, where five divides
        (16, 24, 2 * 3 * 9, 2 * 3 * 9),  # all PEs, all the time
    ],
)
def test_prime_extents_are_spread(m: int, n: int, cycles: int, divided: int) -> None:
    size = {"pes": 64, "columns": 8, "spad": 4096, "glb": 65536}
    assert found(m, n, 9, rests=False, **size).result.evaluation.cycles == divided
    better = found(m, n, 9, **size)
    assert better.result.evaluation.cycles == cycles
    assert better.result.evaluation.compute.busy == m * n * 9
    assert (better.number is None) == (cycles < divided)
    assert better.mapping.counts_rests == (cycles < divided)
    assert better.to_dict()["search"]["mapping_number"] == (
        None if cycles < divided else str(better.number)
    )


def test_the_document_says_what_is_left_for_the_last_round() -> None:
    better = found(13, 1, 9, pes=8, columns=8, spad=4096)
    spatial = [
        entry["factors"].split()
        for entry in better.document["mapping"]
        if entry["type"] == "spatial" and entry["target"] == "GLB"
    ]
    assert spatial == [["M=7,6", "N=1", "K=1"]]
    walked = replace(better.mapping, rests="walked")
    problem, machine = better.result.evaluation.problem, better.result.evaluation.machine
    # As Timeloop counts: 6.5 PEs at work are 6, and their operations are all that there are.
    as_timeloop = evaluate(problem, machine, walked, SparseOptimizations())
    assert as_timeloop.compute.busy == 6 * 2 * 9
    assert as_timeloop.cycles == better.result.evaluation.cycles == 2 * 9


def test_a_machine_that_is_busy_is_searched_once() -> None:
    size = {"pes": 8, "columns": 8, "spad": 4096}
    once, twice = found(16, 3, 5, rests=False, **size), found(16, 3, 5, **size)
    assert once.document == twice.document
    assert twice.outcome.scored == once.outcome.scored
    idle = found(13, 3, 5, **size)
    assert idle.outcome.scored == 750  # half of the budget


def test_what_is_no_better_is_not_taken() -> None:
    size = {"pes": 8, "columns": 8, "spad": 4096}
    once = found(3, 1, 4, rests=False, **size)
    assert found(3, 1, 4, **size).document == once.document
