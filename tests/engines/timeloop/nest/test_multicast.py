"""Who shares data with whom, over which hops, counted by hand on small meshes."""

import numpy as np

from hwsim.engines.timeloop.nest._multicast import Children


def children(offsets, columns, rows, **kinds):
    return Children(np.array(offsets, dtype=np.int64).reshape(-1, 1), columns, rows, **kinds)


def groups(found):
    """Rows of multicast, sets, hops and unicast hops."""
    return [tuple(row) for row in found.tolist()]


def test_a_row_of_children_is_served_together_or_one_by_one():
    # along the row to the last of four: 3 hops; each on its own: 0 + 1 + 2 + 3
    shared, linked = children([5, 5, 5, 5], 4, 1).sharing(None)
    assert (groups(shared), linked) == ([(4, 1, 3, 6)], 0)
    alone, _ = children([5, 5, 5, 5], 4, 1, multicast=False).sharing(None)
    assert groups(alone) == [(1, 4, 6, 6)]


def test_columns_are_reached_from_the_middle_of_the_edge():
    # three rows of two: the middle row, then one up and one down in each column
    shared, _ = children([0] * 6, 2, 3).sharing(None)
    assert groups(shared) == [(6, 1, 1 + 2 * 2, (1 + 0 + 1) * 2 + 3 * 1)]
    # two rows: half a hop to either
    pair, _ = children([0] * 2, 1, 2).sharing(None)
    assert groups(pair) == [(2, 1, 1.0, 1.0)]


def test_sliding_windows_have_several_multicast_factors():
    shared, _ = children([0, 1, 2, 1, 2, 3], 3, 2).sharing(None)
    assert [(row[0], row[1]) for row in groups(shared)] == [(1, 2), (2, 2)]


def test_neighbours_pass_on_what_they_had():
    row = children([0, 1, 2, 3], 4, 1)
    without, _ = row.sharing(None)
    with_links, linked = row.sharing((1,))
    assert (groups(without)[0][:2], groups(with_links)[0][:2], linked) == ((1, 4), (1, 1), 3)
    assert row.links_save((1,))
    assert not row.links_save((2,))  # nobody that near has it
    everybody, linked = row.sharing((0,))
    assert (linked, row.links_save((0,))) == (0, False)
    assert groups(everybody) == groups(without)


def test_the_last_of_a_row_is_no_neighbour_of_the_first_of_the_next():
    found = children([0, 7, 1, 9], 2, 2)  # 7 ends the first row, 1 begins the second
    assert found.sharing((-6,))[1] == 0  # what 7 would want of 1
    assert found.sharing((6,))[1] == 0  # what 1 would want of 7
    assert found.sharing((1,))[1] == 1  # below 0 stands 1


def test_the_first_has_no_neighbour_before_it():
    for mesh in ((3, 1), (1, 3)):  # the last, 9, is not beside 0
        assert children([0, 4, 9], *mesh).sharing((9,))[1] == 0
        assert children([0, 4, 9], *mesh).sharing((-9,))[1] == 0
        assert children([0, 4, 9], *mesh).sharing((-5,))[1] == 1  # before 9 stands 4


def test_every_copy_but_the_outermost_finds_its_neighbour():
    row, column = children([0, 1, 2, 3], 4, 1), children([0, 1, 2, 3], 1, 4)
    for line in (row, column):
        assert [line.sharing((offset,))[1] for offset in (-1, 1)] == [3, 3]
    # the parent serves the first, over no hop, or the last
    assert groups(row.sharing((-1,))[0]) == [(1, 1, 0, 0)]
    assert groups(row.sharing((1,))[0]) == [(1, 1, 3, 3)]


def test_links_save_sets_not_hops():
    assert children([0, 1], 2, 1).links_save((1,))  # the one that is left is the farther one


def test_a_mesh_that_is_not_filled():
    found = children([0, 1, 2], 2, 2)
    assert found.sharing((-2,))[1] == 1  # above 2 stands 0
    assert found.sharing((-1,))[1] == 1
    assert found.sharing((1,))[1] == 1  # 1 has no neighbour below


def test_a_neighbour_has_to_have_it_in_every_rank():
    offsets = np.array([[0, 0], [1, 5], [2, 10]], dtype=np.int64)
    found = Children(offsets, 3, 1)
    assert [found.sharing(offset)[1] for offset in ((1, 5), (1, 0), (0, 5))] == [2, 0, 0]


def test_hops_are_those_of_each_group():
    # three share above and on the middle row: one hop along, one up each column; the others are
    # alone: one hop along, one down, and one along and down
    shared, _ = children([20, 20, 20, 9, 11, 13], 2, 3).sharing(None)
    assert groups(shared) == [(1, 3, 4, 4), (3, 1, 3, 3)]


def test_offsets_below_nothing_are_told_apart():
    offsets = np.array([[-1, 0], [0, -1], [-1, 0], [0, 0]], dtype=np.int64)
    found, _ = Children(offsets, 4, 1).sharing(None)
    assert [(row[0], row[1]) for row in groups(found)] == [(1, 2), (2, 1)]


def test_all_may_be_served_by_neighbours():
    ring = children([0, 0, 0, 0], 2, 2)
    found, linked = ring.sharing((0,))
    assert (found.shape, linked) == ((0, 4), 4)


def test_a_row_may_be_longer_than_a_machine_word_counts():
    offsets = [0, 1, 0, 2, 1]
    whole, longer = children(offsets, 5, 1), children(offsets, 4**53, 1)
    for offset in (None, (1,), (-1,)):
        served, linked = whole.sharing(offset)
        far, also = longer.sharing(offset)
        assert (served.tolist(), linked) == (far.tolist(), also)
