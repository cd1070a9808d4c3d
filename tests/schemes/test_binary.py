from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from hypothesis import given

from hwsim.schemes.binary import Binary
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.schemes.quantizer import Quantizer
from hwsim.schemes.scheme import Levels
from tests.schemes.networks import laplace, layer, network, weights


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


def test_layers_side_by_side_are_quantised_as_each_alone():
    several = {"a": laplace(4, 3), "b": laplace(2, 5), "c": laplace(4, 3).astype(np.float16)}
    layers = {name: layer(name, weight) for name, weight in several.items()}
    for scheme in (Binary(), Binary(scale="one")):
        made = scheme.quantize_layers(layers)
        assert list(made) == ["a", "b", "c"]
        for name, weight in several.items():
            alone = scheme.quantize(weight)
            for part in ("levels", "scale"):
                found, expected = getattr(made[name], part), getattr(alone, part)
                assert (found.dtype, found.tolist()) == (expected.dtype, expected.tolist())
            assert made[name].signs.positive.tolist() == alone.signs.positive.tolist()


@dataclass(frozen=True)
class EveryThird(Binary):
    name: ClassVar[str] = "every-third"
    form: ClassVar[str | None] = None

    def quantize(self, weight):
        made = super().quantize(weight)
        levels = made.levels.copy()
        levels.reshape(-1)[::3] = 0
        return Levels(levels, made.scale)


def test_a_subclass_has_its_own_rule():
    quantizer = Quantizer.of(network(laplace(4, 6)), EveryThird(), "all")
    assert [each.effectual for each in quantizer.layers(["a"])] == [16]
