"""Rows of bits are what the bits are, packed or one for all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hwsim.bit_rows import BitRows

SHAPES = hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=19)


@given(hnp.arrays(bool, SHAPES))
def test_they_are_the_bits_that_went_in(bits):
    rows = BitRows.of(bits)
    assert (rows.shape, rows.size, rows.dtype) == (bits.shape, bits.size, bits.dtype)
    np.testing.assert_array_equal(rows.bits(), bits)
    assert rows.counts.tolist() == np.count_nonzero(bits, axis=-1).tolist()
    assert not rows.all_set
    assert rows.nbytes == bits[..., 0].size * -(-bits.shape[-1] // 8)


@given(SHAPES)
def test_one_byte_stands_for_all(shape):
    for rows in (BitRows.full(shape), BitRows.of(np.broadcast_to(np.True_, shape))):
        assert rows.shape == shape
        assert rows.bits().all()
        assert np.all(rows.counts == shape[-1])
        assert rows.nbytes <= 1
    nothing = BitRows.of(np.broadcast_to(np.False_, shape))
    assert not nothing.bits().any()
    assert not nothing.counts.any()


@given(hnp.arrays(bool, (7, 13)), st.booleans())
def test_rows_are_chosen_joined_and_counted(bits, every):
    bits = bits | every
    rows = BitRows.full(bits.shape) if every else BitRows.of(bits)
    some = np.array([6, 0, 0, 3])
    np.testing.assert_array_equal(rows[some].bits(), bits[some])
    np.testing.assert_array_equal(rows[2:5].bits(), bits[2:5])
    joined = rows.joined(np.array([0, 1, 4]))
    expected = [bits[:1].any(axis=0), bits[1:4].any(axis=0), bits[4:].any(axis=0)]
    np.testing.assert_array_equal(joined.bits(), expected)
    assert joined.counts.tolist() == [int(each.sum()) for each in expected]
    assert rows.count_columns().tolist() == bits.sum(axis=0).tolist()
    assert [part.bits().tolist() for part in rows.parts()] == [[row] for row in bits.tolist()]
    marked = bits[:, 0]
    other = rows.with_rows(marked, ~bits[marked])
    np.testing.assert_array_equal(other.bits(), np.where(marked[:, None], ~bits, bits))
    np.testing.assert_array_equal(rows.bits(), bits)


@pytest.mark.parametrize("shape", [(6, 16), (2, 3, 16)])
def test_rows_have_another_shape(shape):
    bits = np.random.default_rng(0).random((6, 16)) < 0.5
    np.testing.assert_array_equal(BitRows.of(bits).reshape(*shape[:-1]).bits(), bits.reshape(shape))


def test_more_rows_are_counted_than_a_byte_counts():
    bits = np.random.default_rng(0).random((600, 9)) < 0.9
    assert BitRows.of(bits).count_columns().tolist() == bits.sum(axis=0).tolist()
