"""Averages a block at a time are those over all weights at once, to the last bit."""

import numpy as np
import pytest

from hwsim.networks.filter_facts import facts_of
from hwsim.schemes._magnitudes import mean_of_layer, means_of_effectual
from tests.schemes.networks import laplace

#: More than a block, rows of more and of less than numpy sums at a time, one row alone.
SHAPES = [(130, 4608), (41, 9000), (70_000, 9), (1, 700_001), (3, 5)]


@pytest.mark.parametrize("shape", SHAPES)
def test_of_filters_and_of_layers(shape):
    rows = laplace(*shape)
    magnitudes, marks = np.abs(rows), rows > 0.3
    assert (facts_of(rows).mean_magnitude == magnitudes.mean(axis=1, dtype=np.float64)).all()
    assert mean_of_layer(rows) == magnitudes.mean(dtype=np.float64)
    magnitudes *= marks
    sums, counts = magnitudes.sum(axis=1, dtype=np.float64), marks.sum(axis=1)
    expected = (sums / np.maximum(counts, 1)).astype(rows.dtype)
    assert (means_of_effectual(rows, lambda piece: marks[piece]) == expected).all()
    places = marks.reshape(-1, 1)
    of_all = magnitudes.sum(dtype=np.float64) / max(int(marks.sum()), 1)
    assert mean_of_layer(rows, lambda piece: places[piece]) == of_all


def test_nothing_that_counts_is_zero_on_average():
    rows = laplace(4, 6)
    none = np.zeros((24, 1), dtype=bool)
    assert mean_of_layer(rows, lambda piece: none[piece]) == 0
    assert means_of_effectual(rows, lambda piece: none.reshape(4, 6)[piece]).tolist() == [0] * 4
