import numpy as np
from hypothesis import given

from hwsim.schemes.binary import Binary
from hwsim.schemes.quantized import QuantizedLayer
from tests.schemes.networks import layer, weights


def test_by_hand():
    weight = np.array([[1.0, -2, 0, -0.0], [-3, -3, -3, 3]], dtype=np.float32)
    made = Binary().quantize(weight)
    assert made.levels.tolist() == [[1, -1, 1, 1], [-1, -1, -1, 1]]
    assert made.scale.tolist() == [0.75, 3]
    assert Binary(scale="one").quantize(weight).scale.tolist() == [1, 1]


def test_a_filter_of_zeros_is_full_for_the_hardware():
    weight = np.zeros((2, 3), dtype=np.float32)
    made = Binary().quantize(weight)
    assert made.scale.tolist() == [0, 0]
    quantized = QuantizedLayer(layer("a", weight), "binary", made.levels, 1, scale=made.scale)
    assert quantized.mask.all()
    assert quantized.density == 1
    assert quantized.values.tolist() == [[0, 0, 0], [0, 0, 0]]


@given(weights())
def test_sign_by_sign(weight):
    levels = Binary().quantize(weight).levels
    expected = [-1 if w < 0 else 1 for w in weight.ravel()]
    assert levels.ravel().tolist() == expected
    assert levels.dtype == np.int8
