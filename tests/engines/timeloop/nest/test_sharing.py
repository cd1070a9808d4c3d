"""Which children share a data space, and which could pass words on, told by hand."""

import numpy as np
import pytest

from hwsim.engines.timeloop.nest._reuse import Passed
from hwsim.engines.timeloop.nest._sharing import SpatialSharing
from hwsim.engines.timeloop.nest.loops import LoopStack


def sharing(projection, links=True, multicast=True, hops=False):
    return SpatialSharing(np.array(projection), (4, 4), multicast, links, hops)


def loops(*rows):
    """Loops of two mappings or more, each of (dimension, ends, step)."""
    ends = np.array([of_loop for _, of_loop, _ in rows], dtype=float)
    dimension = np.array([[number] * ends.shape[1] for number, _, _ in rows])
    step = np.array([[float(points)] * ends.shape[1] for _, _, points in rows])
    return LoopStack(dimension, ends, step)


NO_LOOPS = LoopStack(np.zeros((0, 1), dtype=np.int64), np.ones((0, 1)), np.ones((0, 1)))


@pytest.mark.parametrize(
    ("projection", "saves"),
    [
        ([[1, 0], [0, 1]], False),  # a matrix
        ([[1, 1]], True),  # a window that slides
        ([[1, 1, 0], [0, 0, 1]], True),
        ([[1, 0], [1, 0]], True),  # a diagonal
        ([[0, 0]], False),
    ],
)
def test_tiles_that_stay_apart_have_nothing_for_a_neighbour(projection, saves):
    assert sharing(projection).links_may_save(reuse=True) is saves
    assert sharing(projection).links_may_save(reuse=False) is True
    assert sharing(projection, links=False).links_may_save(reuse=False) is False


def test_data_of_children_lie_as_far_apart_as_the_first_and_the_last():
    window = sharing([[1, 2], [0, -3]])
    spatial = loops((0, [3, 1, 2], 1), (1, [2, 1, 1], 5))
    reach = window.reach(spatial)
    assert reach[:, 0].tolist() == [2 * 1 + 1 * 10, 15]
    assert reach[:, 2].tolist() == [1, 0]
    assert (reach[:, 1] < 0).all()  # an only child has no neighbour
    assert window.reach(NO_LOOPS) is None
    assert sharing([[1, 2]], links=False).reach(spatial) is None


def ways(traffic, which=0):
    """{(children that share a word, sets): accesses} of a mapping."""
    rows = zip(traffic.multicast, traffic.sets, traffic.accesses, strict=True)
    told = [(multicast[which], sets[which], accesses[which]) for multicast, sets, accesses in rows]
    return {(multicast, sets): accesses for multicast, sets, accesses in told if sets}


@pytest.mark.parametrize(
    ("projection", "multicast", "expected"),
    [
        ([[1, 0], [0, 1]], True, {(1, 6): 30}),
        ([[1, 0]], True, {(2, 3): 15}),
        ([[0, 1]], True, {(3, 2): 10}),
        ([[1, 0]], False, {(1, 6): 30}),
        # windows of 2 children slide over those of 3: their data lie at 0, 1 1, 2 2 and 3
        ([[1, 1]], True, {(1, 2): 10, (2, 2): 10}),
        ([[1, 1]], False, {(1, 6): 30}),
    ],
)
def test_who_shares_5_words_of_3_times_2_children(projection, multicast, expected):
    children = sharing(projection, links=False, multicast=multicast)
    spatial = loops((0, [3, 1], 1), (1, [2, 1], 1))
    found = children.traffic(np.array([5.0, 7.0]), None, spatial)
    assert ways(found) == expected
    assert ways(found, 1) == {(1, 1): 7}
    assert found.links.tolist() == [0, 0]


def test_one_child_gets_all():
    found = sharing([[1]]).traffic(np.array([5.0]), None, NO_LOOPS)
    assert ways(found) == {(1, 1): 5}


def test_neighbours_pass_on_what_they_had():
    # Of three children in a line the last asks the parent; of the words that move the other way
    # the first does.
    line = sharing([[1]])
    which = np.array([1, 1, 1])
    offset = np.array([[1.0, -1.0, 5.0]])  # nobody has the last
    passed = Passed(which, offset, np.array([4.0, 3.0, 2.0]))
    found = line.traffic(np.array([10.0, 10.0]), passed, loops((0, [3, 3], 1)))
    assert ways(found) == {(1, 3): 30}
    assert ways(found, 1) == {(1, 3): (10 - 4 - 3) * 3, (1, 1): 4 + 3}
    assert found.links.tolist() == [0, 2 * 4 + 2 * 3]
