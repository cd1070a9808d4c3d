import numpy as np
from hypothesis import given
from hypothesis.extra import numpy as hnp

from hwsim.engines.stonne.fabric.fibers import fill_short_fibers


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
