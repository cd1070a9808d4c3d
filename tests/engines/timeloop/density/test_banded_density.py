"""Bands counted by hand. Of 6 x 6 with a width of 1 the rows hold 2, 3, 3, 3, 3 and 2."""

import numpy as np
import pytest

from hwsim.engines.timeloop.density.banded_density import Banded
from hwsim.errors import InputError

BAND = Banded(1).of_tensor((6, 6))


def test_name_and_sides():
    assert BAND.name == "banded-1"
    assert Banded(1, 6) == BAND


@pytest.mark.parametrize(
    ("box", "shape"), [((6, 5), "6 x 5"), ((6,), "6"), ((2, 2, 2), "2 x 2 x 2")]
)
def test_only_square_matrices_have_a_band(box, shape):
    with pytest.raises(InputError) as caught:
        Banded(1).of_tensor(box)
    assert str(caught.value) == (
        f"densities: a banded tensor has to be a square matrix. Got {shape}"
    )


@pytest.mark.parametrize(
    ("box", "occupancies", "chances"),
    [
        # 2 x 2 tiles: three on the diagonal are full, four beside it hold a corner, two nothing
        ((2, 2), [0, 1, 4], [2 / 9, 4 / 9, 3 / 9]),
        # 3 x 3: two on the diagonal hold 7, two hold the corner between
        ((3, 3), [1, 7], [0.5, 0.5]),
        # single points: 16 of 36
        ((1, 1), [0, 1], [20 / 36, 16 / 36]),
        # whole rows, mirrored: the first and the last hold 2, the others as the second, 3
        ((1, 6), [2, 3], [2 / 6, 4 / 6]),
        ((6, 6), [16], [1.0]),
        ((4, 4), [10], [1.0]),  # of what does not divide there is the first alone
        # 1 x 2: of rows 0 and 5 one tile holds 2 and two nothing; the others as row 1: 2, 1, 0
        ((1, 2), [0, 1, 2], [8 / 18, 4 / 18, 6 / 18]),
    ],
)
def test_chances_are_shares_of_tiles(box, occupancies, chances):
    found, shares = BAND.distribution(box)
    assert found.tolist() == occupancies
    assert shares == pytest.approx(chances)
    assert BAND.empty(box) == pytest.approx(chances[0] if occupancies[0] == 0 else 0)
    assert BAND.max_occupancy(box) == occupancies[-1]


def test_rows_between_are_copies_of_the_first_that_the_band_crosses_whole():
    # width 2 in 8 x 8, one row at a time: 3, 4, 5, 5, 5, 5, 4 and 3 in rows
    occupancies, shares = Banded(2, 8).distribution((1, 8))
    assert occupancies.tolist() == [3, 4, 5]
    assert shares.tolist() == [2 / 8, 2 / 8, 4 / 8]


def test_a_band_as_wide_as_the_matrix_is_full():
    full = Banded(7, 8)
    assert full.distribution((2, 4))[0].tolist() == [8]
    assert full.empty((2, 4)) == 0
    assert full.expected((2, 4)) == 8
    diagonal = Banded(0, 4)
    assert diagonal.expected((4, 4)) == 4
    assert diagonal.distribution((1, 1))[1].tolist() == [0.75, 0.25]


def test_most_of_so_many_points():
    assert BAND.max_occupancy_of_size(2) == 2
    assert BAND.max_occupancy_of_size(3) == 3
    assert BAND.max_occupancy_of_size(10) == 3
    assert Banded(3, 8).max_occupancy_of_size(10) == 7


def test_expected_is_the_share_of_the_matrix():
    assert BAND.expected((1, 1)) == 16 / 36
    assert BAND.expected((2, 3)) == pytest.approx(6 * 16 / 36)
    assert Banded(2, 6).expected((6, 6)) == pytest.approx(6 + 2 * 5 + 2 * 4)


def test_empty_parts_of_the_first_tile_of_an_occupancy():
    # the first 3 x 3 tile of 7 starts at the origin: two of its nine points are zero
    assert BAND.empty_given((1, 1), (3, 3), 9, np.array([7])).tolist() == [pytest.approx(2 / 9)]
    # full and corner tiles of 2 x 2
    assert BAND.empty_given((1, 1), (2, 2), 4, np.array([4])).tolist() == [0.0]
    assert BAND.empty_given((1, 2), (2, 2), 4, np.array([0])).tolist() == [1.0]


@pytest.mark.parametrize(("part", "tile", "held"), [((4, 2), (2, 4), 5), ((2, 4), (4, 2), 5)])
def test_parts_that_reach_beyond_the_tile_have_no_share(part, tile, held):
    band = Banded(1, 8)
    assert np.isnan(band.empty_given(part, tile, 8, np.array([held]))).tolist() == [True]


@pytest.mark.parametrize("part", [(1, 2), (2, 1)])
def test_parts_of_the_tile_at_the_origin_are_counted(part):
    diagonal = Banded(0, 4)
    assert diagonal.empty_given(part, (4, 4), 16, np.array([4])).tolist() == [0.5]
    assert diagonal.max_elements((4, 4), part) == 4


def test_parts_are_stepped_from_twice_the_corner_as_timeloop_does():
    # the first 2 x 2 tile with 1 non-zero starts at (0, 2). Timeloop adds its corner twice and
    # counts points from there to the end of the part at the corner: nothing, or (2, 2) wide
    assert BAND.empty_given((1, 1), (2, 2), 4, np.array([1])).tolist() == [1.0]


def test_the_first_tile_of_an_occupancy_is_the_example():
    assert BAND._example((2, 2), 4) == (0, 0)
    assert BAND._example((2, 2), 1) == (0, 2)
    assert BAND._example((2, 2), 0) == (0, 4)
    assert BAND._example((1, 2), 1) == (1, 2)


def test_an_occupancy_that_no_tile_has_is_refused():
    with pytest.raises(InputError) as caught:
        BAND.empty_given((1, 1), (2, 2), 4, np.array([3]))
    assert str(caught.value) == (
        "densities: no tile of 2 x 2 in a band of width 1 has 3 non-zeros; choose tiles that "
        "divide the matrix"
    )


def test_most_elements_of_a_fiber():
    # as many as the fullest tile's share of empty parts, in Timeloop: none here
    assert BAND.max_elements((2, 2), (1, 1)) == 0
    assert BAND.max_elements((3, 3), (1, 1)) == 2
    assert BAND.max_elements((6, 6), (1, 1)) == 20
    assert BAND.max_elements((6, 6), (2, 2)) == 2
