import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.kernels.digits import WORTH, digits_of


def read(rows):
    return digits_of(np.array(rows, dtype=np.float32), "conv")


def test_of_two_levels_the_more_frequent_one_is_shared():
    found = read([[-0.5, 0.5, -0.5, -0.5], [2, 2, 2, -2]])
    assert found.digits.tolist() == [[0, 1, 0, 0], [0, 0, 0, 1]]
    assert found.scale.tolist() == [1, -4]
    assert found.shift.tolist() == [-0.5, 2]
    assert found.base == 2
    assert found.shifted


def test_two_levels_in_equal_numbers_count_the_higher_one():
    found = read([[-1, 1]])
    assert (found.digits.tolist(), found.scale.tolist(), found.shift.tolist()) == (
        [[0, 1]],
        [2],
        [-1],
    )


def test_zeros_stay_zeros_however_few_they_are():
    found = read([[0, 3, 3, 3], [-2, 0, -2, -2]])
    assert found.digits.tolist() == [[0, 1, 1, 1], [1, 0, 1, 1]]
    assert found.scale.tolist() == [3, -2]
    assert found.shift.tolist() == [0, 0]
    assert not found.shifted


def test_three_levels_have_a_sign():
    found = read([[0, 1.5, -1.5], [0, 1, 1]])
    assert found.digits.tolist() == [[0, 1, 2], [0, 1, 1]]
    assert found.scale.tolist() == [1.5, 1]
    assert found.base == 3


@pytest.mark.parametrize("level", [0, 3, -3])
def test_a_filter_of_one_level_has_nothing_to_count(level):
    found = read([[level, level]])
    assert found.digits.tolist() == [[0, 0]]
    assert (found.shift + found.scale * found.digits.max()).tolist() == [level]


@pytest.mark.parametrize("row", [[-1, 1, 0, 1], [0, 0, 4, 0], [-3, 1, -3, 1], [2, 2, 5, 2]])
def test_digits_give_the_weights_again(row):
    found = read([row])
    again = found.scale[:, None] * WORTH[found.digits] + found.shift[:, None]
    assert again.tolist() == [row]


@pytest.mark.parametrize("row", [[0, 1, 2], [-1, 0, 2], [-1, 0.5, 1]])
def test_more_levels_are_refused(row):
    with pytest.raises(InputError) as caught:
        read([[1, 1, 1], row])
    assert str(caught.value) == (
        "layer 'conv': expected weights of two levels, or of -a, 0 and a, in a filter; filter 1 "
        "has 3 levels; quantise it, e.g. as binary"
    )
