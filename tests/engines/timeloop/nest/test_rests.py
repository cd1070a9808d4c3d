"""Loops in space that leave a rest, found by hand: two dimensions, mappings side by side."""

import numpy as np
import pytest

from hwsim.engines.timeloop.nest._rests import NestFactors, find_rests
from hwsim.errors import InputError


def rests(bounds, *nests):
    """Nests are (level, spatial, factors of the dimensions in each mapping), innermost first."""
    factors = [NestFactors(level, spatial, np.array(each)) for level, spatial, each in nests]
    return find_rests(factors, np.broadcast_to(np.c_[bounds], factors[0].factors.shape))


def test_rounds_and_what_the_last_one_leaves():
    # 7 points: 3 copies in 3 rounds, the last of 1; or one after the other. 10 points: 2 at a
    # time, then 2 copies in 3 rounds, the last of 1; or 4 copies in 3 rounds, the last of 2.
    first, second = rests(
        [7, 10],
        (0, False, [[1, 1], [2, 1]]),
        (1, True, [[3, 1], [2, 4]]),
        (1, False, [[3, 7], [1, 1]]),
        (2, False, [[1, 1], [3, 3]]),
    )
    assert (first.dimension.tolist(), first.level.tolist()) == ([0, 1], [1, 1])
    assert (first.end.tolist(), first.last.tolist()) == ([3, 4], [1, 2])
    assert first.mean.tolist() == [7 / 3, 10 / 3]
    assert (first.bound.tolist(), first.padded.tolist()) == ([7, 10], [9, 12])
    assert (second.dimension.tolist(), second.level.tolist()) == ([1, -1], [1, -1])
    assert (second.end.tolist(), second.last.tolist()) == ([2, 1], [1, 1])
    assert second.mean.tolist() == [5 / 3, 1]
    assert (second.bound.tolist(), second.padded.tolist()) == ([10, 1], [12, 1])


def test_factors_that_divide_leave_none():
    assert rests([6], (0, True, [[3]]), (0, False, [[2]])) == []


def test_one_mapping_of_a_batch_that_is_not_counted_is_enough():
    with pytest.raises(InputError):
        rests([6], (0, True, [[3, 3]]), (0, False, [[2, 1]]))


def test_two_rounds_are_enough():
    (found,) = rests([3], (0, True, [[2]]), (0, False, [[2]]))
    assert (found.last.tolist(), found.mean.tolist()) == ([1], [1.5])


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize(
    "nests",
    [
        [(True, 4)],  # no round but the last
        [(True, 2), (False, 1)],  # a point is left
        [(False, 2), (False, 2)],  # in time
        [(True, 2), (True, 2)],  # rounds in space
    ],
)
def test_rests_that_are_not_counted(level, nests):
    with pytest.raises(InputError, match="a rest can be counted of the outermost loop in space"):
        rests([3], *((level, spatial, [[factor]]) for spatial, factor in nests))
