"""Words by ways of sharing, counted by hand for two mappings side by side."""

import numpy as np
import pytest

from hwsim.engines.timeloop.nest._multicast import tabulated
from hwsim.engines.timeloop.nest.traffic import Traffic

#: One set of two children over three hops (five one by one), and two sets of one over four.
GROUPS = np.array([[2.0, 1.0, 3.0, 5.0], [1.0, 2.0, 4.0, 4.0]])
ALONE = np.array([[1.0, 4.0, 6.0, 6.0]])


def two(multicast=1.0, sets=4.0, accesses=40.0):
    one = np.ones(2)
    return Traffic.uniform(multicast * one, sets * one, accesses * one)


def of(traffic, which):
    """Rows of (multicast, sets, accesses, hops, unicast hops) of one mapping."""
    rows = (traffic.multicast, traffic.sets, traffic.accesses, traffic.hops, traffic.unicast_hops)
    return [tuple(float(row[which]) for row in way) for way in zip(*rows, strict=True)]


def test_all_children_may_share_in_one_way():
    traffic = two(multicast=3.0, sets=2.0, accesses=10.0)
    assert of(traffic, 1) == [(3, 2, 10, 0, 0)]
    assert traffic.ways.tolist() == [1, 1]
    assert (traffic.total.tolist(), traffic.delivered.tolist()) == ([10, 10], [30, 30])
    assert traffic.links.tolist() == [0, 0]


def test_one_mapping_may_have_several_ways_or_none():
    traffic = Traffic.of_one({(2, 1): (4.0, 12.0, 20.0), (1, 3): (6.0, 2.0, 2.0)}, 5.0)
    assert of(traffic, 0) == [(2, 1, 4, 12, 20), (1, 3, 6, 2, 2)]
    assert traffic.ways.tolist() == [2]
    assert (traffic.total.tolist(), traffic.delivered.tolist()) == ([10], [4 * 2 + 6])
    assert traffic.links.tolist() == [5]
    nothing = Traffic.of_one({}, 0.0)
    assert of(nothing, 0) == [(1, 0, 0, 0, 0)]
    assert nothing.ways.tolist() == [0]


def shared(*groups, words):
    return Traffic.shared(tabulated(groups), np.array(words))


def test_words_are_weighted_by_their_ways():
    traffic = shared(np.array([[1.0, 4.0, 0.0, 0.0]]), GROUPS, words=[10.0, 10.0])
    # hops of a way are those of all its sets: 4 over two sets are 2 an access
    assert of(traffic, 1) == [(2, 1, 10, 30, 50), (1, 2, 20, 40, 40)]
    # a way that a mapping has not serves one child, in no set
    assert of(traffic, 0) == [(1, 4, 40, 0, 0), (1, 0, 0, 0, 0)]
    assert traffic.ways.tolist() == [1, 2]


def test_each_mapping_has_the_groups_named_for_it():
    traffic = shared(ALONE, GROUPS, words=[5.0, 10.0])
    assert of(traffic, 0) == [(1, 4, 20, 30, 30), (1, 0, 0, 0, 0)]
    assert of(traffic, 1) == [(2, 1, 10, 30, 50), (1, 2, 20, 40, 40)]


def test_words_are_added_as_ways_of_their_own():
    traffic = two()
    traffic.append(np.array([], dtype=np.int64), [ALONE], np.array([]), np.array([]))
    assert len(traffic.sets) == 1
    traffic.append(np.array([0]), [ALONE], np.array([5.0]), np.array([0]))
    assert of(traffic, 0) == [(1, 4, 40, 0, 0), (1, 4, 20, 30, 30)]
    assert of(traffic, 1) == [(1, 4, 40, 0, 0), (1, 0, 0, 0, 0)]


@pytest.mark.parametrize(
    ("first", "merged"),
    [
        ({}, [(1, 4, 60, 30, 30), (1, 0, 0, 0, 0)]),
        ({"multicast": 2.0}, [(2, 4, 40, 0, 0), (1, 4, 20, 30, 30)]),
        ({"sets": 3.0}, [(1, 3, 40, 0, 0), (1, 4, 20, 30, 30)]),
    ],
)
def test_equal_ways_are_counted_together(first, merged):
    traffic = two(**first)
    traffic.append(np.array([0]), [ALONE], np.array([5.0]), np.array([0]))
    other = of(traffic, 1)
    traffic.merge_equal()
    assert of(traffic, 0) == merged
    assert of(traffic, 1) == other


def test_nothing_is_left_of_mappings_that_are_cut():
    traffic = two()
    traffic.links = np.array([7.0, 8.0])
    traffic.cut(np.array([True, False]))
    assert of(traffic, 0) == [(1, 0, 0, 0, 0)]
    assert of(traffic, 1) == [(1, 4, 40, 0, 0)]
    assert traffic.links.tolist() == [0, 8]


def test_what_carries_nothing_at_other_steps_is_no_way():
    traffic, other = two(accesses=0.5), two(multicast=2.0, sets=3.0)
    traffic.accesses[0, 0] = other.accesses[0, 1] = 0.0
    traffic.links, other.links = np.array([1.0, 2.0]), np.array([10.0, 20.0])
    traffic.drop_empty_ways()
    other.drop_empty_ways()
    traffic.extend(other)
    assert of(traffic, 0) == [(1, 0, 0, 0, 0), (2, 3, 40, 0, 0)]
    assert of(traffic, 1) == [(1, 4, 0.5, 0, 0), (2, 0, 0, 0, 0)]
    assert traffic.links.tolist() == [11, 22]
    assert traffic.ways.tolist() == [1, 1]
