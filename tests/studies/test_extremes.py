"""The extremes of a ratio are those of all corners of the prices."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.studies.extremes import extreme_ratio

ENERGY = st.floats(0.01, 100)


@given(
    st.lists(st.tuples(ENERGY, ENERGY), min_size=1, max_size=6),
    st.floats(0.1, 1),
    st.floats(1, 10),
)
def test_the_extreme_is_that_of_all_corners(energies, low, high):
    dense, scheme = np.array(energies).T
    bounds = np.full((len(dense), 2), [low, high])
    ratios = [
        (np.array(corner) @ dense) / (np.array(corner) @ scheme)
        for corner in itertools.product([low, high], repeat=len(dense))
    ]
    largest = extreme_ratio(dense, scheme, bounds, largest=True)
    smallest = extreme_ratio(dense, scheme, bounds, largest=False)
    assert largest == pytest.approx(max(ratios))
    assert smallest == pytest.approx(min(ratios))
