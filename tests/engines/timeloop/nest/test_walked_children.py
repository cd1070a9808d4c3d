"""What a parent sends where the loops are walked, counted by hand on a small mesh.

Children are numbered row by row. On 3 x 3 they are reached from the middle of the left edge: child
3 over no hop, child 4 over one.
"""

import pytest

from hwsim.engines.timeloop.nest._walked_children import (
    WalkedChildren,
    WalkedTraffic,
)


def words(first, last):
    """A tile of one rank."""
    return (((first,), (last,)),)


def delivered(needs, before, columns=3, rows=3, epochs=5, alone=False, links=True):
    traffic = WalkedTraffic()
    WalkedChildren(columns, rows).deliver(needs, before, epochs, traffic, alone, links)
    return traffic.links, traffic.ways


@pytest.mark.parametrize("neighbour", [1, 3, 5, 7])
def test_a_child_gets_what_its_neighbour_had_a_step_ago(neighbour):
    assert delivered({4: words(0, 2)}, {neighbour: words(0, 2)}) == (2 * 5, {})


@pytest.mark.parametrize(
    ("child", "other"),
    [(4, 0), (4, 2), (4, 6), (4, 8), (4, 4), (3, 2), (2, 3), (1, 7), (7, 1), (3, 5), (5, 3)],
)
def test_who_is_not_beside_it_passes_nothing_on(child, other):
    links, ways = delivered({child: words(0, 2)}, {other: words(0, 2)})
    assert links == 0
    assert {way: accesses for way, (accesses, *_) in ways.items()} == {(1, 1): 2 * 5}


def test_a_neighbour_had_exactly_what_is_needed_or_passes_nothing_on():
    for had in (words(0, 1), words(0, 3), words(1, 3), ()):
        assert delivered({4: words(0, 2)}, {3: had})[0] == 0
    assert delivered({4: words(0, 2)}, {3: words(0, 2)}, links=False)[0] == 0


def test_the_parent_sends_what_no_neighbour_passes_on():
    needs = {3: words(2, 4), 4: words(0, 2)}
    assert delivered(needs, {3: words(0, 2), 4: words(-2, 0)}) == (10, {(1, 1): [10, 0, 0]})
    # both from the parent: two sets of one child, over no hop and over one
    assert delivered(needs, {}) == (0, {(1, 2): [20, 10, 10]})


def test_links_that_save_the_parent_nothing_are_not_used():
    # the parent sends the two words to child 5 in any case: child 4 has them on the way
    needs = {4: words(0, 2), 5: words(0, 2)}
    assert delivered(needs, {3: words(0, 2)}) == (0, {(2, 1): [10, 10 * 2, 10 * (1 + 2)]})


def test_equal_needs_are_served_together_or_each_alone():
    needs = {3: words(0, 2), 4: words(0, 2), 5: words(7, 8)}
    # to 3 and 4 over one hop, of 2 words; to 5 over two, of 1
    shared = {(2, 1): [10, 10, 10 * (0 + 1)], (1, 1): [5, 5 * 2, 5 * 2]}
    assert delivered(needs, {}) == (0, shared)
    alone = {(1, 3): [25, (0 + 1 + 2) * 25 / 3, (0 + 1 + 2) * 25 / 3]}
    assert delivered(needs, {}, alone=True) == (0, alone)


def test_children_that_need_nothing_are_sent_nothing():
    assert delivered({3: (), 4: ()}, {3: (), 4: ()}) == (0, {})
