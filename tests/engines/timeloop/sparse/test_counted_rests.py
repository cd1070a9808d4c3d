"""Zeros where factors leave rests that are counted: real ones exactly, nothing is padded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_sparse
from hwsim.engines.timeloop.terms.mapping import LevelMapping, Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import make_problem
from hwsim.errors import InputError
from tests.engines.timeloop.mapper.designs import inputs

M, K = 0, 1
NO = (False,) * 3


def level(*loops: Loop) -> LevelMapping:
    there = [loop for loop in loops if not loop.spatial]
    trivial = [Loop(d, 1, 1, "time") for d in (M, K) if d not in {x.dimension for x in there}]
    space = tuple(loop for loop in loops if loop.spatial)
    return LevelMapping(space, (*there, *trivial), (True,) * 3, NO, NO, NO, NO, NO)


def evaluated(mask: np.ndarray, sparse: dict[str, Any], rests: bool = True) -> Evaluation:
    """Rows of A side by side on four columns, which K of A and B runs through in time."""
    rows, columns = mask.shape
    merged = read_inputs(
        {**inputs(pes=4, columns=4, spad=64), "sparse_optimizations": {"targets": [sparse]}}
    )
    problem = make_problem(
        {"M": rows, "K": columns},
        {"A": [{"M": 1}, {"K": 1}], "B": [{"K": 1}], "Z": [{"M": 1}]},
        ["Z"],
        {"A": ActualData(mask)},
    )
    machine = read_machine(merged, ["A", "B", "Z"])
    rounds = -(-rows // 4)
    copies = Loop(M, 4, (rows - 1) % 4 + 1, "x")
    mapping = LoopMapping(
        (
            level(Loop(K, columns, columns, "time")),
            level(copies),
            level(Loop(M, rounds, rounds, "time")),
        ),
        "counted" if rests else "walked",
    )
    return evaluate(problem, machine, mapping, read_sparse(merged, problem, machine))


SKIPPING: dict[str, Any] = {
    "name": "Spad",
    "action_optimization": [
        {
            "type": "skipping",
            "options": [{"target": "B", "condition_on": ["A"]}],
        }
    ],
}


def test_operations_and_cycles_are_those_of_the_zeros_that_there_are() -> None:
    mask = np.array([[1, 1, 0, 0]] * 4 + [[1, 0, 0, 0]] * 2, dtype=bool)
    found = evaluated(mask, SKIPPING)
    assert found.compute.busy == 10
    assert found.compute.units == 3
    assert found.compute.instances == 3.0
    # 8 steps for 24 operations on up to four units: 10 of them take 10/24 of the steps
    assert found.cycles == -(-10 * 8 // 24)
    assert [tile.instances for tile in (row.tile for row in found.levels[0].spaces)] == [3] * 3


def test_the_average_of_units_may_be_no_whole_number() -> None:
    mask = np.ones((5, 2), dtype=bool)
    found = evaluated(mask, SKIPPING)
    assert found.compute.units == 2.5
    assert found.compute.busy == found.algorithmic_computes == 10
    assert found.cycles == 4
    walked = evaluated(mask, SKIPPING, rests=False)
    assert (walked.compute.units, walked.algorithmic_computes) == (2, 8)
    weights = found.levels[2].spaces[0].tile.counts["random_read"]
    assert weights == 10
    assert found.levels[1].spaces[0].tile.dense.size == 8  # four rows of two
    assert found.levels[2].spaces[0].tile.dense.size == 10


def test_skipping_in_space_is_refused() -> None:
    mask = np.ones((5, 2), dtype=bool)
    mask[0, 0] = False
    spatial = {
        "name": "GLB",
        "action_optimization": [
            {"type": "skipping-spatial", "options": [{"target": "Z", "condition_on": ["A"]}]}
        ],
    }
    with pytest.raises(InputError) as caught:
        evaluated(mask, spatial)
    assert str(caught.value) == (
        "sparse_optimizations: skipping in space is not modelled with factors that leave rests; "
        "choose factors that divide"
    )
