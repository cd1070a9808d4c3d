"""Counts on grids: by hand, and no wider than they have to be."""

import tracemalloc

import numpy as np
import pytest

from hwsim.engines.timeloop.density._tile_counts import (
    block_sums,
    empty_share,
    most_elements,
    narrowest,
    tally,
    tile_points,
)
from hwsim.engines.timeloop.density.actual_density import ActualData


@pytest.mark.parametrize(
    ("most", "name"), [(1, "uint8"), (255, "uint8"), (256, "uint16"), (65_536, "uint32")]
)
def test_the_narrowest_type_holds_the_largest_count(most, name):
    assert narrowest(most) == np.dtype(name)


@pytest.mark.parametrize("width", [np.uint8, np.uint16, np.uint32])
def test_tally_counts_each_value(width):
    values, times = tally(np.array([[3, 0, 3], [200, 3, 0]], dtype=width))
    assert values.tolist() == [0, 3, 200]
    assert times.tolist() == [2, 3, 1]
    assert values.dtype == np.int64


def test_tally_counts_more_than_it_takes_at_once():
    counts = np.zeros(2**20 + 5, dtype=np.uint8)
    counts[-3:] = 7
    values, times = tally(counts)
    assert (values.tolist(), times.tolist()) == ([0, 7], [2**20 + 2, 3])


def test_empty_share_is_of_the_wholes_with_that_occupancy():
    parts = np.array([[1, 0, 0, 0], [0, 0, 2, 1]], dtype=np.uint8)
    wholes = np.array([[1, 3]], dtype=np.uint8)
    # wholes of 2 x 2 parts: three of four are empty at the left, two of four at the right
    assert empty_share(parts, wholes, np.array([1, 3])).tolist() == [0.75, 0.5]
    # no whole holds two: the share of all parts
    assert empty_share(parts, wholes, np.array([2])).tolist() == [0.625]


def test_uneven_grids_put_the_rest_into_the_groups_that_floor_to_them():
    parts = np.array([0, 1, 0, 0, 1], dtype=np.uint8)  # into two: places 0-2 and 3-4
    wholes = np.array([1, 5], dtype=np.uint8)
    assert empty_share(parts, wholes, np.array([1, 5])).tolist() == [2 / 2.5, 1 / 2.5]
    assert most_elements(np.array([1, 2, 3, 0, 1], dtype=np.uint8), (2,)) == 3


def test_most_elements_counts_the_fullest_fiber():
    elements = np.array([[4, 0, 0, 1], [0, 0, 9, 2]], dtype=np.uint8)
    assert most_elements(elements, (2, 2)) == 2
    assert most_elements(elements, (1, 2)) == 3
    assert most_elements(elements, (2, 1)) == 2
    assert most_elements(np.arange(7, dtype=np.uint8), (3,)) == 2  # 0 1 2, 3 4, 5 6
    assert most_elements(np.ones((300, 3), dtype=np.uint8), (1, 1)) == 900


def test_counts_beyond_a_byte_do_not_wrap():
    density = ActualData(np.ones((40, 512), dtype=bool))
    assert density.max_occupancy((1, 300)) == 300
    assert density.distribution((40, 512)) == (20_480, 1.0)
    assert density.distribution((20, 512))[0].tolist() == [10_240]
    assert density.empty_given((1, 1), (40, 512), 20_480, np.array([20_480])).tolist() == [0.0]
    empty = ActualData(np.zeros((40, 512), dtype=bool))
    assert empty.empty_given((1, 1), (40, 512), 20_480, np.array([0])).tolist() == [1.0]


def test_single_points_take_a_few_bytes_each():
    mask = np.random.default_rng(0).random((2048, 1024)) < 0.3
    density = ActualData(mask)
    outer = np.array([0, 3, 8])
    tracemalloc.start()
    try:
        density.distribution((1, 1))
        density.empty((1, 1))
        density.empty_given((1, 1), (4, 2), 8, outer)
        density.max_elements((1, 1024), (1, 1))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # parts of 2**20 are counted in 64 bits at a time; all else takes a byte or two a point
    assert peak < 8 * 2**20 + 4 * mask.size


def test_block_sums_count_tiles_and_the_rests_at_the_edges():
    mask = np.array([[1, 1, 0, 1, 1], [0, 1, 0, 0, 1], [1, 0, 0, 1, 1]], dtype=bool)
    assert block_sums(mask, (2, 2)).tolist() == [[3, 1, 2], [1, 1, 1]]
    assert block_sums(mask, (1, 1)).tolist() == mask.tolist()
    counts = np.array([[200, 100], [3, 4]], dtype=np.uint8)
    found = block_sums(counts, (1, 2))
    assert found.tolist() == [[300], [7]]
    assert found.dtype == np.uint16
    beyond = block_sums(np.ones((1, 100), dtype=bool), (1, 300))
    assert (beyond.tolist(), beyond.dtype) == ([[100]], np.uint8)


def test_points_of_tiles():
    assert tile_points((3, 5), (2, 2)).tolist() == [[4, 4, 2], [2, 2, 1]]
    assert tile_points((300,), (300,)).tolist() == [300]
    assert tile_points((2,), (5,)).tolist() == [2]


def test_mean_tiles():
    mask = np.zeros((3, 4), dtype=bool)
    mask[0, 0] = mask[2, :3] = True
    density = ActualData(mask)
    # four tiles of 4, 4, 2 and 2 points: the second is empty
    assert density.mean_tile((2, 2), occupied=False) == (1.0, 3.0, 1.0)
    assert density.mean_tile((2, 2), occupied=True) == (4 / 3, 8 / 3, 8 / 12)
    assert density.mean_tile((3, 1), occupied=True) == (4 / 3, 3.0, 9 / 12)
    empty = ActualData(np.zeros((3, 4), dtype=bool))
    assert empty.mean_tile((2, 2), occupied=True) == (0.0, 4.0, 0.0)
    assert empty.mean_tile((2, 2), occupied=False) == (0.0, 3.0, 1.0)
    assert density.occupied((2, 2)).tolist() == [[True, False], [True, True]]


@pytest.mark.parametrize("box", [(2, 1, 1), (1, 3, 1), (1, 1, 5), (4, 6, 5), (2, 4, 3), (3, 1, 2)])
def test_block_sums_of_boxes_that_divide_and_that_do_not(box):
    mask = np.random.default_rng(0).random((4, 6, 5)) < 0.5
    expected = mask.astype(int)
    for axis, length in enumerate(box):
        extent = expected.shape[axis]
        cuts = range(length, extent, length)
        expected = np.stack([part.sum(axis) for part in np.split(expected, cuts, axis)], axis)
    assert block_sums(mask, box).tolist() == expected.tolist()


def test_derived_tensors_are_made_once():
    density = ActualData(np.array([True, False]))
    made = density.derived("other", lambda mask: ~mask)
    assert made.mask.tolist() == [False, True]
    assert density.derived("other", lambda mask: mask) is made
    assert density.derived("same", lambda mask: mask) is not made
