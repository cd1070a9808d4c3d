import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.schemes._ranking import magnitudes, random_ranks, ranks_of, smallest, zeros_first
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
    expected = [smallest(row, count) for row in table]
    assert np.array_equal(smallest(table, count), np.array(expected, dtype=bool).reshape(-1, 4))


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


@pytest.mark.parametrize("size", [1, 4, 7])
def test_random_ranks_are_a_public_stream(size):
    stream = np.random.default_rng([5, zlib.crc32(b"layer1.0.conv1")])
    expected = stream.integers(1, 2**32, size=size, dtype=np.uint32)
    assert np.array_equal(random_ranks(5, "layer1.0.conv1", size), expected)


def test_ranks_are_the_halves_of_words_and_never_zero():
    words = np.array(
        [0x0000_0002_0000_0001, 0xFFFF_FFFF_0000_0000, 0x0000_0000_0000_0005], np.uint64
    )
    assert ranks_of(words).tolist() == [1, 2, 1, 2**32 - 1, 5, 1]


def test_zeros_go_first():
    ranks = np.array([3, 1, 2], dtype=np.uint32)
    assert zeros_first(ranks, np.array([[0.5], [-0.0], [0]])).tolist() == [3, 0, 0]
    assert zeros_first(ranks, np.array([1e-45, 1, -1], dtype=np.float32)).tolist() == [3, 0, 0]
