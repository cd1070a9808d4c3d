"""Small changes: one part of a candidate at a time, never out of the map space."""

from __future__ import annotations

import numpy as np
import pytest

from hwsim.engines.timeloop.mapper import _moves
from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._moves import Moves, _PrimeTable
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.nest.loops import Bools
from tests.engines.timeloop.mapper.designs import gemm, inputs
from tests.engines.timeloop.mapper.test_mapspace import space_of

PARTS = ("factors", "order", "keep", "split")


def drawn(space: MapSpace, count: int) -> tuple[Candidates, Moves]:
    random = np.random.default_rng(5)
    return space.sample(count, random), Moves(space, random)


def changed(before: Candidates, after: Candidates) -> dict[str, Bools]:
    """Which candidates differ, by part."""
    found = {}
    for part in PARTS:
        differs = getattr(before, part) != getattr(after, part)
        found[part] = differs.reshape(-1, len(before)).any(axis=0)
    return found


def test_a_change_is_of_one_part() -> None:
    before, moves = drawn(space_of(inputs()), 4000)
    after = before.take(np.arange(4000))
    moves.mutate(after)
    found = changed(before, after)
    assert np.sum(list(found.values()), axis=0).max() == 1
    share = {part: which.mean() for part, which in found.items()}
    # tried at 0.6, 0.25, 0.1 and 0.05; some moves of factors turn out not to be possible, and a
    # split is drawn anew from 0 to 3, so one in four stays
    assert 0.4 < share["factors"] < 0.63
    assert 0.22 < share["order"] < 0.28
    assert 0.08 < share["keep"] < 0.12
    assert 0.025 < share["split"] < 0.05


def test_loops_that_iterate_change_places_first() -> None:
    before, moves = drawn(space_of(inputs()), 1000)
    after = before.take(np.arange(1000))
    moves.mutate(after)
    nests, _, columns = np.nonzero(before.order != after.order)
    several = 0
    for nest, column in set(zip(nests.tolist(), columns.tolist(), strict=True)):
        ends = before.factors[nest, :, column]
        old, new = before.order[nest, :, column], after.order[nest, :, column]
        exchanged = old[old != new]
        assert len(exchanged) == 2
        assert (ends[exchanged] > 1).sum() == min((ends > 1).sum(), 2)
        several += (ends > 1).sum() == 2
    assert several > 30


def test_the_only_loop_in_space_lies_along_either_axis() -> None:
    space = space_of(inputs(gemm(16, 1, 1)))
    before, moves = drawn(space, 400)
    after = before.take(np.arange(400))
    moves.mutate(after)
    found = changed(before, after)
    assert set(np.unique(after.split[[nest.kind == "spatial" for nest in space.nests]])) == {0, 1}
    assert found["split"].any()
    assert not found["order"].any()


def test_changed_candidates_are_in_the_map_space() -> None:
    constraints = [
        {"target": "GLB", "type": "temporal", "permutation": "MK", "factors": "K=2"},
        {"target": "GLB", "type": "spatial", "factors": "M<=2"},
        {"target": "Spad", "type": "datatype", "keep": ["Z"], "bypass": ["A"]},
    ]
    space = space_of(inputs(gemm(16, 12, 8), constraints))
    candidates, moves = drawn(space, 60)
    start = space.numbers(candidates)
    for _ in range(20):
        moves.mutate(candidates)
    numbers = space.numbers(candidates)  # fails for what is in none of its lists
    again = space.at(numbers)
    for part in PARTS:
        assert (getattr(again, part) == getattr(candidates, part)).all()
    assert sum(one != other for one, other in zip(start, numbers, strict=True)) > 50


def test_factors_move_from_the_sources_to_the_targets() -> None:
    space = space_of(inputs())
    before, moves = drawn(space, 500)
    nests = len(space.nests)
    sources = np.zeros((nests, 400), dtype=bool)
    targets = np.zeros((nests, 400), dtype=bool)
    sources[0], targets[nests - 1] = True, True
    after = before.take(np.arange(500))
    told = moves.shift(after, np.arange(400), sources, targets)
    moved = (before.factors != after.factors).any(axis=1)
    assert sorted(told.tolist()) == np.flatnonzero(moved[0]).tolist()
    assert moved[0].any()
    assert (moved[0] == moved[-1]).all()
    assert not moved[1:-1].any()
    assert not moved[:, 400:].any()
    given = before.factors[0] // after.factors[0]
    assert (before.factors[0] == given * after.factors[0]).all()
    assert (before.factors[-1] * given == after.factors[-1]).all()
    assert set(np.unique(given).tolist()) == {1, 2, 3}  # a prime, of one dimension
    assert ((given > 1).sum(axis=0) <= 1).all()


@pytest.mark.parametrize("most", [2**16, 0])
def test_nests_give_and_take_what_leaves_them_a_factor_they_may_have(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_moves, "_MOST_KEYS", most)
    table = _PrimeTable([6, 4], [[{1, 2}, {4}], [{6, 2, 3}, {1, 2, 4}]])
    assert (table.places.tolist(), table.primes.tolist()) == ([0, 0, 1], [2, 3, 2])
    drawn = np.array([0, 0, 1, 1, 2, 2])  # of 6 a 2, a 3; of 4 a 2
    factors = np.array([[1, 2, 1, 2, 2, 4], [6, 3, 6, 2, 2, 4]])
    gives, takes = table.allowed(drawn, factors)
    assert gives.tolist() == [
        [False, True, False, False, False, False],
        [True, False, True, False, True, True],
    ]
    assert takes.tolist() == [
        [True, False, False, False, True, False],
        [False, True, False, True, True, False],
    ]


def test_only_some_are_changed() -> None:
    before, moves = drawn(space_of(inputs()), 300)
    after = before.take(np.arange(300))
    moves.mutate(after, np.arange(100, 200))
    found = np.any(list(changed(before, after).values()), axis=0)
    assert not found[:100].any()
    assert not found[200:].any()
    assert found[100:200].mean() > 0.5


def test_numbers_are_drawn_for_one_group_after_the_other() -> None:
    _, moves = drawn(space_of(inputs()), 1)
    moves._random = np.random.default_rng(7)
    found = moves._draw(np.array([0, 0, 2, 2, 2, 3]), np.array([2, 4, 3, 1]))
    random = np.random.default_rng(7)
    assert (found[:2, :2] == random.random((2, 2))).all()
    assert (found[:3, 2:5] == random.random((3, 3))).all()
    assert found[0, 5] == random.random()
