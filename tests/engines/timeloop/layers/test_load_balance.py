from __future__ import annotations

import numpy as np

from hwsim.engines.timeloop.layers._load_balance import slowest_over_mean, strewn
from hwsim.engines.timeloop.terms.mapping import Kind, LevelMapping, Loop, LoopMapping

M, C = 1, 2


def level(*loops: tuple[int, int, Kind]) -> LevelMapping:
    made = [Loop(dimension, end, end, kind) for dimension, end, kind in loops]
    no = (False, False, False)
    return LevelMapping(
        tuple(loop for loop in made if loop.spatial),
        tuple(loop for loop in made if not loop.spatial),
        (True, True, True),
        *[no] * 5,
    )


def weights(rows: list[list[int]]) -> np.ndarray:
    """Rows are filters, columns channels."""
    return np.array(rows, dtype=bool).reshape(1, len(rows), len(rows[0]), 1, 1)


def test_filters_side_by_side_wait_after_every_tile() -> None:
    mapping = LoopMapping((level((C, 2, "time")), level((M, 2, "x"), (C, 2, "time"))))
    mask = weights([[1, 1, 0, 0], [0, 1, 1, 1]])
    # Tiles of two channels: filter 0 has 2, 0 and filter 1 has 1, 2; the slowest take 2 + 2.
    assert slowest_over_mean(mask, mapping) == (2 + 2) / (1.5 + 1.0)


def test_larger_tiles_wait_less() -> None:
    mapping = LoopMapping((level((C, 4, "time")), level((M, 2, "x"))))
    mask = weights([[1, 1, 0, 0], [0, 1, 1, 1]])
    assert slowest_over_mean(mask, mapping) == 3 / 2.5


def test_the_outermost_loop_is_the_slowest_index() -> None:
    mapping = LoopMapping((level(), level((M, 2, "x"), (M, 2, "time"))))
    mask = weights([[1], [0], [1], [1]])  # side by side: 0 with 1, then 2 with 3
    assert slowest_over_mean(mask, mapping) == 2 / 1.5


def test_without_units_side_by_side_nobody_waits() -> None:
    mask = weights([[1, 0], [0, 0]])
    assert slowest_over_mean(mask, LoopMapping((level((M, 2, "x")), level((C, 2, "time"))))) == 1
    assert slowest_over_mean(weights([[0, 0]]), LoopMapping((level(), level((C, 2, "x"))))) == 1


def test_units_that_a_rest_leaves_idle_are_not_waited_for() -> None:
    no = (False, False, False)
    fields = ((True, True, True), *[no] * 5)
    outer = LevelMapping((Loop(M, 2, 1, "x"),), (Loop(M, 2, 2, "time"),), *fields)
    mapping = LoopMapping((level((C, 2, "time")), outer), "counted")
    mask = weights([[1, 1], [0, 1], [1, 0]])  # filter 2 runs alone
    assert slowest_over_mean(mask, mapping) == (2 + 1) / (1.5 + 1)


def test_as_many_non_zeros_lie_elsewhere_always_the_same() -> None:
    mask = np.zeros((1, 8, 8, 1, 1), dtype=bool)
    mask[0, :2] = True
    found = strewn(mask)
    assert found.shape == mask.shape
    assert found.sum() == mask.sum() == 16
    assert not (found == mask).all()
    assert (strewn(mask) == found).all()
    few = np.arange(8).reshape(1, 1, 8, 1, 1) < 3
    assert np.flatnonzero(strewn(few)).tolist() == [0, 5, 6]
    full = np.ones((1, 2, 2, 1, 1), dtype=bool)
    assert strewn(full) is full


def test_units_that_a_loop_of_one_iteration_tells_apart_are_one() -> None:
    mask = weights([[1, 1], [1, 0]])
    mapping = LoopMapping((level(), level((C, 1, "x")), level((M, 2, "x"), (C, 2, "time"))))
    assert slowest_over_mean(mask, mapping) == 2 / 1.5
