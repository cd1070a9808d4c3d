"""How a search goes: its batches, when it starts anew, what it changes, what it says."""

from types import SimpleNamespace

import numpy as np
import pytest

from hwsim.engines.timeloop.mapper import (
    find_mapping,
    found_mapping,
    mapper,
    mapping_search,
)
from hwsim.engines.timeloop.mapper._best_candidates import BestCandidates
from hwsim.engines.timeloop.mapper._fit import Fault
from hwsim.engines.timeloop.mapper._scorer import Scores
from hwsim.engines.timeloop.mapper.objective import Budget
from hwsim.engines.timeloop.mapper.search import Batch, Search, SearchOutcome
from tests.engines.timeloop.mapper.designs import gemm, inputs
from tests.engines.timeloop.mapper.test_scorer import scorer_of


def search(candidates=None, report=None, **design):
    return Search(scorer_of(inputs(**design)), "edp", Budget(candidates), 0, report)


def scores(*values):
    """Of mappings that take one cycle, so that the objective is the energy."""
    energy = np.array(values, dtype=float)
    return Scores(np.ones(len(values)), energy, np.zeros(len(values), dtype=np.int64))


def batch(candidates, which):
    return Batch(candidates.take(which), np.zeros(len(which), dtype=int))


def noted_downsizing(made, monkeypatch):
    """How many candidates were asked to be downsized in how many rounds; none is."""
    asked = []

    def run(candidates, rounds):
        asked.append((len(candidates), rounds))
        return np.zeros(len(candidates), dtype=int)

    monkeypatch.setattr(made._downsizing, "run", run)
    return asked


def with_parents(count=4):
    made = search(1000)
    parents = made._space.sample(count, np.random.default_rng(1))
    made._parents.add(parents, scores(*range(1, count + 1)))
    return made, parents


@pytest.mark.parametrize("budget", [600, 513, 257, 3])
def test_batches_of_256_until_the_budget_is_spent(budget):
    seen = []
    outcome = search(budget, seen.append, spad=200).run()
    sizes = [256] * (budget // 256) + [budget % 256]
    assert [progress.scored for progress in seen] == np.cumsum(sizes).tolist()
    assert [progress.share for progress in seen] == (np.cumsum(sizes) / budget).tolist()
    last = seen[-1]
    assert (last.scored, last.valid, last.best) == (
        outcome.scored,
        outcome.valid,
        outcome.best.best,
    )
    assert (last.cycles, last.energy) == (outcome.best.cycles[0], outcome.best.energy[0])
    assert last.best == last.cycles * last.energy
    assert outcome.valid + sum(outcome.faults.values()) == budget
    assert outcome.stopped == "budget"


def test_without_a_limit_nothing_is_ever_spent():
    made = search()
    assert (made._spent, made._room()) == (0, 256)
    timed = Search(made.scorer, "edp", Budget(seconds=1e-9), 0)
    assert timed.run().scored == 256


def test_the_best_of_each_start_are_changed_and_the_best_of_all_are_kept():
    made = search(2000, spad=200)
    outcome = made.run()
    assert (len(made._parents), len(outcome.best)) == (24, 32)
    assert (np.diff(outcome.best.values) >= 0).all()


def test_a_search_that_is_stuck_for_30_rounds_starts_anew():
    made = search(1)
    starts = []
    for number, drawn in enumerate(made._rounds()):
        if not starts or starts[-1][1] is not made._parents:
            starts.append((number, made._parents))
        if number in (0, 40):  # a gain in the first round, and one in the eleventh of the second
            made._parents.add(drawn.candidates, scores(100.0 - number))
        if number == 120:
            break
    # 1 + 30 rounds; ten without, one with and 30 without a gain; 30
    assert [number for number, _ in starts] == [0, 31, 71, 101]


@pytest.mark.parametrize(
    ("count", "fresh"), [(256, 26), (100, 10), (15, 2), (14, 1), (4, 1), (1, 1)]
)
def test_a_tenth_of_a_round_is_fresh_and_one_at_least(count, fresh, monkeypatch):
    made, parents = with_parents()
    monkeypatch.setattr(made, "_fresh", lambda number: batch(parents, np.zeros(number, dtype=int)))
    changed = []

    def change(candidates, times):
        changed.append(len(candidates))
        return np.zeros(len(candidates), dtype=int)

    monkeypatch.setattr(made, "_change", change)
    assert len(made._next(count).candidates) == count
    assert changed == [count - fresh]


def test_better_parents_are_changed_more_often(monkeypatch):
    made, parents = with_parents()
    found = []
    monkeypatch.setattr(made, "_fresh", lambda number: batch(parents, np.zeros(1, dtype=int)))

    def change(candidates, times):
        found.append(candidates)
        return np.zeros(len(candidates), dtype=int)

    monkeypatch.setattr(made, "_change", change)
    made._next(20_000)
    numbers = made._space.numbers(found[0])
    share = [numbers.count(number) / len(numbers) for number in made._space.numbers(parents)]
    # the square of what is drawn evenly lies below each quarter: 0.5, 0.71, 0.87, 1
    assert share == pytest.approx(np.diff(np.sqrt([0, 0.25, 0.5, 0.75, 1])), abs=0.02)


def test_one_to_four_changes(monkeypatch):
    made, parents = with_parents()
    sizes, downsized = [], noted_downsizing(made, monkeypatch)
    monkeypatch.setattr(made._moves, "mutate", lambda part, which: sizes.append(len(which)))
    made._change(parents, np.array([1, 4, 2, 3]))
    assert sizes == [4, 3, 2, 1]
    assert downsized == [(4, 4)]
    sizes.clear()
    downsized.clear()
    made._next(1000)
    assert downsized == [(900, 4), (256, 40)]
    assert sizes[0] == 900
    assert np.array(sizes) / 900 == pytest.approx([1, 0.75, 0.5, 0.25], abs=0.06)


def test_fresh_candidates_come_from_batches_that_were_brought_to_fit(monkeypatch):
    made = search(1000)
    downsized = noted_downsizing(made, monkeypatch)
    taken = [len(made._fresh(count).candidates) for count in (100, 156, 1, 255, 256)]
    assert taken == [100, 156, 1, 255, 256]
    assert downsized == [(256, 40)] * 3


@pytest.mark.parametrize(
    ("budget", "size", "small"),
    [
        (None, 1_000_000, True),
        (None, 1_000_001, False),
        (100, 100, True),
        (100, 101, False),
        (2_000_000, 1_000_000, True),
        (2_000_000, 1_000_001, False),
    ],
)
def test_small_spaces_are_searched_in_full_if_the_budget_allows(budget, size, small):
    made = search(budget)
    made._space = SimpleNamespace(size=size)
    assert made._small is small


@pytest.mark.parametrize(("spare", "stopped"), [(0, "exhausted"), (1, "exhausted"), (-1, "budget")])
def test_all_of_a_space_is_exhausted(spare, stopped):
    size = search(problem=gemm(2, 1, 1)).run().scored
    outcome = search(size + spare, problem=gemm(2, 1, 1)).run()
    assert (outcome.stopped, outcome.scored) == (stopped, size + min(spare, 0))


def test_an_interruption_before_anything_fits_is_one(monkeypatch):
    made = search(1000)

    def interrupted(batch, scores):
        raise KeyboardInterrupt

    monkeypatch.setattr(made, "take_in", interrupted)
    with pytest.raises(KeyboardInterrupt):
        made.run()


def test_the_best_are_in_order_and_no_two_are_equal():
    made = search(10)
    found = BestCandidates("edp", 3)
    assert (len(found), found.best) == (0, np.inf)
    some = made._space.sample(6, np.random.default_rng(3))
    numbers = made._space.numbers(some)
    given = scores(5, 3, 4, 3, 9, 1)
    given.fault[5] = 2
    found.add(some, given)
    assert found.values.tolist() == [3, 4, 5]
    assert made._space.numbers(found.candidates) == [numbers[1], numbers[2], numbers[0]]
    found.add(some, scores(6, 5, 7, 8, 9, 6))
    assert found.values.tolist() == [3, 4, 5]
    found.add(some.take(slice(4, 6)), scores(3.5, 2))
    assert found.values.tolist() == [2, 3, 3.5]
    assert made._space.numbers(found.candidates) == [numbers[5], numbers[1], numbers[4]]
    # of equal products, the fewest cycles; equal cycles and energies are one
    found.add(some, Scores(np.array([2.0, 1, 2, 4, 1, 1]), np.array([1.0, 2, 1, 0.5, 2, 2]),
                           np.zeros(6, dtype=np.int64)))  # fmt: skip
    assert found.cycles.tolist() == [1, 2, 4]
    assert found.energy.tolist() == [2, 1, 0.5]


class _AskedError(Exception):
    pass


def test_what_is_worse_than_the_last_of_a_full_list_changes_nothing():
    made = search(10)
    found = BestCandidates("edp", 2)
    some = made._space.sample(3, np.random.default_rng(3))
    found.add(some, scores(3, 4, 5))
    kept = found.candidates
    found.add(some, scores(4.5, 7, 9))
    assert found.candidates is kept
    found.add(some, Scores(np.array([2.0, 4, 0.5]), np.array([2.0, 1, 8]), np.zeros(3, dtype=int)))
    assert found.cycles.tolist() == [1, 0.5]  # as good as the last in fewer cycles
    assert found.energy.tolist() == [3, 8]


def test_what_is_searched_for_when_nothing_is_said(monkeypatch):
    def asked(scorer, *given):
        raise _AskedError(*given)

    monkeypatch.setattr(mapping_search, "Search", asked)
    design = inputs()
    with pytest.raises(_AskedError) as found:
        find_mapping(design)
    assert found.value.args == ("edp", Budget(candidates=50_000), 0, None)
    space = scorer_of(design).space
    with pytest.raises(_AskedError) as found:
        mapper.search_mapping(space.problem, space.machine)
    assert found.value.args == ("edp", Budget(candidates=50_000), 0, None)


def test_reasons_by_how_many_mappings_they_hold():
    faults = {Fault("fan-out", "one", "are one"): 1, Fault("capacity", "two", "are two"): 6}
    outcome = SearchOutcome(BestCandidates("edp", 1), 8, 0, faults, stopped="exhausted")
    assert found_mapping._nothing_fits(outcome) == (
        "mapper: no valid mapping among all 8 scored: 75 % are two, 12 % are one; relax the "
        "constraints, enlarge what is too small, or raise the budget"
    )
