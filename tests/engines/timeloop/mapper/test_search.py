from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hwsim.engines.timeloop.inputs import evaluate_timeloop
from hwsim.engines.timeloop.mapper import Progress, find_mapping
from hwsim.engines.timeloop.mapper.loop_text import loop_text
from hwsim.engines.timeloop.mapper.objective import Budget, read_budget
from hwsim.errors import InputError
from tests.engines.timeloop.mapper.designs import convolution, gemm, inputs
from tests.engines.timeloop.mapper.test_scorer import scorer_of


def test_a_seed_gives_one_result() -> None:
    design = inputs(convolution(), spad=200, glb=4000)
    one, again = (find_mapping(design, "edp", 3000, seed=4) for _ in range(2))
    assert one.document == again.document
    assert one.to_dict()["search"] == again.to_dict()["search"]
    assert one.outcome.scored == 3000


def test_the_result_is_its_own_evaluation() -> None:
    design = inputs(convolution(stride=2), spad=200, glb=4000)
    found = find_mapping(design, "energy", 2000)
    checked = evaluate_timeloop({**design, **found.document})
    assert checked.to_dict() == found.result.to_dict()
    assert found.value == checked.evaluation.energy
    assert found.outcome.best.best == pytest.approx(found.value, rel=1e-13)


@pytest.mark.parametrize("objective", ["energy", "delay", "edp"])
def test_a_search_beats_random_mappings(objective: str) -> None:
    design = inputs(gemm(64, 48, 32), spad=100, glb=4000)
    found = find_mapping(design, objective, 3000, seed=1)
    scorer = scorer_of(design)
    random = scorer.score(scorer.space.sample(20_000, np.random.default_rng(9)))
    assert found.value <= random.objective(objective).min()


def test_a_small_space_is_searched_in_full() -> None:
    fixed = [
        {"target": name, "type": kind, "permutation": "MNK", "factors": factors}
        for name, kind, factors in (
            ("DRAM", "temporal", "K=1"),
            ("GLB", "temporal", "N=1 K=1"),
            ("GLB", "spatial", "N=1 K=1"),
            ("Spad", "temporal", "M=1"),
        )
    ]
    fixed += [
        {"target": name, "type": "datatype", "keep": ["A", "B", "Z"]} for name in ("GLB", "Spad")
    ]
    design = inputs(gemm(8, 4, 4), fixed)
    found = find_mapping(design, "edp", 10_000)
    scorer = scorer_of(design)
    everything = scorer.score(scorer.space.at(range(scorer.space.size)))
    assert found.outcome.stopped == "exhausted"
    assert found.outcome.scored == scorer.space.size
    assert found.value == everything.objective("edp").min()
    with pytest.raises(InputError, match="no valid mapping among all 24 scored: 100 % exceed"):
        find_mapping(inputs(gemm(2, 2, 2), fixed, spad=2), budget=10_000)


def test_a_budget_of_time_ends_the_search() -> None:
    found = find_mapping(inputs(convolution(), spad=200), "delay", "0.2s")
    assert found.outcome.stopped == "budget"
    assert 0.2 <= found.outcome.seconds < 5


def test_an_interruption_leaves_the_best_so_far() -> None:
    seen: list[Progress] = []

    def interrupt(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == 3:
            raise KeyboardInterrupt

    found = find_mapping(inputs(spad=100), "edp", 1_000_000, report=interrupt)
    assert found.outcome.stopped == "interrupted"
    assert found.outcome.scored == seen[-1].scored
    assert found.value == pytest.approx(seen[-1].best, rel=1e-13)
    assert seen[-1].best <= seen[0].best


def test_every_rejection_is_explained() -> None:
    keep = [{"target": "Spad", "type": "datatype", "keep": ["A", "B", "Z"]}]
    with pytest.raises(InputError) as error:
        find_mapping(inputs(gemm(), keep, spad=2), budget=500)
    assert str(error.value) == (
        "mapper: no valid mapping among the 500 scored: 100 % exceed the capacity of Spad (2 "
        "words); relax the constraints, enlarge what is too small, or raise the budget"
    )
    with pytest.raises(InputError) as error:
        find_mapping(
            inputs(gemm(5, 7, 3), [{"target": "Spad", "type": "utilization", "min": 1.0}]),
            budget=500,
        )
    assert "fall short of the least parallelism of 1" in str(error.value)


def test_the_metric_of_the_inputs_is_used() -> None:
    design = inputs(gemm(8, 8, 8))
    design["mapper"] = {"optimization-metrics": ["delay", "energy", "accesses-2"]}
    found = find_mapping(design, budget=600)
    assert found.objective == "delay"
    assert found.notes == ["mapper: the metric 'accesses-2' is not used, 'delay' is"]
    design["mapper"] = {"optimization-metrics": ["last-level-accesses"]}
    with pytest.raises(InputError, match="expected energy, delay or edp"):
        find_mapping(design, budget=600)


def test_budgets() -> None:
    assert read_budget("10000") == Budget(candidates=10_000)
    assert read_budget(500) == Budget(candidates=500)
    assert read_budget("1e4") == Budget(candidates=10_000)
    assert read_budget("30s") == Budget(seconds=30)
    assert read_budget("1.5m") == Budget(seconds=90)
    assert read_budget("0.5s") == Budget(seconds=0.5)
    assert read_budget("2h") == Budget(seconds=7200)
    assert read_budget(1) == Budget(candidates=1)
    for wrong in ("", "0", "-3", "ten", "3.5", "0s", "10 000"):
        with pytest.raises(InputError) as error:
            read_budget(wrong)
        assert str(error.value) == (
            f"budget {wrong!r}: expected a number of mappings such as 10000, or a time such as "
            "30s or 5m"
        )


def test_unknown_objective_and_seed() -> None:
    with pytest.raises(InputError, match="unknown objective 'edb'; did you mean 'edp'"):
        find_mapping(inputs(), "edb")
    with pytest.raises(InputError, match=r"seed: expected a whole number from 0 to 4294967295\."):
        find_mapping(inputs(), seed=-1)


def _sparse(design: dict[str, Any]) -> dict[str, Any]:
    design["problem"]["instance"]["densities"] = {
        "A": {"distribution": "hypergeometric", "density": 0.3}
    }
    design["sparse_optimizations"] = {
        "targets": [
            {
                "name": "Spad",
                "action_optimization": [
                    {
                        "type": "skipping",
                        "options": [{"target": "B", "condition_on": ["A"]}],
                    }
                ],
            }
        ]
    }
    return design


def test_sparse_problems_are_evaluated_exactly_in_the_end() -> None:
    keep = [{"target": "Spad", "type": "datatype", "keep": ["A", "B", "Z"]}]
    dense = find_mapping(inputs(gemm(), keep), budget=1500)
    design = _sparse(inputs(gemm(), keep))
    found = find_mapping(design, budget=1500)
    checked = evaluate_timeloop({**design, **found.document})
    assert checked.to_dict() == found.result.to_dict()
    assert found.value < dense.value


def _skipping_positions_of_a(**kept: list[str]) -> dict[str, Any]:
    """One mapping of loops; the Spad, which skips positions of A, is dearer than all outside."""
    fixed: list[dict[str, Any]] = [
        {"target": name, "type": kind, "permutation": "MNK", "factors": factors}
        for name, kind, factors in (
            ("DRAM", "temporal", "M=1 N=1 K=1"),
            ("GLB", "temporal", "M=1 N=1 K=1"),
            ("GLB", "spatial", "M=1 N=1 K=1"),
            ("Spad", "temporal", "M=2 N=2 K=2"),
        )
    ]
    fixed.append({"target": "GLB", "type": "datatype", "keep": ["A", "B", "Z"]})
    fixed.append({"target": "Spad", "type": "datatype", **kept})
    half = {"A": {"distribution": "hypergeometric", "density": 0.5}}
    design = inputs(gemm(2, 2, 2, densities=half), fixed)
    for action in design["ERT"]["tables"][2]["actions"]:
        action["energy"] *= 1000
    skip = {"type": "position-skipping", "target": "A"}
    design["sparse_optimizations"] = {"targets": [{"name": "Spad", "action_optimization": [skip]}]}
    return design


def test_what_cannot_be_built_is_passed_over() -> None:
    """Past the Spad A would cost least, but there its positions could not be skipped."""
    found = find_mapping(_skipping_positions_of_a(keep=["B", "Z"]), "energy", 100)
    assert found.mapping.levels[0].keep == (True, True, True)
    assert found.outcome.best.best < found.value / 1.2
    with pytest.raises(InputError) as error:
        find_mapping(_skipping_positions_of_a(keep=["B", "Z"], bypass=["A"]), "energy", 100)
    assert str(error.value) == (
        "mapper: none of the 1 most promising mappings can be built with the sparse optimisations; "
        "the last one: Spad skips positions of A, which the mapping does not keep there"
    )


def test_levels_that_do_not_coalesce_are_scored_as_they_are_evaluated() -> None:
    design = inputs(gemm(4, 4, 2), [{"target": "GLB", "type": "datatype", "no_coalesce": ["Z"]}])
    found = find_mapping(design, budget=200)
    checked = evaluate_timeloop({**design, **found.document})
    assert found.value == checked.evaluation.energy * checked.cycles


def test_a_refusal_is_booked_under_its_own_reason() -> None:
    """Windows that overlap give the MACs of a PE several multicast factors."""
    spread = [
        {
            "target": "Spad",
            "type": "spatial",
            "factors": "R=3 S=1 P=3 Q=1 C=1 K=1 N=1",
            "permutation": "RPSQCKN",
            "split": 2,
        }
    ]
    with pytest.raises(InputError) as error:
        find_mapping(
            inputs(
                convolution(P=6),
                spread,
                spad=2000,
                glb=20000,
                macs=9,
                glb_extra={"network_type": "M:N"},
                spad_extra={"network_type": "M:N"},
            ),
            budget=200,
        )
    assert str(error.value) == (
        "mapper: no valid mapping among the 200 scored: 100 % have several multicast factors where "
        "Spad needs one (network_type M:N); relax the constraints, enlarge what is too small, or "
        "raise the budget"
    )


def test_loops_as_text() -> None:
    fixed = [
        {"target": "DRAM", "type": "temporal", "factors": "M=1 N=3 K=1"},
        {"target": "GLB", "type": "temporal", "factors": "M=1 N=1 K=2", "permutation": "KNM"},
        {
            "target": "GLB",
            "type": "spatial",
            "factors": "M=2 N=2 K=1",
            "permutation": "MNK",
            "split": 1,
        },
        {"target": "Spad", "type": "temporal", "factors": "M=2 N=1 K=1", "permutation": "MNK"},
        {"target": "GLB", "type": "datatype", "keep": ["A", "B"], "bypass": ["Z"]},
        {"target": "Spad", "type": "datatype", "keep": ["A", "B", "Z"]},
    ]
    found = find_mapping(inputs(gemm(4, 6, 2), fixed), budget=100)
    evaluation = found.result.evaluation
    assert loop_text(found.mapping, evaluation.problem, evaluation.machine) == (
        "DRAM [A, B, Z]\n"
        "  for N in [0:3)\n"
        "GLB [A, B]\n"
        "    for K in [0:2)\n"
        "      for N in [0:2)  (spatial Y)\n"
        "        for M in [0:2)  (spatial X)\n"
        "Spad [A, B, Z]\n"
        "          for M in [0:2)\n"
        "MAC"
    )
