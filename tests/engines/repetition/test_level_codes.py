"""Weights as codes."""

import numpy as np
import pytest

from hwsim.engines.repetition import LevelCodes
from hwsim.errors import InputError


def test_small_integers_are_their_own_codes():
    weights = LevelCodes.of(np.array([[-2, 0, 1, 3]], np.int8))
    assert weights.codes.tolist() == [[-2, 0, 1, 3]]
    assert weights.largest == 3
    assert weights.base == 7
    assert weights.unit.tolist() == [[False, False, True, True, True, False, False]]
    assert weights.multiplies


def test_signs_need_no_multiplication():
    weights = LevelCodes.of(np.zeros((2, 3), np.bool_))
    assert (weights.largest, weights.base, weights.multiplies) == (1, 3, False)


def test_the_lowest_byte_has_a_negative():
    weights = LevelCodes.of(np.array([[-128, 127]], np.int8))
    assert (weights.largest, weights.codes.dtype) == (128, np.int16)


def test_other_numbers_are_numbered_by_magnitude_in_each_filter():
    levels = np.array([[0.5, -0.5, 0.0, 2.0], [1.0, -3.0, 1.0, 1.0]])
    weights = LevelCodes.of(levels)
    assert weights.codes.tolist() == [[1, -1, 0, 2], [1, -2, 1, 1]]
    unit = [[False, False, True, False, False], [False, True, True, True, False]]
    assert weights.unit.tolist() == unit


def test_ranks_number_a_filters_own_levels_and_zero_last():
    weights = LevelCodes.of(np.array([[-2, 0, 1, 1], [0, 0, 2, 0]], np.int8))
    # codes        -2 -1  0  1  2
    assert weights.ranks.tolist() == [[0, 1, 2, 1, 2], [0, 0, 1, 0, 0]]


def test_256_levels_are_the_most():
    levels = np.arange(256.0) - 128
    for shift in (0, 128):  # zero in the middle, and at the end
        assert len(np.unique(LevelCodes.of((levels + shift)[None]).codes)) == 256
    with pytest.raises(InputError) as refused:
        LevelCodes.of(np.append(levels, 128)[None])
    assert str(refused.value) == (
        "filter 0 has 257 levels; repetition has nothing to count beyond 256: choose a scheme with "
        "few levels (binary, ternary, signed-binary, dense:precision=int8)"
    )


@pytest.mark.parametrize("shape", [(3,), (0, 3), (2, 0)])
def test_what_is_no_matrix_is_refused(shape):
    with pytest.raises(InputError, match="levels should have the shape"):
        LevelCodes.of(np.zeros(shape, np.int8))


def test_not_a_number_has_no_level():
    with pytest.raises(InputError, match="filter 1: a weight that is not a number has no level"):
        LevelCodes.of(np.array([[1.0, 2.0], [np.nan, 1.0]]))


def test_rows_are_some_of_the_filters():
    weights = LevelCodes.of(np.array([[1.0, 2.0], [5.0, 1.0]])).rows(1, 2)
    assert weights.codes.tolist() == [[2, 1]]
    assert weights.unit.tolist() == [[False, True, True, True, False]]
