"""Masks from the vectors that layers were called with, and those of several calls."""

from dataclasses import replace

import numpy as np

from hwsim.networks.graphs.calls import Calls
from hwsim.networks.graphs.masks import mask_of
from hwsim.networks.network import Layer

CONV = Layer("c", "conv", np.ones((2, 3, 1, 1), "f4"), input_size=(4, 5))
LINEAR = Layer("l", "linear", np.ones((2, 3), "f4"), vectors=5)
PRODUCT = Layer.product("p", 2, 3, 7, groups=2)


def _random(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape) < 0.5


def test_vectors_take_the_shape_of_the_input() -> None:
    maps = _random(2, 3, 4, 5)
    vectors = np.moveaxis(maps, 1, -1).reshape(-1, 3)
    assert np.array_equal(mask_of(replace(CONV, images=2), vectors), maps)
    assert np.array_equal(mask_of(CONV, vectors[:20]), maps[0])
    assert mask_of(CONV, vectors) is None
    assert mask_of(CONV, vectors[:20, :2]) is None
    assert np.array_equal(mask_of(LINEAR, vectors[:5]), vectors[:5])
    assert mask_of(LINEAR, vectors[:4]) is None
    rows = _random(7, 6)
    assert mask_of(PRODUCT, rows) is rows


def test_calls_of_a_layer_follow_one_another() -> None:
    calls = Calls()
    maps, rows, left = _random(2, 3, 3, 4, 5), _random(2, 7, 3), _random(2, 7, 12)
    calls.add(replace(CONV, input_masks=maps[:, 0]))
    calls.add(replace(CONV, images=2, input_masks=maps[:, 1:]))
    calls.add(replace(LINEAR, input_masks=rows[:, :5]))
    calls.add(replace(LINEAR, vectors=2, input_masks=rows[:, 5:]))
    calls.add(replace(PRODUCT, input_masks=left[..., :6]))
    calls.add(replace(PRODUCT, input_masks=left[..., 6:]))
    conv, linear, product = calls.layers()
    for layer, expected in ((conv, maps), (linear, rows), (product, left)):
        assert np.array_equal(layer.input_masks, expected)
        assert layer.input_masks.shape[1:] == layer.input_shape
    assert np.array_equal(calls.layers()[0].input_masks, maps)


def test_what_one_call_does_not_tell_is_not_known() -> None:
    calls = Calls()
    calls.add(replace(CONV, input_masks=_random(2, 3, 4, 5)), 3)
    (conv,) = calls.layers()
    assert conv.input_masks.shape == (2, 3, 3, 4, 5)
    assert np.array_equal(conv.input_masks[:, 2], _random(2, 3, 4, 5))
    calls.add(CONV)
    assert calls.layers()[0].input_masks is None
    other = Calls()
    for samples in (1, 2):
        other.add(replace(LINEAR, input_masks=_random(samples, 5, 3)))
    assert other.layers()[0].input_masks is None
