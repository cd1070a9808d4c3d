import numpy as np
import pytest
from hypothesis import given

from hwsim.errors import InputError
from hwsim.schemes.dense import Dense
from tests.schemes.networks import laplace, weights


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_floats_are_handed_through(precision):
    weight = laplace(3, 4)
    assert Dense(precision).quantize(weight).levels is weight


def test_int8_by_hand():
    # Levels of 1/127 and of 0.1: 0.6 levels round to 1, 0.4 to 0.
    weight = np.array([[1.0, 0.6 / 127, 0.4 / 127, -0.6 / 127], [12.7, -0.04, 0.151, 0]])
    made = Dense("int8").quantize(weight).levels
    assert made[0].tolist() == pytest.approx([1, 1 / 127, 0, -1 / 127])
    assert made[1].tolist() == pytest.approx([12.7, 0, 0.2, 0])


def test_halves_go_to_even():
    # Levels of 1: all of these are exact.
    made = Dense("int8").quantize(np.array([[127, 0.5, 1.5, -0.5, -2.5]])).levels
    assert made.tolist() == [[127, 0, 2, 0, -2]]


def test_one_level_for_the_whole_layer():
    weight = np.array([[1.0, 0.5], [0.002, 0.006]])
    assert np.count_nonzero(Dense("int8").quantize(weight).levels) == 4
    made = Dense("int8", "tensor").quantize(weight).levels
    assert (made * 127).ravel().tolist() == pytest.approx([127, 64, 0, 1])


@given(weights())
def test_no_weight_moves_by_more_than_half_a_level(weight):
    made = Dense("int8").quantize(weight).levels
    assert made.shape == weight.shape
    rows, rounded = (each.reshape(len(weight), -1).astype(float) for each in (weight, made))
    step = np.abs(rows).max(axis=1, keepdims=True) / 127
    normal = step > np.finfo(weight.dtype).tiny  # below it numbers have fewer digits
    assert (np.abs(rounded - rows) <= 0.501 * step)[np.broadcast_to(normal, rows.shape)].all()
    assert not made[weight == 0].any()
    assert all(len(np.unique(row)) <= 255 for row in rounded)


def test_a_filter_of_zeros_stays_one():
    made = Dense("int8").quantize(np.zeros((2, 3), np.float32)).levels
    assert made.tolist() == [[0] * 3] * 2


def test_a_share_of_zeros_appears():
    zeros = 1 - np.count_nonzero(Dense("int8").quantize(laplace(64, 576)).levels) / (64 * 576)
    # Half a level of 127 in a filter whose largest of 576 is near ln(576) scales: 2.5 %.
    assert 0.015 < zeros < 0.04


def test_per_has_an_effect_with_int8_only():
    with pytest.raises(InputError, match="per has an effect only with precision=int8"):
        Dense("fp16", "tensor")
