"""Walks counted by hand: what a tile fetches at each step, with factors that leave a rest.

A window of two points slides along a line: ``I[p + r]`` with R = 2 in the innermost tile.
"""

import pytest

from hwsim.engines.timeloop.nest.walk import walk_nest
from hwsim.engines.timeloop.terms.mapping import LevelMapping, Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import make_problem
from hwsim.errors import InputError
from tests.engines.timeloop.nest.test_nest import machine, ways

P, R = 0, 1
NO = (False,) * 3


def level(*temporal, spatial=(), denied=NO):
    """All dimensions have a loop, P inside R unless given otherwise."""
    there = {dimension for dimension, *_ in temporal}
    loops = [*temporal, *((d, 1, 1) for d in (P, R) if d not in there)]
    in_time = tuple(Loop(d, end, residual, "time") for d, end, residual in loops)
    in_space = tuple(Loop(*loop) for loop in spatial)
    return LevelMapping(in_space, in_time, (True,) * 3, NO, NO, denied, NO, NO)


def walked(points, *levels, columns=4):
    problem = make_problem(
        {"P": points, "R": 2},
        {"W": [{"R": 1}], "I": [{"P": 1, "R": 1}], "O": [{"P": 1}]},
        ["O"],
    )
    return walk_nest(problem, LoopMapping(levels), machine(columns, 1))


def fetched(found, space, storage):
    return {way: accesses for way, (accesses, *_) in ways(found.traffic[space][storage]).items()}


@pytest.mark.parametrize(
    ("inner", "outer", "points", "steps"),
    [
        ((2, 2), (2, 2), 4, [2, 1, 1, 1]),
        ((2, 1), (2, 2), 3, [2, 1, 1]),
        ((3, 1), (2, 2), 4, [2, 1, 1, 2]),
        ((3, 2), (3, 3), 8, [2, 1, 1, 2, 1, 1, 2, 1]),
        ((5, 3), (4, 4), 18, [2, 1, 1, 1, 1] * 3 + [2, 1, 1]),
        ((2, 1), (5, 5), 9, [2, 1, 1, 1, 1, 1, 1, 1, 2]),
    ],
)
def test_a_window_that_slides_on_fetches_the_new_point(inner, outer, points, steps):
    # The second iteration stands for those after it, so after more than two the window seems to
    # jump, and both points are fetched.
    found = walked(points, level((R, 2, 2)), level((P, *inner)), level((P, *outer)))
    assert len(steps) == points
    assert fetched(found, 1, 1) == {(1, 1): sum(steps)}
    assert fetched(found, 1, 0) == {(1, 1): 2 * points}
    # the weights stay; an output is another at each step
    assert fetched(found, 0, 1) == {(1, 1): 2}
    assert fetched(found, 2, 1) == {(1, 1): points}
    assert found.operations.tolist() == [2 * points]


@pytest.mark.parametrize(
    ("middle", "points", "first_time", "last_time"),
    [
        # windows of 3 points, 2 apart; the very last is of 2 points, 1 of them new
        ((4, 3), 13, [3, 2, 2, 2], [3, 2, 1]),
        ((5, 4), 17, [3, 2, 2, 2, 2], [3, 2, 2, 1]),
        ((4, 2), 11, [3, 2, 2, 2], [3, 1]),
        ((4, 1), 9, [3, 2, 2, 2], [2]),
    ],
)
def test_the_last_round_of_a_loop_ends_with_the_rest_inside_it(
    middle, points, first_time, last_time
):
    found = walked(points, level((R, 2, 2), (P, 2, 1)), level((P, *middle)), level((P, 2, 2)))
    assert fetched(found, 1, 1) == {(1, 1): sum(first_time) + sum(last_time)}
    assert fetched(found, 2, 1) == {(1, 1): points}
    assert found.operations.tolist() == [2 * points]


def test_a_window_that_goes_back_is_fetched_anew():
    # points 0-1 and 2-3, then with R = 1 points 1-2 (one step back) and 3-4
    found = walked(4, level((P, 2, 2)), level((P, 2, 2)), level((R, 2, 2)))
    assert fetched(found, 1, 1) == {(1, 1): 2 + 2 + 2 + 2}
    # the tile of the middle level moves on by one: 4 points, then one more
    assert fetched(found, 1, 2) == {(1, 1): 4 + 1}
    assert found.sizes[1][1].tolist() == [4]


def test_after_a_whole_fetch_any_direction_keeps_what_overlaps():
    # tiles of two from 0 and 2, from 1 and 3, then (the rest of P) from 4, and from 5
    found = walked(6, level((P, 2, 2)), level((P, 2, 1)), level((R, 2, 2), (P, 2, 2)))
    assert fetched(found, 1, 1) == {(1, 1): (2 + 2) + (2 + 2) + 2 + 1}


def test_a_tile_that_is_denied_reuse_is_fetched_whole_at_each_step():
    found = walked(
        5, level((R, 2, 2), denied=(False, True, False)), level((P, 3, 2)), level((P, 2, 2))
    )
    assert fetched(found, 1, 1) == {(1, 1): 2 * 5}
    assert fetched(found, 0, 1) == {(1, 1): 2}


def test_the_last_tile_counts_as_one_in_between():
    # 3 + 3 + 2 outputs: windows over 4, 4 and 3 inputs, each sharing one with the one before
    found = walked(8, level((R, 2, 2)), level((P, 3, 2)), level((P, 3, 3)))
    assert fetched(found, 1, 2) == {(1, 1): 4 + 3 + 3}
    assert fetched(found, 2, 2) == {(1, 1): 3 + 3 + 3}
    assert [size.tolist() for size in found.sizes[1]] == [[2], [4], [9]]
    assert found.iterations.tolist() == [2 * 3 * 3]
    # without any in between it counts as what it is
    found = walked(5, level((R, 2, 2)), level((P, 3, 2)), level((P, 2, 2)))
    assert fetched(found, 1, 2) == {(1, 1): 4 + 2}
    assert fetched(found, 2, 2) == {(1, 1): 3 + 2}


def test_children_of_the_last_round_are_fewer():
    # outputs 0 to 2 side by side, then 3 and 4
    found = walked(5, level((R, 2, 2)), level((P, 2, 2), spatial=[(P, 3, 2, "x")]), level())
    assert fetched(found, 0, 1) == {(3, 1): 2}
    assert fetched(found, 1, 1) == {(1, 3): 3 * 2, (1, 2): 2 * 2}
    assert fetched(found, 2, 1) == {(1, 3): 3, (1, 2): 2}
    assert [fanout.tolist() for fanout in found.fanout] == [[1], [3], [1]]
    # 2.5 units at work on average are counted as 2, each with the operations of the first
    assert [used.tolist() for used in found.instances] == [[2], [1], [1]]
    assert found.compute_instances.tolist() == [2]
    assert found.operations.tolist() == [4]
    assert found.iterations.tolist() == [2 * 2]


def test_units_below_the_innermost_level_do_one_operation_a_step():
    found = walked(5, level((R, 2, 2), spatial=[(P, 3, 2, "x")]), level((P, 2, 2)), level())
    assert found.compute_instances.tolist() == [3]
    assert [used.tolist() for used in found.instances] == [[1], [1], [1]]
    assert found.operations.tolist() == [(4 + 4 + 2) / 3]
    assert fetched(found, 0, 0) == {(3, 1): 2, (2, 1): 2}
    assert fetched(found, 2, 0) == {(1, 3): 6, (1, 2): 4}


def test_a_rest_that_no_loop_outside_can_have_is_refused():
    with pytest.raises(InputError) as caught:
        walked(2, level((R, 2, 2)), level(spatial=[(P, 3, 2, "x")]), level())
    assert str(caught.value) == (
        "mapping: the spatial factor 3,2 of P has no loop over P outside it that the rest could "
        "belong to"
    )


def test_a_problem_of_one_dimension():
    problem = make_problem({"P": 5}, {"A": [{"P": 1}], "Z": [{"P": 1}]}, ["Z"])
    no = (False, False)
    levels = [
        LevelMapping((), (Loop(P, *count, "time"),), (True, True), no, no, no, no, no)
        for count in ((1, 1), (3, 2), (2, 2))
    ]
    found = walk_nest(problem, LoopMapping(tuple(levels)), machine(1, 1))
    assert [fetched(found, 0, storage) for storage in range(3)] == [{(1, 1): 5}] * 3
    assert found.iterations.tolist() == [6]
