"""Metadata of single ranks, by hand."""

import numpy as np

from hwsim.engines.timeloop.terms.formats import RankFormat, rank_units, without_innermost_payload

HALF = np.array([0.5])
NEVER = np.array([0.0])


def units(name, fibers, fiber, empty_fiber, empty_coordinate):
    rank = RankFormat(name, 4, 8)
    return [
        array.tolist() for array in rank_units(rank, fibers, fiber, empty_fiber, empty_coordinate)
    ]


def test_units_of_each_format():
    # two fibers of eight coordinates; a coordinate is empty with a chance of one half
    assert units("cp", 2, 8, NEVER, HALF) == [[8.0], [8.0]]
    assert units("rle", 2, 8, NEVER, HALF) == [[8.0], [8.0]]
    assert units("b", 2, 8, NEVER, HALF) == [[16.0], [8.0]]
    assert units("uop", 2, 8, NEVER, HALF) == [[0.0], [18.0]]
    assert units("ub", 2, 8, HALF, HALF) == [[16.0], [16.0]]
    assert units("u", 2, 8, NEVER, HALF) == [[0.0], [0.0]]


def test_empty_fibers_have_no_metadata():
    assert units("b", 2, 8, HALF, HALF) == [[8.0], [4.0]]


def test_coordinates_are_whole_and_runs_are_not():
    third = np.array([1 / 3])
    assert units("cp", 1, 4, NEVER, third)[0] == [3.0]
    assert units("rle", 1, 4, NEVER, third)[0] == [4 * (1 - 1 / 3)]


def test_payload_of_the_innermost_rank_is_the_data():
    inner, outer = (np.array([3.0]), np.array([3.0])), (np.array([0.0]), np.array([5.0]))
    (_, dropped), (_, kept) = without_innermost_payload([inner, outer])
    assert (dropped.tolist(), kept.tolist()) == ([0.0], [5.0])
