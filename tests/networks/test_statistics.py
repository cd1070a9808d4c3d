"""Counting zeros and distinct values."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hwsim.networks.statistics import count_unique, count_unique_of_all, count_zeros


@given(hnp.arrays(np.float32, hnp.array_shapes(), elements=st.integers(-3, 3)), st.integers(1, 8))
def test_counts_are_numpys(weight: np.ndarray, limit: int) -> None:
    unique = len(np.unique(weight))
    assert count_unique(weight, limit) == (unique if unique <= limit else None)
    assert count_zeros(weight) == np.sum(weight == 0)


@given(
    hnp.arrays(np.float32, st.integers(0, 9000), elements=st.integers(-900, 900), fill=st.nothing())
)
def test_values_beyond_the_first_glance_are_counted(weight: np.ndarray) -> None:
    assert count_unique(weight) == (
        len(np.unique(weight)) if len(np.unique(weight)) <= 1000 else None
    )


def test_values_far_apart_are_found() -> None:
    weight = np.zeros((100_000, 2), np.float32)
    weight[-1, -1] = 1
    weight[0, 0] = -0.0
    assert count_unique(weight) == 2
    assert count_zeros(weight) == 199_999


@given(
    st.lists(
        hnp.arrays(
            st.sampled_from([np.float32, np.int8]),
            st.sampled_from([(0,), (3, 4), (12,), (5, 400), (2000,)]),
            elements=st.integers(-9, 9),
            fill=st.integers(-1, 1),
        ),
        max_size=6,
    ),
    st.integers(1, 8),
)
def test_counts_of_several_are_those_of_each(weights: list[np.ndarray], limit: int) -> None:
    assert count_unique_of_all(weights, limit) == [count_unique(each, limit) for each in weights]
