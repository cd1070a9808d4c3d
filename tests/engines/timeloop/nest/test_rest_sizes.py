"""What instances hold where a factor leaves a rest, by hand for two mappings side by side.

7 points of M: three instances in three rounds, or three units below one instance. 4 points of K.
"""

import numpy as np
import pytest

from hwsim.engines.timeloop.nest._rest_sizes import most_instances, rest_partitions
from hwsim.engines.timeloop.nest.loops import LoopNests, lay_out


@pytest.fixture
def loops():
    nests = LoopNests(
        levels=[0, 0, 1, 1, 2],
        spatial=[True, False, True, False, False],
        order=np.array([[[0, 0], [1, 1]]] * 5),
        factors=np.array(
            [
                [[1, 3], [1, 1]],
                [[1, 3], [2, 1]],
                [[3, 1], [1, 1]],
                [[3, 1], [1, 1]],
                [[1, 1], [2, 4]],
            ]
        ),
        along_x=np.ones((5, 2, 2), dtype=bool),
    )
    return lay_out(3, nests, np.array([[7], [4]]))


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
