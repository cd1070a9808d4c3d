"""Several searches at once: each finds what it would find by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hwsim.engines.timeloop.mapper import search_mapping
from hwsim.engines.timeloop.mapper._joint_rounds import run_in_step
from hwsim.engines.timeloop.mapper._scorer import Scorer
from hwsim.engines.timeloop.mapper.joint_search import WantedMapping, found_together
from hwsim.errors import InputError
from tests.engines.timeloop.mapper.test_side_by_side import wanted_for

#: Alike but for the length of a dimension.
ALIKE = [wanted_for(m, spad=4096, pes=64, columns=8, budget=600) for m in (13, 12, 20, 17)]


def alone(wanted: WantedMapping):
    given = wanted.problem, wanted.machine, wanted.sparse, wanted.constraints
    found = search_mapping(*given, wanted.objective, wanted.budget, wanted.seed, rests=True)
    return found.mapping


@pytest.fixture
def scored(monkeypatch):
    """How many candidates were scored at a time."""
    score, counts = Scorer.score, []

    def counted(scorer, candidates, *given):
        counts.append(len(candidates))
        return score(scorer, candidates, *given)

    monkeypatch.setattr(Scorer, "score", counted)
    return counts


def test_those_alike_are_scored_together(scored):
    together = found_together(ALIKE)
    assert scored[:3] == [4 * 256, 4 * 256, 4 * 88]
    second = scored[3:]  # 300 more of each that leaves units idle
    assert second == [256 * sum(second) // 300, 44 * sum(second) // 300]
    assert any(mapping.counts_rests for mapping in together)
    assert together == [alone(each) for each in ALIKE]


def test_other_machines_budgets_and_objectives_go_along():
    others = [
        wanted_for(12, spad=200),
        replace(ALIKE[1], budget=300),
        replace(ALIKE[2], objective="delay", seed=5),
        wanted_for(2, budget=5000),  # searched whole
    ]
    wanted = [ALIKE[0], *others, ALIKE[3]]
    assert found_together(wanted) == [alone(each) for each in wanted]


def test_one_that_does_not_fit_or_cannot_be_searched_is_said_of_it_alone():
    impossible = wanted_for(12, "A", "B", "Z", spad=2)
    refused = replace(ALIKE[0], objective="edo")
    first, second, third, fourth = found_together([ALIKE[1], impossible, refused, ALIKE[2]])
    assert (first, fourth) == (alone(ALIKE[1]), alone(ALIKE[2]))
    assert isinstance(second, InputError)
    with pytest.raises(InputError) as said:
        alone(impossible)
    assert str(second) == str(said.value)
    assert str(third).startswith("unknown objective 'edo'")


def test_nothing_is_found_of_nothing():
    assert found_together([]) == []
    run_in_step([])


def scorer(wanted: WantedMapping) -> Scorer:
    return wanted.search().first.scorer


def test_what_makes_scorers_unlike():
    one = scorer(ALIKE[0])
    assert one.is_like(scorer(ALIKE[1]))
    assert not one.is_like(scorer(wanted_for(13, spad=2048, pes=64, columns=8)))
    assert not one.is_like(scorer(wanted_for(1, spad=4096, pes=64, columns=8)))  # a dimension less
    problem = ALIKE[0].problem
    slides = replace(problem.data_spaces[0], projection=problem.data_spaces[0].projection * 2)
    other = replace(problem, data_spaces=(slides, *problem.data_spaces[1:]))
    assert not one.is_like(scorer(replace(ALIKE[0], problem=other)))
