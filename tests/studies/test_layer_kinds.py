"""Runs of layers beyond convolutions of one image: several images, uneven padding, products."""

from dataclasses import replace

import numpy as np
import pytest

import hwsim
from hwsim.errors import InputError
from hwsim.networks.network import Layer, Network
from hwsim.schemes import quantize
from hwsim.workload import Activations, lower
from tests.arch.quick_search import quick_arch

CONV = Layer(
    "conv", "conv", np.random.default_rng(0).laplace(size=(4, 2, 3, 3)).astype(np.float32),
    input_size=(5, 6), padding=(0, 1), padding_end=(2, 0),
)  # fmt: skip
FC = Layer("fc", "linear", np.random.default_rng(1).laplace(size=(6, 8)).astype(np.float32))
HEADS = Layer.product("heads", 5, 8, vectors=5, groups=2)


@pytest.fixture
def run(tmp_path):
    def call(*layers, arch="simple", schemes=("dense", "signed-binary")):
        network = Network("kinds", layers, quantized_layers=("conv", "fc"))
        machine = quick_arch(tmp_path, arch) if arch == "simple" else arch
        return hwsim.run(network, machine, schemes, energy="physical")

    return call


@pytest.mark.parametrize("arch", ["sigma", "simple", "eie", "unpu-like"])
def test_no_scheme_changes_a_product(run, arch):
    rows = run(FC, HEADS, arch=arch).layers.set_index(["layer", "scheme"])
    dense, signed = rows.loc[("heads", "dense")], rows.loc[("heads", "signed-binary")]
    assert dense["cycles"] == signed["cycles"] > 0
    assert dense["energy"] == signed["energy"]
    assert dense["macs"] == dense["effectual_macs"] == 2 * 5 * 8 * 5
    assert signed["scheme_applied"] == "dense"


@pytest.mark.parametrize("arch", ["sigma", "simple", "eie"])
def test_a_product_moves_no_weights(run, arch):
    table = run(FC, HEADS, arch=arch, schemes=("dense",)).table
    heads = table[table["layer"] == "heads"]
    assert not (heads["operand"] == "weights").any()
    assert (table[table["layer"] == "fc"]["operand"] == "weights").any()


def test_dram_of_a_product_on_sigma(run):
    table = run(HEADS, arch="sigma", schemes=("dense",)).table
    dram = table[(table["unit"] == "DRAM") & (table["operand"] == "activations")]
    # Both matrices of two heads, in bytes: 5 x 8 and 8 x 5.
    assert dram["count"].sum() == 2 * (5 * 8 + 8 * 5) * 8


def test_an_image_of_a_mapped_machine_is_like_another(run):
    one, three = (run(replace(CONV, images=images)).layers.set_index("scheme") for images in (1, 3))
    for column in ("cycles", "macs", "effectual_macs", "energy"):
        assert three[column].tolist() == pytest.approx((3 * one[column]).tolist()), column


def test_images_stream_past_the_weights_of_sigma(run):
    workload = lower(quantize(Network("n", (replace(CONV, images=3),)), "dense").layers[0])
    assert (workload.images, workload.streams) == (3, 3 * 5 * 5)
    one, three = (
        run(replace(CONV, images=images), arch="sigma").layers.set_index("scheme")
        for images in (1, 3)
    )
    assert (three["macs"] == 3 * one["macs"]).all()
    # Weights are loaded once: less than three times the cycles.
    assert (2 * one["cycles"] < three["cycles"]).all()
    assert (three["cycles"] < 3 * one["cycles"]).all()


def test_zeros_of_several_images_are_not_one_images():
    workload = lower(quantize(Network("n", (replace(CONV, images=2),)), "dense").layers[0])
    known = replace(workload, activations=Activations(nonzeros=np.ones((1, 50, 18), bool)))
    with pytest.raises(InputError, match="the zeros of 2 images are known one by one"):
        known.of_one_image()
    assert workload.of_one_image().streams == 25


def test_streams_are_those_of_the_images():
    workload = lower(quantize(Network("n", (CONV,)), "dense").layers[0])
    with pytest.raises(InputError, match="streams should be the 25 positions of each of 2 images"):
        replace(workload, images=2)
    with pytest.raises(InputError, match="images should be a whole number, 1 or more"):
        replace(workload, images=0)


def test_a_machine_of_signs_refuses_a_product(run):
    with pytest.raises(InputError, match="heads"):
        run(HEADS, arch="yodann-like", schemes=("dense",))
