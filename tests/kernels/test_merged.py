from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.kernels.dense import product, unfolded
from hwsim.kernels.digits import digits_of
from hwsim.kernels.group_sums import Tile
from hwsim.kernels.host import Host
from hwsim.kernels.merged import MergedConvolution
from hwsim.networks.network import Layer

pytest.importorskip("llvmlite")

LEVELS = {"binary": (-1, 1), "ternary": (-1, 0, 1), "signed-binary": (0, 1)}
#: Vectors of 128 bits that every processor has, and an L1 cache of a few rows.
SMALL = Host("small", 4, 16, 640)
TILES = {2: (Tile(1, 2, 1), Tile(3, 2, 2), Tile(5, 2, 1)), 3: (Tile(1, 3, 2), Tile(3, 3, 1))}


def weights_of(scheme, shape, draw):
    signs = draw.choice([-0.5, 0.25], (shape[0], 1, 1, 1)) if scheme == "signed-binary" else 0.5
    return (draw.choice(LEVELS[scheme], shape) * signs).astype(np.float32)


def assert_convolves(layer, scheme, tile_number, machine=SMALL, seed=0):
    draw = np.random.default_rng(seed)
    weights = weights_of(scheme, layer.weight.shape, draw)
    digits = digits_of(weights.reshape(layer.filters, -1), layer.name)
    tiles = TILES[digits.base]
    kernel = MergedConvolution(layer, digits, tiles[tile_number % len(tiles)], machine)
    for _ in range(2):  # nothing is left of a call
        image = draw.standard_normal(layer.input_shape).astype(np.float32)
        expected = product(unfolded(image, layer).astype(float), weights.astype(float), layer)
        found = kernel(image)
        assert found.shape == (layer.filters, *layer.output_size)
        np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=0, atol=1e-4)
    return kernel


def conv(filters, channels, kernel=(3, 3), **fields):
    return Layer("conv", "conv", np.ones((filters, channels, *kernel), np.float32), **fields)


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@settings(max_examples=80, deadline=None)
@given(
    scheme=st.sampled_from([*LEVELS]),
    tile=st.integers(0, 5),
    filters=st.integers(1, 7),
    channels=st.integers(1, 5),
    kernel=pairs,
    stride=pairs,
    padding=st.tuples(st.integers(0, 1), st.integers(0, 2)),
    groups=st.sampled_from([1, 1, 2, 3]),
    seed=st.integers(0, 99),
)
def test_equal_to_the_dense_product(
    scheme, tile, filters, channels, kernel, stride, padding, groups, seed
):
    layer = conv(
        filters * groups,
        channels,
        kernel,
        stride=stride,
        padding=padding,
        groups=groups,
        input_size=(6, 9),
    )
    assert_convolves(layer, scheme, tile, seed=seed)


@pytest.mark.parametrize("scheme", LEVELS)
@pytest.mark.parametrize(("lanes", "registers"), [(8, 16), (16, 32)])
def test_wider_vectors(scheme, lanes, registers):
    layer = conv(9, 4, padding=(1, 1), input_size=(7, 7))
    assert_convolves(layer, scheme, 1, Host("wide", lanes, registers, 4096))


def test_depthwise_and_dilated():
    layer = conv(4, 1, groups=4, dilation=(2, 1), padding=(2, 1), input_size=(8, 8))
    assert_convolves(layer, "binary", 0)


def test_several_images_and_vectors():
    draw = np.random.default_rng(0)
    weights = weights_of("ternary", (5, 2, 3, 3), draw)
    layer = replace(conv(5, 2, input_size=(5, 6)), images=3)
    one = replace(layer, images=1)
    digits = digits_of(weights.reshape(5, -1), "conv")
    images = draw.standard_normal(layer.input_shape).astype(np.float32)
    kernel = MergedConvolution(one, digits, TILES[3][1], SMALL)
    found = MergedConvolution(layer, digits, TILES[3][1], SMALL)(images)
    np.testing.assert_array_equal(found, [kernel(image) for image in images])

    linear = Layer("fc", "linear", np.ones((5, 18), np.float32), vectors=7)
    tokens = draw.standard_normal((7, 18)).astype(np.float32)
    found = MergedConvolution(linear, digits, TILES[3][1], SMALL)(tokens)
    np.testing.assert_allclose(found, tokens @ weights.reshape(5, -1).T, rtol=0, atol=1e-4)


def test_the_result_goes_where_it_is_wanted():
    layer = conv(3, 2, input_size=(5, 6))
    digits = digits_of(np.ones((3, 18), np.float32), "conv")
    place = np.full((3, 3, 4), np.nan, np.float32)
    kernel = MergedConvolution(layer, digits, Tile(1, 2, 1), SMALL)
    found = kernel(np.ones((2, 5, 6), np.float32), place)
    assert found is place
    assert found.tolist() == np.full((3, 3, 4), 18.0).tolist()


def test_additions_and_positions_by_hand():
    weights = np.array([[1, 1, 0, 1], [0, 1, 0, 1]], np.float32)
    layer = Layer("fc", "linear", weights, vectors=5)
    kernel = MergedConvolution(layer, digits_of(weights, "fc"), Tile(2, 2, 1), SMALL)
    # Two steps of eight lists, and two additions that make two filters of three groups.
    assert kernel.additions() == 2 * 8 + 2
    assert kernel.positions == 8  # five in vectors of four
    signs = np.array([[1, 1, -1, -1], [1, -1, 1, -1]], np.float32)
    shifted = MergedConvolution(layer, digits_of(signs, "fc"), Tile(2, 2, 1), SMALL)
    # One row has each tuple; the sum of all four rows, added to both filters.
    assert shifted.additions() == 8 + 2 + 4 + 2


@pytest.mark.parametrize(
    ("tile", "additions"),
    [
        (Tile(1, 2, 1), 0),
        (Tile(2, 2, 1), 2),
        (Tile(3, 2, 4), 2 + 2 * 3),
        (Tile(1, 3, 1), 1),
        (Tile(2, 3, 1), 1 + 9),
    ],
)
def test_folding_by_hand(tile, additions):
    assert tile.fold_additions == additions


def test_the_panel_fits_the_cache():
    layer = conv(4, 64, input_size=(4, 4))
    digits = digits_of(np.ones((4, 576), np.float32), "conv")
    # 0.8 of 640 bytes are 32 rows of one vector of four floats, one of them zeros.
    kernel = MergedConvolution(layer, digits, Tile(1, 2, 1), SMALL)
    assert kernel._groups[0].tables.rows.max() <= 31
    assert len(kernel._groups[0].tables.rows) == -(-576 // 31)
    half = MergedConvolution(layer, digits, Tile(1, 2, 1, 0.4), SMALL)
    assert len(half._groups[0].tables.rows) == -(-576 // 15)
    # An index of 16 bits reaches 65,536 bytes, whatever the cache.
    kernel = MergedConvolution(layer, digits, Tile(1, 2, 1), Host("large", 16, 32, 1 << 20))
    assert len(kernel._groups[0].tables.rows) == 1
