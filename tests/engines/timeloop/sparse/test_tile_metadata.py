"""Averages of tiles of known densities, by hand, and that remembered ones are not mixed up."""

import pytest

from hwsim.engines.timeloop.density.density import FixedStructured, Hypergeometric
from hwsim.engines.timeloop.sparse.sparse_tile import Fibertree
from hwsim.engines.timeloop.sparse.tile_metadata import (
    TileEncoding,
    expected_ranks,
    expected_tile,
    fullest_ranks,
    sent_tiles,
)
from hwsim.engines.timeloop.terms.formats import RankOccupancy
from tests.engines.timeloop.sparse.parts import CP, compressed, tile

STREWN = Hypergeometric(0.5, 4)  # two of four points


def test_all_tiles_are_sent_unless_the_parent_knows_which_are_empty():
    # two points drawn: none with chance 1/6, one with 4/6, two with 1/6
    everything = sent_tiles(STREWN, (2,), parent_knows=False)
    assert everything.occupancies.tolist() == [0, 1, 2]
    assert everything.chances.tolist() == pytest.approx([1 / 6, 4 / 6, 1 / 6])
    assert everything.present == 1.0
    filled = sent_tiles(STREWN, (2,), parent_knows=True)
    assert filled.chances.tolist() == pytest.approx([0.0, 0.8, 0.2])
    assert filled.present == pytest.approx(5 / 6)


def test_nothing_is_sent_that_timeloop_takes_to_be_impossible():
    full = Hypergeometric(1.0, 98)
    assert not len(sent_tiles(full, (49,), parent_knows=False, as_timeloop=True).chances)
    assert expected_tile(full, (49,), False, True) == (None, 1.0, True)
    assert expected_tile(full, (49,), False, False) == (49.0, 1.0, True)


def test_averages_follow_from_what_the_parent_knows():
    assert expected_tile(STREWN, (2,), False, False).occupancy == pytest.approx(1.0)
    assert expected_tile(STREWN, (2,), True, False).occupancy == pytest.approx(1.2)
    assert expected_tile(STREWN, (2,), False, False).occupancy == pytest.approx(1.0)


def encoding(density, size=8, rank=CP):
    found = tile(size, density=density, representation=compressed(rank))
    found.fibertree = Fibertree(((),), ((1,), (size,)), (size,))
    return TileEncoding.of(found)


@pytest.mark.parametrize(
    ("given", "coordinates"),
    [
        (encoding(FixedStructured(0.5)), 4.0),
        (encoding(FixedStructured(0.25)), 2.0),
        (encoding(FixedStructured(0.25), size=16), 4.0),
    ],
)
def test_metadata_are_those_of_the_encoding(given, coordinates):
    expected = (RankOccupancy(coordinates, 0.0, 4, 0),)
    for _ in range(2):  # the second time it is remembered
        assert expected_ranks(given, parent_knows=False, as_timeloop=False) == expected
        assert fullest_ranks(given) == expected
