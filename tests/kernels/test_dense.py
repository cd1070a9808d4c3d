from dataclasses import replace

import numpy as np
import pytest

from hwsim.kernels.dense import by_filter, onednn, product, sgemm, unfolded
from hwsim.networks.network import Layer

DRAW = np.random.default_rng(1)
WEIGHTS = DRAW.standard_normal((4, 2, 3, 2)).astype(np.float32)
LAYER = Layer(
    "conv",
    "conv",
    WEIGHTS,
    stride=(2, 1),
    padding=(1, 2),
    dilation=(1, 2),
    groups=2,
    input_size=(5, 6),
)
IMAGE = DRAW.standard_normal((4, 5, 6)).astype(np.float32)


def literal():
    padded = np.pad(IMAGE, [(0, 0), (1, 1), (2, 2)])
    P, Q = LAYER.output_size
    found = np.zeros((4, P, Q))
    for k, p, q, c, r, s in np.ndindex(4, P, Q, 2, 3, 2):
        found[k, p, q] += WEIGHTS[k, c, r, s] * padded[k // 2 * 2 + c, 2 * p + r, q + 2 * s]
    return found.reshape(4, -1)


def test_im2col_and_product():
    columns = unfolded(IMAGE, LAYER)
    assert columns.shape == (2, 12, LAYER.columns)
    np.testing.assert_allclose(product(columns, WEIGHTS, LAYER), literal(), atol=1e-5)
    np.testing.assert_array_equal(sgemm(LAYER, WEIGHTS)(IMAGE), product(columns, WEIGHTS, LAYER))


def test_several_images_follow_one_another():
    images = np.stack([IMAGE, 2 * IMAGE, -IMAGE])
    layer = replace(LAYER, images=3)
    expected = np.concatenate([literal(), 2 * literal(), -literal()], axis=1)
    columns = unfolded(images, layer)
    assert columns.shape == (2, 12, layer.columns)
    np.testing.assert_allclose(product(columns, WEIGHTS, layer), expected, atol=1e-5)
    np.testing.assert_allclose(sgemm(layer, WEIGHTS)(images), expected, atol=1e-5)
    pytest.importorskip("torch")
    found = onednn(layer, WEIGHTS)(images).numpy()
    np.testing.assert_allclose(by_filter(found, layer), expected, atol=1e-5)


def test_vectors_of_a_linear_layer():
    layer = Layer("fc", "linear", DRAW.standard_normal((4, 6)), vectors=5)
    given = DRAW.standard_normal((5, 6))
    expected = layer.weight @ given.T
    np.testing.assert_allclose(product(unfolded(given, layer), layer.weight, layer), expected)
    np.testing.assert_allclose(by_filter(given @ layer.weight.T, layer), expected)


def test_onednn_of_torch():
    pytest.importorskip("torch")
    convolve = onednn(LAYER, WEIGHTS)
    np.testing.assert_allclose(convolve(IMAGE)[0].reshape(4, -1), literal(), atol=1e-5)


def test_onednn_is_for_convolutions_with_even_padding():
    linear = Layer("fc", "linear", np.ones((2, 3), np.float32))
    uneven = Layer("conv", "conv", WEIGHTS, padding=(1, 1), padding_end=(0, 1), input_size=(5, 5))
    assert onednn(linear, linear.weight) is None
    assert onednn(uneven, uneven.weight) is None
