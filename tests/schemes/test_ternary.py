import numpy as np
import pytest
from hypothesis import given

from hwsim.errors import InputError
from hwsim.schemes.signed_binary import SignedBinary
from hwsim.schemes.ternary import Ternary
from tests.schemes.networks import weights


def test_twn_by_hand():
    # mean(abs(w)) = 12 / 6 = 2 over the layer, threshold 1.4; a = (4 + 2 + 3) / 3.
    weight = np.array([[4.0, -2, 1], [-1, 1, 3]], dtype=np.float32)
    made = Ternary().quantize(weight)
    assert made.levels.tolist() == [[1, -1, 0], [0, 0, 1]]
    assert made.scale.tolist() == [3, 3]


def test_twn_is_strict():
    # The threshold is 0.5 * 2 = 1 exactly: a weight of 1 is not beyond it.
    weight = np.array([[3.0, 1, -1, -3]], dtype=np.float32)
    assert Ternary(factor=0.5).quantize(weight).levels.tolist() == [[1, 0, 0, -1]]


def test_twn_where_the_threshold_is_no_single_precision_number():
    # 0.7 of the mean lies just below the second weight, which is beyond it.
    weight = np.array([[1.0009766, 0.5389874]], dtype=np.float32)
    assert weight[0, 1] > 0.7 * weight.astype(np.float64).mean() > np.nextafter(weight[0, 1], 0)
    assert Ternary().quantize(weight).levels.tolist() == [[1, 1]]


@given(weights())
def test_twn_weight_by_weight(weight):
    threshold = 0.7 * (np.abs(weight.astype(np.float64)).sum() / weight.size)
    levels = Ternary().quantize(weight).levels.ravel()
    for level, w in zip(levels, weight.ravel(), strict=True):
        if abs(abs(float(w)) - threshold) > 1e-12 * threshold:  # rounding of the mean
            assert level == (0 if abs(float(w)) <= threshold else np.sign(w))


def test_max_by_hand():
    weight = np.array([[2.0, -0.5, 0.4, -2], [0.1, 0, 0, 0]], dtype=np.float32)
    made = Ternary(threshold="max", delta=0.25).quantize(weight)
    assert made.levels.tolist() == [[1, -1, 0, -1], [1, 0, 0, 0]]
    assert made.scale.tolist() == pytest.approx([1.5, 0.1])


@given(weights())
def test_max_is_signed_binary_with_both_signs(weight):
    both = Ternary(threshold="max").quantize(weight).levels
    positive = SignedBinary(p=1).quantize(weight).levels
    negative = SignedBinary(p=0).quantize(weight).levels
    assert np.array_equal(both, positive + negative)


@pytest.mark.parametrize("threshold", ["twn", "max"])
def test_zeros_stay_zero(threshold):
    made = Ternary(threshold=threshold).quantize(np.zeros((2, 3), dtype=np.float32))
    assert not made.levels.any()
    assert made.scale.tolist() == [0, 0]
    assert Ternary(scale="one").quantize(np.ones((1, 2))).scale.tolist() == [1]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"delta": 0.1},
            "scheme 'ternary': delta has an effect only with threshold=max. Got threshold=twn",
        ),
        (
            {"factor": 0.1, "threshold": "max"},
            "scheme 'ternary': factor has an effect only with threshold=twn. Got threshold=max",
        ),
    ],
)
def test_idle_parameters(parameters, message):
    with pytest.raises(InputError) as caught:
        Ternary(**parameters)
    assert str(caught.value) == message
