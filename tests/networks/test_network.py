"""Geometry of layers: sizes and multiplications against a literal count; travelling."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.errors import InputError
from hwsim.networks import load_network, save_network
from hwsim.networks.geometry import Geometry, check_bounds
from hwsim.networks.network import Layer, Network
from hwsim.networks.readers.embedded_geometry import KEY

EVERY_KIND = Network(
    "every",
    (
        Layer(
            "conv", "conv", np.ones((4, 2, 3, 1), np.float32), input_size=(5, 9), groups=2,
            padding=(1, 0), padding_end=(2, 3), images=6, input_density=0.25,
            input_density_by_channel=(0.5, 0.0, 0.25, 0.25),
        ),
        Layer.product("heads", 7, 3, vectors=11, groups=2),
        Layer("fc", "linear", np.ones((2, 5), np.float32), vectors=4, input_density=1.0),
    ),
)  # fmt: skip


@given(
    size=st.integers(1, 9),
    window=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 3),
    end=st.none() | st.integers(0, 3),
    dilation=st.integers(1, 3),
    images=st.integers(1, 3),
)
def test_multiplications_are_those_of_a_sliding_window(
    size, window, stride, padding, end, dilation, images
):
    layer = Layer(
        "conv", "conv", np.ones((2, 3, window, 1)), (stride, 1), (padding, 0), (dilation, 1),
        input_size=(size, 2), images=images, padding_end=None if end is None else (end, 0),
    )  # fmt: skip
    behind = padding if end is None else end
    starts = range(0, size + padding + behind - dilation * (window - 1), stride)
    assert layer.output_size == (len(starts), 2) or not starts
    if starts:
        assert layer.macs == images * len(starts) * 2 * 2 * 3 * window


def test_a_product_counts_every_head():
    layer = Layer.product("qk", filters=7, reduction=3, vectors=11, groups=2)
    assert (layer.filters, layer.channels, layer.reduction, layer.columns) == (14, 6, 3, 11)
    assert layer.macs == 2 * 7 * 3 * 11
    assert layer.output_size == layer.kernel == (1, 1)
    assert layer.weight.strides == (0, 0)
    assert layer.of_activations
    assert not Layer("fc", "linear", np.ones((2, 3))).of_activations


def test_a_network_of_every_kind_travels(tmp_path):
    assert Network.from_bytes(EVERY_KIND.to_bytes()) == EVERY_KIND
    save_network(EVERY_KIND, tmp_path / "every.npz")
    read = load_network(tmp_path / "every.npz")
    for there, back in itertools.zip_longest(EVERY_KIND.layers, read.layers):
        assert (back.kind, back.padding, back.padding_end, back.images, back.input_density) == (
            there.kind, there.padding, there.padding_end, there.images, there.input_density
        )  # fmt: skip
        assert back.input_density_by_channel == there.input_density_by_channel
        assert (back.macs, back.groups, back.vectors) == (there.macs, there.groups, there.vectors)
        assert np.array_equal(back.weight, there.weight)
    with np.load(tmp_path / "every.npz") as arrays:
        assert set(arrays) == {"conv.weight", "fc.weight", KEY}


def test_an_older_reader_understands_what_needs_nothing_new(tmp_path):
    plain = Network("plain", (Layer("fc", "linear", np.ones((2, 5), np.float32)),))
    for network, number in ((plain, b'"format":1'), (EVERY_KIND, b'"format":2')):
        save_network(network, tmp_path / "n.npz")
        with np.load(tmp_path / "n.npz") as arrays:
            assert number in arrays[KEY].tobytes()
    assert b"images" not in np.load(tmp_path / "n.npz")[KEY].tobytes().split(b'"fc"')[1]


def test_shares_by_channel_are_one_for_each(tmp_path):
    conv = replace(EVERY_KIND.layers[0], input_density_by_channel=(0.5, 0.5))
    save_network(Network("n", (conv,)), tmp_path / "n.npz")
    with pytest.raises(
        InputError,
        match=r"conv: input_density_by_channel: expected a share for each of 4 channels. Got 2$",
    ):
        load_network(tmp_path / "n.npz")


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"input_density_by_channel": [0.5]}, "should be shares from 0.0 to 1.0. Got \\[0.5\\]"),
        ({"input_density_by_channel": (0.5, 1.5)}, "should be shares from 0.0 to 1.0"),
        ({"input_density_by_channel": (-0.5,)}, "should be shares from 0.0 to 1.0"),
        ({"input_density": 1}, "input_density should be a share from 0.0 to 1.0. Got 1$"),
    ],
)
def test_shares_are_shares(value, problem):
    check_bounds(Geometry("a", "linear", (), input_density=1.0, input_density_by_channel=(0.0,)))
    with pytest.raises(ValueError, match=problem):
        check_bounds(Geometry("a", "linear", (), **value))


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"kind": "pool"}, "kind should be one of conv, linear, product. Got 'pool'"),
        ({"stride": (1, 0)}, "stride should be from 1 to 1,000,000. Got \\(1, 0\\)"),
        ({"stride": None}, "stride should be a pair \\(rows, columns\\). Got None"),
        ({"dilation": [1, 1]}, "dilation should be a pair \\(rows, columns\\). Got \\[1, 1\\]"),
        ({"padding": (0, 1, 2)}, "padding should be a pair"),
        ({"padding": (0, 1.0)}, "padding should be a pair"),
        ({"padding_end": (-1, 0)}, "padding_end should be from 0 to 1,000,000"),
        ({"groups": True}, "groups should be a whole number. Got True"),
        ({"images": 0}, "images should be from 1 to 1,000,000. Got 0"),
        ({"vectors": 1_000_001}, "vectors should be from 1 to 1,000,000. Got 1000001"),
    ],
)
def test_numbers_are_within_bounds(value, problem):
    plain = Geometry("a", "conv", (), padding_end=(0, 1_000_000))
    check_bounds(plain)
    with pytest.raises(ValueError, match=problem):
        check_bounds(replace(plain, **value))


def test_a_product_with_weights_is_refused(tmp_path):
    save_network(EVERY_KIND, tmp_path / "n.npz")
    with np.load(tmp_path / "n.npz") as arrays:
        np.savez(tmp_path / "m.npz", **arrays, **{"heads.weight": np.ones((14, 3))})
    with pytest.raises(InputError, match="heads: a product of activations has no weights"):
        load_network(tmp_path / "m.npz")
