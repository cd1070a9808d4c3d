import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.kernels.dense import unfolded
from hwsim.kernels.phases import Phases
from hwsim.networks.network import Layer


def conv(channels=1, kernel=(1, 1), **fields):
    return Layer("conv", "conv", np.ones((1, channels, *kernel), np.float32), **fields)


def test_a_stride_of_two_by_hand():
    # Padded rows 0..6 of 5 columns in four phases of 4 x 3, one for each tap.
    layer = conv(kernel=(2, 2), stride=(2, 2), padding=(1, 0), input_size=(5, 5))
    found = Phases.of(layer)
    assert found.shape == (1, 2, 2, 4, 3)
    assert found.taps == (0, 12, 24, 36)
    assert found.output == (3, 2)
    assert found.positions == 2 * 3 + 2


def test_lanes_that_are_outputs_by_hand():
    # Rows of three positions, of which two are outputs: 110 110 11, and nothing behind.
    layer = conv(kernel=(2, 2), stride=(2, 2), padding=(1, 0), input_size=(5, 5))
    masks, places = Phases.of(layer).kept(3, 4)
    assert masks.tolist() == [0b1011, 0b1101, 0]
    assert places.tolist() == [0, 3 * 4, 6 * 4]


def test_vectors_of_a_linear_layer_are_positions():
    layer = Layer("fc", "linear", np.ones((2, 3), np.float32), vectors=5)
    found = Phases.of(layer)
    assert (found.shape, found.taps, found.positions) == ((3, 1, 1, 1, 5), (0, 5, 10), 5)


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
margins = st.tuples(st.integers(0, 2), st.integers(0, 2))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 2), pairs, pairs, pairs, margins, st.none() | margins)
def test_taps_read_what_im2col_unfolds(channels, kernel, stride, dilation, padding, end):
    layer = conv(
        channels,
        kernel,
        stride=stride,
        dilation=dilation,
        padding=padding,
        padding_end=end,
        input_size=(8, 7),
    )
    image = np.random.default_rng(0).standard_normal(layer.input_shape).astype(np.float32)
    phases = Phases.of(layer)
    filled = np.zeros(phases.shape, np.float32)
    phases.fill(filled, image)
    P, Q = phases.output
    positions = (np.arange(P)[:, None] * phases.columns + np.arange(Q)).ravel()
    read = filled.ravel()[np.array(phases.taps)[:, None] + positions]
    assert positions[-1] + 1 == phases.positions
    np.testing.assert_array_equal(read, unfolded(image, layer)[0])
