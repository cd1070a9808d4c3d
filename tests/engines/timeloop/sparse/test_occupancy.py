"""How full tiles are, by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hwsim.engines.timeloop.density.density import FixedStructured, Hypergeometric
from hwsim.engines.timeloop.sparse.occupancy import (
    max_metadata,
    set_expected_occupancy,
    set_metadata_accesses,
)
from hwsim.engines.timeloop.sparse.sparse_tile import Fibertree
from hwsim.engines.timeloop.sparse.tile_metadata import TileEncoding
from hwsim.engines.timeloop.terms.formats import RankFormat, RankOccupancy, Representation
from tests.engines.timeloop.sparse.parts import CP, UOP, compressed, tile

STREWN = Hypergeometric(0.5, 4)  # two of four points


def test_bypassed_levels_hold_nothing():
    bypassed = tile(0)
    set_expected_occupancy([bypassed])
    assert bypassed.occupancy == 0
    assert math.isnan(bypassed.expected_density)


def test_plain_tiles_hold_the_mean():
    # two points drawn: none with chance 1/6, one with 4/6, two with 1/6
    found = tile(2, density=STREWN, instances=6)
    set_expected_occupancy([found])
    assert found.occupancy == pytest.approx(1)
    assert found.expected_density == pytest.approx(0.5)
    assert found.instances == 6
    assert found.ranks == []


def parent_and_child(child=None, parent=None):
    outer = tile(4, density=STREWN, representation=parent, child=0)
    inner = tile(2, density=STREWN, instances=6, parent=1, representation=child)
    inner.fibertree = Fibertree(((),), ((1,), (2,)), (2,))
    outer.fibertree = Fibertree(((),), ((1,), (4,)), (4,))
    set_expected_occupancy([inner, outer])
    return inner, outer


def test_a_parent_without_metadata_sends_empty_tiles_too():
    inner, _ = parent_and_child(child=compressed())
    assert (inner.occupancy, inner.instances) == (pytest.approx(1), 6)


def test_a_parent_with_metadata_sends_no_empty_tiles():
    inner, outer = parent_and_child(parent=compressed())
    # 5 of 6 tiles: four hold one, one holds two
    assert inner.occupancy == pytest.approx(6 / 5)
    assert inner.expected_density == pytest.approx(3 / 5)
    assert inner.instances == pytest.approx(5)
    assert (outer.occupancy, outer.instances) == (2, 1)


def test_metadata_are_means_over_occupancies():
    inner, outer = parent_and_child(child=compressed(CP), parent=compressed(CP))
    # a coordinate for every non-zero; the payload of the innermost rank is the data
    assert inner.ranks == [RankOccupancy(pytest.approx(6 / 5), 0.0, 4, 0)]
    assert outer.ranks == [RankOccupancy(pytest.approx(2), 0.0, 4, 0)]


def test_tiles_that_cannot_be_empty_keep_all_their_instances():
    full = Hypergeometric(1.0, 4)
    outer = tile(4, density=full, representation=compressed(), child=0)
    inner = tile(2, density=full, instances=6, parent=1)
    outer.fibertree = Fibertree(((),), ((1,), (4,)), (4,))
    set_expected_occupancy([inner, outer])
    assert (inner.occupancy, inner.expected_density, inner.instances) == (2, 1, 6)
    none = Hypergeometric(0.0, 4)
    inner.density = outer.density = none
    set_expected_occupancy([inner, outer])
    assert (inner.occupancy, inner.expected_density, inner.instances) == (0, 0, 0)


def two_ranks(density=None, formats=(CP, UOP), order=False, boxes=((1, 1), (1, 4), (2, 4))):
    """Two rows of four points."""
    found = tile(8, box=(2, 4), density=density or FixedStructured(0.25))
    found.representation = Representation(formats, order)
    fibers = (boxes[1][1] // boxes[0][1], boxes[2][0] // boxes[1][0])
    found.fibertree = Fibertree(((), ()), boxes, fibers)
    return found


def test_units_of_two_ranks():
    # with 2 of 8 non-zeros a row of 4 holds one; 1/4 of points are not empty
    (inner, outer) = TileEncoding.of(two_ranks()).units(np.array([2]))
    # one fiber of rows, three offsets; two fibers of points, each with one coordinate
    assert [part.tolist() for part in outer] == [[0.0], [3.0]]
    assert [part.tolist() for part in inner] == [[2.0], [0.0]]


def test_units_for_each_occupancy():
    inner, outer = TileEncoding.of(two_ranks()).units(np.array([0, 1, 8]))
    # with one non-zero a row is empty half the time; with none there is no fiber at all
    assert outer[1].tolist() == [0.0, 3.0, 3.0]
    assert inner[0].tolist() == [0.0, 1.0, 8.0]


def test_units_of_three_ranks():
    """Two planes of two rows of four points, all of them there: fibers multiply up inwards."""
    found = tile(16, box=(2, 2, 4), density=FixedStructured(1.0))
    found.representation = Representation((CP, UOP, UOP))
    found.fibertree = Fibertree(((),) * 3, ((1, 1, 1), (1, 1, 4), (1, 2, 4), (2, 2, 4)), (4, 2, 2))
    inner, middle, outer = TileEncoding.of(found).units(np.array([16]))
    # one fiber of two planes, two of two rows: an offset more than coordinates; four of four points
    assert [part.tolist() for part in outer] == [[0.0], [3.0]]
    assert [part.tolist() for part in middle] == [[0.0], [6.0]]
    assert [part.tolist() for part in inner] == [[16.0], [0.0]]


def test_a_rank_of_one_coordinate_is_left_out_unless_it_is_the_first():
    one_row = two_ranks(formats=(CP, UOP), boxes=((1, 1), (1, 4), (1, 4)))
    one_row.box = (1, 4)
    one_row.dense.size = 4
    inner, outer = TileEncoding.of(one_row).units(np.array([2]))
    # from the outside the outermost rank is the first, and stays
    assert outer[1].tolist() == [2.0]
    one_row.representation = Representation((CP, UOP), inner_to_outer=True)
    inner, outer = TileEncoding.of(one_row).units(np.array([2]))
    assert outer[1].tolist() == [0.0]
    assert inner[0].tolist() == [2.0]


def test_metadata_of_the_fullest_tile():
    assert max_metadata(tile(8)) == []
    # 8 x 0.3 points are at most 3
    found = two_ranks(FixedStructured(0.3))
    assert max_metadata(found) == [
        # 3/8 of 4 points, rounded up to 2, in each of two rows
        RankOccupancy(4.0, 0.0, 4, 0),
        RankOccupancy(0.0, 3.0, 0, 6),
    ]


def test_bits_of_left_out_ranks_are_none():
    one_row = two_ranks(formats=(CP, UOP), order=True, boxes=((1, 1), (1, 4), (1, 4)))
    one_row.box, one_row.dense.size = (1, 4), 4
    assert max_metadata(one_row)[1] == RankOccupancy(0.0, 0.0, 0, 0)


def test_metadata_are_accessed_as_often_as_tiles():
    found = two_ranks()
    found.dense.reads, found.dense.fills, found.dense.updates = 20, 8, 4
    found.ranks = [RankOccupancy(1.5, 0.5, 4, 2), RankOccupancy(0.0, 3.0, 0, 6)]
    set_metadata_accesses(found)
    assert found.format_reads == [[4, 2], [0, 8]]  # 2.5 times, rounded up
    assert found.format_fills == [[2, 1], [0, 3]]
    assert found.format_updates == [[1, 1], [0, 2]]
    assert found.formats["gated_metadata_read"] == [[0, 0], [0, 0]]
    found.formats["gated_metadata_read"][0][0] = 7  # no two actions share their counts
    assert found.formats["random_metadata_read"] == [[0, 0], [0, 0]]


def test_plain_and_bypassed_tiles_have_no_metadata():
    plain, bypassed = tile(8, reads=8), tile(0)
    bypassed.representation = compressed(RankFormat("b", 1, 0))
    for each in (plain, bypassed):
        set_metadata_accesses(each)
        assert each.format_reads == []


def test_coordinates_that_windows_repeat_are_left_out():
    found = two_ranks()
    found.fibertree = replace(found.fibertree, once=(0.5, 0.25))
    inner, outer = TileEncoding.of(found).units(np.array([2]))
    assert [part.tolist() for part in outer] == [[0.0], [0.75]]
    assert [part.tolist() for part in inner] == [[1.0], [0.0]]


def test_what_timeloop_takes_for_impossible_holds_nothing():
    """A half of a full tensor of 98 points: 2^64 - 49 over 49 and back stays below 2^64."""
    found = tile(49, density=Hypergeometric(1.0, 98), representation=compressed(), instances=2)
    assert set_expected_occupancy([found], as_timeloop=True) == [0]
    assert (found.occupancy, found.expected_density, found.instances) == (0.0, 0.0, 2)
    assert found.ranks == []


@pytest.mark.parametrize(("entries", "metadata"), [(1.0, 2.0), (1.5, 3.0), (5.0, 8.0)])
def test_entries_of_run_lengths_have_metadata_each_and_are_no_more_than_points(entries, metadata):
    """Two of eight points; the fullest tile and the mean one are the same."""
    found = tile(8, density=FixedStructured(0.25), representation=compressed())
    found.fibertree, found.entries = Fibertree(((),), ((1,), (8,)), (8,)), entries
    set_expected_occupancy([found])
    assert found.ranks == max_metadata(found) == [RankOccupancy(metadata, 0.0, 4, 0)]
    assert found.occupancy == 2 * entries
