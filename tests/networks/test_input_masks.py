"""Masks of inputs: packed into a file, and what is wrong with others."""

from dataclasses import replace

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks import load_network, save_network
from hwsim.networks.input_masks import PREFIX
from hwsim.networks.network import Layer, Network
from hwsim.networks.readers.embedded_geometry import KEY
from tests.networks.files import write_npz

RANDOM = np.random.default_rng(0)
CONV = Layer(
    "conv", "conv", np.ones((2, 3, 1, 1), np.float32), input_size=(2, 3), images=2,
    input_masks=RANDOM.random((5, 2, 3, 2, 3)) < 0.5,
)  # fmt: skip
FC = Layer("fc", "linear", np.ones((2, 4), np.float32), vectors=3)
HEADS = replace(Layer.product("heads", 3, 2, 4, 2), input_masks=RANDOM.random((1, 4, 4)) < 0.5)
NETWORK = Network("masks", (CONV, FC, HEADS))


def test_they_travel_a_bit_a_value(tmp_path):
    assert Network.from_bytes(NETWORK.to_bytes()) == NETWORK
    other = replace(CONV, input_masks=~CONV.input_masks)
    for conv in (other, replace(CONV, input_masks=None)):
        assert replace(NETWORK, layers=(conv, FC, HEADS)) != NETWORK
    save_network(NETWORK, tmp_path / "n.npz")
    conv, fc, heads = load_network(tmp_path / "n.npz").layers
    assert np.array_equal(conv.input_masks, CONV.input_masks)
    assert conv.input_masks.dtype == np.bool_
    assert fc.input_masks is None
    assert np.array_equal(heads.input_masks, HEADS.input_masks)
    with np.load(tmp_path / "n.npz") as arrays:
        assert arrays[f"{PREFIX}conv"].shape == (5, 5)  # 36 bits of each sample
        assert b'"format":3' in arrays[KEY].tobytes()
        first = np.unpackbits(arrays[f"{PREFIX}conv"][0])
        assert first.tolist() == [*CONV.input_masks[0].ravel(), 0, 0, 0, 0]


def test_other_numbers_of_vectors_have_other_masks(tmp_path):
    network = Network("n", (replace(FC, input_masks=np.ones((1, 3, 4), bool)),))
    save_network(network, tmp_path / "n.npz")
    assert load_network(tmp_path / "n.npz", tokens=["fc=5"]).layers[0].input_masks is None
    same = load_network(tmp_path / "n.npz", tokens=["fc=3"]).layers[0]
    assert same.input_masks is not None
    assert same.vectors == 3


@pytest.mark.parametrize(
    "masks",
    [
        np.ones((5, 2, 3, 2, 3), np.uint8),
        np.ones((2, 3, 2, 3), bool),
        np.ones((0, 2, 3, 2, 3), bool),
    ],
)
def test_what_are_no_masks_of_the_layer_is_not_written(tmp_path, masks):
    network = Network("n", (replace(CONV, input_masks=masks),))
    with pytest.raises(InputError) as caught:
        save_network(network, tmp_path / "n.npz")
    shape = " x ".join(map(str, masks.shape))
    assert str(caught.value) == (
        "layer 'conv': masks of its input should be booleans, samples x 2 x 3 x 2 x 3. "
        f"Got {masks.dtype} of {shape}"
    )


@pytest.mark.parametrize(
    ("name", "bits", "problem"),
    [
        ("cnv", np.ones((1, 5), np.uint8), "there is no layer 'cnv'"),
        ("conv", np.ones((1, 5), np.int8), "Got int8 of 1 x 5"),
        ("conv", np.ones((1, 4), np.uint8), "samples x 5 bytes. Got uint8 of 1 x 4"),
        ("conv", np.ones((0, 5), np.uint8), "expected the bits of 36 values"),
        ("conv", np.ones((5,), np.uint8), "Got uint8 of 5"),
    ],
)
def test_damaged_ones_are_refused(tmp_path, name, bits, problem):
    save_network(replace(NETWORK, layers=(CONV, FC)), tmp_path / "n.npz")
    with np.load(tmp_path / "n.npz") as file:
        arrays = {key: file[key] for key in file if not key.startswith(PREFIX)}
    path = write_npz(tmp_path / "m.npz", {**arrays, f"{PREFIX}{name}": bits})
    with pytest.raises(InputError) as caught:
        load_network(path)
    assert str(caught.value).startswith(f"{path}: {PREFIX}{name}: ")
    assert problem in str(caught.value)
