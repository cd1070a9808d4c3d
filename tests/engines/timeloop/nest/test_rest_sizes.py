"""What instances hold where a factor leaves a rest, by hand for two mappings side by side.

7 points of M: three instances in three rounds, or three units below one instance. 4 points of K.
"""

import numpy as np
import pytest

from hwsim.engines.timeloop.nest._rest_sizes import most_instances, rest_partitions
from hwsim.engines.timeloop.nest.loops import LoopNest, lay_out


@pytest.fixture
def loops():
    def nest(level, spatial, of_m, of_k):
        order, factors = np.array([[0, 0], [1, 1]]), np.array([of_m, of_k])
        return LoopNest(level, spatial, order, factors, np.ones((2, 2), dtype=bool))

    nests = [
        nest(0, True, [1, 3], [1, 1]),
        nest(0, False, [1, 3], [2, 1]),
        nest(1, True, [3, 1], [1, 1]),
        nest(1, False, [3, 1], [1, 1]),
        nest(2, False, [1, 1], [2, 4]),
    ]
    return lay_out(3, 2, 2, nests, [7, 4])


@pytest.mark.parametrize(
    ("projection", "first", "second"),
    [
        # each of three instances holds a row of 4 in every round; all 28 points lie outside of them
        ([[1, 0], [0, 1]], [12, 28, 28], [28, 28, 28]),
        ([[0, 1]], [4, 4, 4], [4, 4, 4]),  # no rest of K
        ([[1, 0]], [3, 7, 7], [7, 7, 7]),
    ],
)
def test_points_that_an_instance_ever_holds(loops, projection, first, second):
    found = rest_partitions(np.array(projection), loops)
    assert [partition.tolist() for partition in found] == [
        list(pair) for pair in zip(first, second, strict=True)
    ]


def test_instances_that_work_before_the_last_round(loops):
    assert [found.tolist() for found in most_instances(loops)] == [[3, 1], [1, 1], [1, 1]]
