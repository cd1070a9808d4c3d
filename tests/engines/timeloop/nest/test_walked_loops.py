"""Loops that leave a rest, one by one: P of 14 is 3 + 3 + 3 + 3 + 2, in rounds of 3 and 2."""

import pytest

from hwsim.engines.timeloop.nest._walked_loops import (
    fanout_and_use,
    innermost_rests,
    walked_loops,
)
from hwsim.engines.timeloop.terms.mapping import LevelMapping, Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import make_problem

P, R = 0, 1
NO = (False,)
PROBLEM = make_problem({"P": 14, "R": 2}, {"Z": [{"P": 1}, {"R": 1}]}, ["Z"])


def level(spatial, *temporal):
    in_space = tuple(Loop(dimension, *count, "x") for dimension, *count in spatial)
    in_time = tuple(Loop(dimension, *count, "time") for dimension, *count in temporal)
    return LevelMapping(in_space, in_time, (True,), NO, NO, NO, NO, NO)


SPREAD = LoopMapping(
    (
        level([], (P, 1, 1), (R, 2, 2)),
        level([(P, 3, 2)], (R, 1, 1), (P, 3, 2)),
        level([], (R, 1, 1), (P, 2, 2)),
    )
)


def test_each_loop_steps_over_what_is_inside_it():
    loops = walked_loops(SPREAD, 2)
    assert [(walked.storage, walked.loop.dimension, walked.step) for walked in loops] == [
        (0, R, 1),
        (1, P, 1),
        (1, P, 3),
        (2, P, 9),
    ]
    assert [walked.whole for walked in loops] == [(1, 2), (3, 2), (9, 2), (18, 2)]
    # the last time round: 2, one round of 3 and 2, and the 9 before these
    assert [walked.last for walked in loops] == [(1, 2), (2, 2), (5, 2), (14, 2)]
    assert [walked.boundary for walked in loops] == [True, False, True, True]
    assert [walked.master for walked in loops] == [False, True, False, False]


def test_a_level_without_loops_in_time_gets_one_that_does_nothing():
    mapping = LoopMapping((level([(R, 2, 2)], (P, 1, 1), (R, 1, 1)), level([], (P, 14, 14))))
    spatial, trivial, outer = walked_loops(mapping, 2)
    assert (spatial.loop.end, spatial.master, spatial.boundary) == (2, True, False)
    assert (trivial.loop.end, trivial.loop.residual, trivial.loop.spatial) == (1, 1, False)
    assert (trivial.storage, trivial.boundary, trivial.whole) == (0, True, (1, 2))
    assert (outer.storage, outer.boundary, outer.whole) == (1, True, (14, 2))


def test_the_innermost_rest_of_each_dimension():
    assert innermost_rests(walked_loops(SPREAD, 2)) == {P: 1}


def test_children_in_use_are_averaged_over_the_rounds():
    # five rounds: four of 3 children and one of 2
    fanout, used = fanout_and_use(walked_loops(SPREAD, 2), 3, PROBLEM)
    assert (fanout, used) == ([1, 3, 1], [pytest.approx((4 * 3 + 2) / 5), 1, 1])


def test_spatial_loops_of_several_levels_multiply():
    mapping = LoopMapping(
        (
            level([(P, 3, 2), (R, 2, 2)], (P, 1, 1), (R, 1, 1)),
            level([(P, 3, 2)], (R, 1, 1), (P, 1, 1)),
            level([], (R, 1, 1), (P, 2, 2)),
        )
    )
    fanout, used = fanout_and_use(walked_loops(mapping, 2), 3, PROBLEM)
    # 3 and 2 copies: 2.5 on average; what these hold in turn counts for what is inside only
    assert (fanout, used) == ([6, 3, 1], [2.5, 1, 1])
