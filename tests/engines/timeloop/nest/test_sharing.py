"""Which children share a data space, and which could pass words on, told by hand."""

import numpy as np
import pytest

from hwsim.engines.timeloop.nest._sharing import SpatialSharing
from hwsim.engines.timeloop.nest.loops import LoopRow


def sharing(projection, links=True, multicast=True, hops=False):
    return SpatialSharing(np.array(projection), (4, 4), multicast, links, hops)


def row(dimension, *ends, step=1.0):
    """A loop of two mappings or more."""
    one = np.ones(len(ends))
    return LoopRow(np.full(len(ends), dimension), np.array(ends, dtype=float), step * one, one)


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
    spatial = [row(0, 3, 1, 2), row(1, 2, 1, 1, step=5.0)]
    reach = window.reach(spatial)
    assert reach[:, 0].tolist() == [2 * 1 + 1 * 10, 15]
    assert reach[:, 2].tolist() == [1, 0]
    assert (reach[:, 1] < 0).all()  # an only child has no neighbour
    assert window.reach([]) is None
    assert sharing([[1, 2]], links=False).reach(spatial) is None
