"""Feature maps as vectors, and back."""

import itertools

import numpy as np
import pytest

from hwsim.networks.network import Layer
from hwsim.workload.unfold import fold, unfold
from hwsim.workload.workload import ConvolutionWindow

CASES = [
    {},
    {"stride": (2, 1)},
    {"padding": (1, 2)},
    {"dilation": (2, 1), "padding": (2, 0)},
    {"stride": (2, 3), "padding": (1, 1), "groups": 2},
    {"groups": 4},
    {"padding": (0, 2), "padding_end": (3, 0), "stride": (2, 1)},
]


def ends_of(layer):
    """Zeros before and behind, of rows and of columns."""
    return zip(layer.padding, layer.padding_end or layer.padding, strict=True)


def convolution(groups=1, kernel=(3, 2), **more):
    weight = np.ones((4, 4 // groups, *kernel), dtype=np.float32)
    return Layer("conv", "conv", weight, groups=groups, input_size=(7, 6), **more)


@pytest.mark.parametrize("case", CASES)
def test_each_vector_is_what_its_window_sees(case):
    layer = convolution(**case)
    present = np.random.default_rng(0).random(layer.input_shape) < 0.5
    found = unfold(present, layer)
    assert found.shape == (layer.groups, layer.columns, layer.reduction)
    assert found.dtype == np.bool_
    channels = layer.channels // layer.groups
    (P, Q), (R, S) = layer.output_size, layer.kernel
    for g, p, q, c, r, s in itertools.product(
        range(layer.groups), range(P), range(Q), range(channels), range(R), range(S)
    ):
        row = p * layer.stride[0] + r * layer.dilation[0] - layer.padding[0]
        column = q * layer.stride[1] + s * layer.dilation[1] - layer.padding[1]
        inside = 0 <= row < 7 and 0 <= column < 6
        expected = inside and present[g * channels + c, row, column]
        assert found[g, p * Q + q, (c * R + r) * S + s] == expected


@pytest.mark.parametrize("case", CASES)
def test_folding_gives_the_padded_map_as_far_as_windows_reach(case):
    layer = convolution(**case)
    present = np.random.default_rng(1).random(layer.input_shape) < 0.5
    window = ConvolutionWindow(
        layer.channels // layer.groups,
        layer.kernel,
        layer.output_size,
        layer.stride,
        layer.dilation,
    )
    found = fold(unfold(present, layer), window)
    padded = np.pad(present, [(0, 0), *ends_of(layer)])
    padded = padded.reshape(layer.groups, -1, *padded.shape[1:])
    reached = np.zeros_like(padded)
    (P, Q), (R, S) = layer.output_size, layer.kernel
    for p, q, r, s in itertools.product(range(P), range(Q), range(R), range(S)):
        row = p * layer.stride[0] + r * layer.dilation[0]
        reached[:, :, row, q * layer.stride[1] + s * layer.dilation[1]] = True
    expected = (padded & reached)[:, :, : found.shape[2], : found.shape[3]]
    assert (found == expected).all()
    assert not reached[:, :, found.shape[2] :].any()
    assert not reached[:, :, :, found.shape[3] :].any()


def test_linear_layers_take_their_vectors_as_they_are():
    layer = Layer("fc", "linear", np.ones((3, 5), dtype=np.float32), vectors=2)
    present = np.random.default_rng(2).random((2, 5)) < 0.5
    assert layer.input_shape == (2, 5)
    assert (unfold(present, layer) == present[None]).all()


def test_images_follow_one_another():
    layer = convolution(images=3)
    present = np.random.default_rng(1).random((3, 4, 7, 6)) < 0.5
    assert layer.input_shape == present.shape
    one = convolution()
    alone = [unfold(image, one) for image in present]
    assert np.array_equal(unfold(present, layer), np.concatenate(alone, axis=1))


def test_a_product_of_activations_has_its_heads():
    layer = Layer.product("qk", 5, 3, vectors=4, groups=2)
    present = np.random.default_rng(2).random(layer.input_shape) < 0.5
    assert present.shape == (4, 6)
    found = unfold(present, layer)
    assert found.shape == (2, 4, 3)
    assert np.array_equal(found[1], present[:, 3:])
