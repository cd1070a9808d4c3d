"""The front of points that no other one beats."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hwsim.studies.pareto import pareto_front


def test_by_hand() -> None:
    values = np.array([[1, 5], [2, 4], [2, 5], [3, 4], [4, 1], [1, 5], [np.nan, 0]], float)
    assert pareto_front(values).tolist() == [True, True, False, False, True, True, False]


def test_one_objective_is_the_least() -> None:
    assert pareto_front(np.array([[3.0], [1.0], [2.0], [1.0]])).tolist() == [
        *(False, True, False, True)
    ]


def test_no_points() -> None:
    assert pareto_front(np.zeros((0, 2))).tolist() == []


@given(
    arrays(np.int64, st.tuples(st.integers(1, 12), st.integers(1, 3)), elements=st.integers(0, 4))
)
def test_as_defined(values: np.ndarray) -> None:
    expected = [
        not any((other <= one).all() and (other < one).any() for other in values) for one in values
    ]
    assert pareto_front(values.astype(float)).tolist() == expected
