import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from hwsim.bit_rows import BitRows
from hwsim.engines.stonne.fabric.fibers import (
    count_in_fibers,
    fill_short_fibers,
    filled_rows,
)


def test_leading_zeros_are_set_until_three_bits_are():
    bits = np.array(
        [[0, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 1, 1], [1, 1, 0, 0, 1]],
        dtype=bool,
    )
    expected = [[1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [1, 1, 0, 0, 1], [1, 0, 0, 1, 1], [1, 1, 0, 0, 1]]
    assert fill_short_fibers(bits).astype(int).tolist() == expected


def test_fibers_of_one_or_two_become_full():
    assert fill_short_fibers(np.zeros((2, 2), dtype=bool)).all()
    assert fill_short_fibers(np.array([[True], [False]])).all()


@given(hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=9)))
def test_only_short_fibers_change_and_only_by_additions(bits):
    before = bits.copy()
    filled = fill_short_fibers(bits)
    assert np.array_equal(bits, before)
    assert not (bits & ~filled).any()
    counts = np.count_nonzero(bits, axis=-1)
    expected = np.maximum(counts, min(3, bits.shape[-1]))
    assert np.array_equal(np.count_nonzero(filled, axis=-1), expected)
    assert not filled[..., 3:][~bits[..., 3:]].any()


@pytest.mark.parametrize("width", [1, 2, 3, 8, 13, 64])
def test_packed_fibers_are_filled_alike(width):
    bits = np.random.default_rng(width).random((21, width)) < 0.3
    rows = BitRows.of(bits)
    np.testing.assert_array_equal(filled_rows(rows).bits(), fill_short_fibers(bits))
    np.testing.assert_array_equal(rows.bits(), bits)
    assert filled_rows(BitRows.full((4, width))).counts.tolist() == [width] * 4


@pytest.mark.parametrize("width", [5, 64])
def test_fibers_that_do_not_follow_each_other_are_counted(width):
    bits = np.random.default_rng(width).random((3, 7, width)) < 0.3
    assert count_in_fibers(bits[:, ::2]).tolist() == bits[:, ::2].sum(axis=-1).tolist()


@pytest.mark.parametrize("bit", [True, False])
def test_one_bit_may_stand_for_all(bit):
    assert count_in_fibers(np.broadcast_to(np.bool_(bit), (2, 5))).tolist() == [5 * bit] * 2
