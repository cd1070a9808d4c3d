"""Layers before anybody has looked at their weights."""

from __future__ import annotations

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks.network import Layer
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.workload.lower import lower, outline
from tests.studies.networks import tiny_network

LAYERS = [*tiny_network().layers, Layer.product("scores", 4, 8, 4)]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_all_but_the_zeros_is_as_where_they_are_known(layer: Layer) -> None:
    whole = QuantizedLayer(layer, "dense", layer.weight, bits=32)
    lowered, outlined = lower(whole, compared_bits=(1, 32)), outline(layer, 32, (1, 32))
    for part in ("layer", "streams", "kind", "window", "images", "compared_bits", "shape"):
        assert getattr(outlined, part) == getattr(lowered, part)
    assert lowered.operands is not None
    assert outlined.operands == lowered.operands.with_effectual(lowered.size)
    assert outlined.density == 1


def test_weights_are_looked_at_when_they_are_asked_for() -> None:
    layer = tiny_network().layers[1]
    outlined = outline(layer, 1)
    assert "levels" not in vars(outlined)
    assert outlined.operands is not None
    assert outlined.operands.weight_bits == 1
    assert (outlined.levels.reshape(layer.weight.shape) == np.sign(layer.weight)).all()


def test_what_cannot_be_lowered_is_refused() -> None:
    misfit = Layer("conv", "conv", np.ones((2, 2, 5, 5)), input_size=(3, 3))
    with pytest.raises(InputError, match="does not fit its 3 x 3 input"):
        outline(misfit, 8)
