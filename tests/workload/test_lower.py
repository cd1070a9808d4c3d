import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.errors import InputError
from hwsim.networks.network import Layer
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.workload import lower


def lowered(layer, values=None):
    values = layer.weight if values is None else values
    return lower(QuantizedLayer(layer, "dense", values, bits=32))


def convolve(image, weight, layer):
    """Direct convolution: image (C, H, W), weight (K, C/G, R, S) -> (K, P, Q)."""
    (pad_rows, pad_columns), (row_step, column_step) = layer.padding, layer.stride
    padded = np.pad(image, ((0, 0), (pad_rows, pad_rows), (pad_columns, pad_columns)))
    filters, depth, rows, columns = weight.shape
    out = np.zeros((filters, *layer.output_size), dtype=int)
    for k, p, q in np.ndindex(out.shape):
        first = k // (filters // layer.groups) * depth
        for c, r, s in np.ndindex(depth, rows, columns):
            y = p * row_step + r * layer.dilation[0]
            x = q * column_step + s * layer.dilation[1]
            out[k, p, q] += padded[first + c, y, x] * weight[k, c, r, s]
    return out


def unfold(image, layer):
    """im2col: image (C, H, W) -> one (C/G * R * S, P * Q) matrix a group."""
    (pad_rows, pad_columns), (rows, columns) = layer.padding, layer.kernel
    padded = np.pad(image, ((0, 0), (pad_rows, pad_rows), (pad_columns, pad_columns)))
    reach = [d * (w - 1) + 1 for d, w in zip(layer.dilation, layer.kernel, strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(1, 2))
    windows = windows[:, :: layer.stride[0], :: layer.stride[1]]
    windows = windows[..., :: layer.dilation[0], :: layer.dilation[1]]
    depth = layer.channels // layer.groups
    by_group = windows.reshape(layer.groups, depth, *windows.shape[1:])
    unrolled = by_group.transpose(0, 1, 4, 5, 2, 3)
    return unrolled.reshape(layer.groups, depth * rows * columns, -1)


@st.composite
def convolutions(draw):
    pair = lambda low, high: st.tuples(st.integers(low, high), st.integers(low, high))  # noqa: E731
    groups = draw(st.integers(1, 3))
    kernel, dilation = draw(pair(1, 3)), draw(pair(1, 2))
    reach = [d * (w - 1) + 1 for d, w in zip(dilation, kernel, strict=True)]
    size = tuple(draw(st.integers(extent, extent + 4)) for extent in reach)
    shape = (groups * draw(st.integers(1, 3)), draw(st.integers(1, 3)), *kernel)
    seed = draw(st.integers(0, 2**16))
    weight = np.random.default_rng(seed).integers(0, 2, shape).astype(np.float32)
    return Layer(
        "conv",
        "conv",
        weight,
        stride=draw(pair(1, 3)),
        padding=draw(pair(0, 2)),
        dilation=dilation,
        groups=groups,
        input_size=size,
    )


@settings(max_examples=150, deadline=None)
@given(convolutions())
def test_gemm_of_the_lowered_weights_is_the_convolution(layer):
    shape = (layer.channels, *layer.input_size)
    image = np.random.default_rng(1).integers(-9, 10, shape)
    workload = lowered(layer)
    columns = unfold(image, layer)

    assert columns.shape == (workload.groups, workload.K, workload.N)
    product = np.matmul(workload.nonzeros.astype(int), columns)
    expected = convolve(image, layer.weight.astype(int), layer)
    np.testing.assert_array_equal(product.reshape(expected.shape), expected)
    assert workload.macs == layer.macs


def test_depthwise_convolution_is_one_gemm_of_one_filter_a_channel():
    layer = Layer(
        "dw", "conv", np.ones((32, 1, 3, 3)), padding=(1, 1), groups=32, input_size=(112, 112)
    )
    workload = lowered(layer)
    assert (workload.groups, workload.M, workload.K, workload.N) == (32, 1, 9, 12544)
    assert workload.dataflow == "MK_STA_KN_STR"
    assert workload.macs == 32 * 9 * 12544


def test_linear_layer_streams_its_vectors_past_stationary_weights():
    layer = Layer("head", "linear", np.ones((1000, 768)), vectors=197)
    workload = lowered(layer)
    assert (workload.groups, workload.M, workload.K, workload.N) == (1, 197, 768, 1000)
    assert workload.dataflow == "MK_STR_KN_STA"
    assert workload.levels.shape == (1, 1000, 768)


def test_the_zeros_are_those_of_the_scheme_not_of_the_file():
    layer = Layer("conv", "conv", np.ones((2, 1, 1, 2)), input_size=(1, 2))
    values = np.array([[[[1.0, 0.0]]], [[[0.0, 0.0]]]])
    workload = lowered(layer, values)
    np.testing.assert_array_equal(workload.nonzeros, [[[True, False], [False, False]]])
    assert workload.density == 0.25
    assert workload.effectual_macs == 1


def test_window_larger_than_the_input_is_refused():
    layer = Layer("conv5", "conv", np.ones((1, 1, 3, 3)), input_size=(2, 2))
    with pytest.raises(InputError) as error:
        lowered(layer)
    assert str(error.value) == (
        "layer 'conv5': a 3 x 3 window with dilation 1 x 1 and padding 0 x 0 does not fit its "
        "2 x 2 input, the GEMM would have 0 columns; give the network a larger input size"
    )


def test_filters_that_do_not_divide_into_the_groups_are_refused():
    layer = Layer("conv", "conv", np.ones((5, 1, 3, 3)), groups=2, input_size=(8, 8))
    with pytest.raises(InputError) as error:
        lowered(layer)
    assert str(error.value) == "layer 'conv': 5 filters do not divide into 2 groups"
