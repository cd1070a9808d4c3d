import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.schemes._ranking import magnitudes, smallest, zeros_first
from tests.schemes.networks import weights


@given(st.lists(st.integers(0, 5), min_size=1), st.data())
def test_smallest_equals_a_stable_sort(ranks, data):
    count = data.draw(st.integers(0, len(ranks)))
    expected = np.zeros(len(ranks), dtype=bool)
    expected[np.argsort(ranks, kind="stable")[:count]] = True
    assert np.array_equal(smallest(np.array(ranks), count), expected)


@given(
    st.lists(st.lists(st.integers(-2, 3), min_size=4, max_size=4), max_size=5), st.integers(0, 4)
)
def test_smallest_of_every_row(rows, count):
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    expected = np.array([smallest(row, count) for row in table], dtype=bool).reshape(-1, 4)
    assert np.array_equal(smallest(table, count), expected)
    assert np.array_equal(smallest(np.asfortranarray(table), count), expected)


@pytest.mark.parametrize("count", [1, 700, 1999])
def test_smallest_of_many(count):
    ranks = np.random.default_rng(0).permutation(2000)
    assert np.array_equal(smallest(ranks, count), ranks < count)


@given(weights())
def test_bits_order_as_the_magnitudes_do(weight):
    flat = np.abs(weight.ravel())
    ranks = magnitudes(weight)
    assert ranks.dtype == np.uint32
    assert np.array_equal(np.sign(np.subtract.outer(flat, flat)), _signs(ranks))


def _signs(ranks):
    return np.sign(np.subtract.outer(ranks.astype(np.int64), ranks.astype(np.int64)))


@pytest.mark.parametrize("precision", [np.float16, np.float64, np.longdouble])
def test_magnitudes_of_other_precisions(precision):
    assert magnitudes(np.array([[-2, 1]], dtype=precision)).tolist() == [2, 1]


def test_zeros_go_first():
    ranks = np.array([3, 1, 2], dtype=np.uint32)
    assert zeros_first(ranks, np.array([[0.5], [-0.0], [0]])).tolist() == [3, 0, 0]
    assert zeros_first(ranks, np.array([1e-45, 1, -1], dtype=np.float32)).tolist() == [3, 0, 0]
