"""Runs of layers beyond convolutions of one image: several images, uneven padding, products."""

from dataclasses import replace

import numpy as np
import pytest

import hwsim
from hwsim.arch import load_arch
from hwsim.energy.physical.weights import machine_format
from hwsim.engines import load_engine
from hwsim.engines.protocol import activity_of
from hwsim.engines.timeloop.layers.layer_machine import OperandBits
from hwsim.engines.timeloop.layers.layer_weights import MappingVariant, compared_variants
from hwsim.engines.unpu.sizes import Serial, UnpuSizes
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


@pytest.mark.parametrize("arch", ["sigma", "simple", "unpu-like"])
def test_no_scheme_changes_a_product(run, arch):
    rows = run(FC, HEADS, arch=arch).layers.set_index(["layer", "scheme"])
    dense, signed = rows.loc[("heads", "dense")], rows.loc[("heads", "signed-binary")]
    assert dense["cycles"] == signed["cycles"] > 0
    assert dense["energy"] == signed["energy"]
    assert dense["macs"] == dense["effectual_macs"] == 2 * 5 * 8 * 5
    assert signed["scheme_applied"] == "dense"
    assert (signed["kind"], signed["weight_bits"]) == ("product", 0)


@pytest.mark.parametrize("arch", ["sigma", "simple"])
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


def test_each_image_has_its_own_zeros(tmp_path):
    layer = replace(CONV, images=2)
    workload = lower(quantize(Network("n", (layer,)), "signed-binary", "all").layers[0])
    there = np.random.default_rng(2).random((3, 1, 50, 18)) < [[[[0.2]]], [[[0.5]]], [[[0.9]]]]
    engine, arch = load_engine("sparseloop"), load_arch(quick_arch(tmp_path, "eyeriss_v2_pe"))
    found = activity_of(engine, replace(workload, activations=Activations(nonzeros=there)), arch)
    one = replace(workload, images=1, streams=25)
    images = [
        engine.simulate(replace(one, activations=Activations(nonzeros=maps)), arch)
        for sample in there
        for maps in (sample[:, :25], sample[:, 25:])
    ]
    assert len({each.cycles for each in images}) > 3
    assert found.cycles == -(-sum(each.cycles for each in images) // 3)
    for key, count in found.counts.items():
        assert count == pytest.approx(sum(each.counts.get(key, 0) for each in images) / 3)
    assert found.macs == workload.macs


def test_streams_are_those_of_the_images():
    workload = lower(quantize(Network("n", (CONV,)), "dense").layers[0])
    with pytest.raises(InputError, match="streams should be the 25 positions of each of 2 images"):
        replace(workload, images=2)
    with pytest.raises(InputError, match="images should be a whole number, 1 or more"):
        replace(workload, images=0)


@pytest.mark.parametrize(
    ("arch", "settings", "problem"),
    [
        ("yodann-like", {}, "of int12, but units multiply by a sign"),
        ("eie-like", {}, "of int16, but units multiply by weights of int4"),
        ("eie", {}, "of int16, but units multiply by weights of int4"),
        ("eie", {"weights": "int16"}, "activations cannot take their place"),
        ("sigma", {"weights": "int7"}, "of int8, but units multiply by weights of int7"),
    ],
)
def test_a_machine_that_would_round_activations_refuses_their_product(arch, settings, problem):
    with pytest.raises(InputError, match=f"'heads': .*{problem}.*: choose other layers"):
        hwsim.run(Network("n", (HEADS,)), arch, ("dense",), overrides=settings)


def operands_of(layer):
    return lower(quantize(Network("n", (layer,)), "dense").layers[0]).operands


def test_activations_in_the_place_of_weights_keep_their_width():
    technology = load_arch("sigma", {"weights": "int16", "activations": "int12"}).technology
    for layer, bits in ((HEADS, 12), (FC, 16)):
        assert machine_format(operands_of(layer), technology).bits == bits
        assert OperandBits.of(operands_of(layer), technology).weights == bits
    unpu = UnpuSizes.of(load_arch("unpu-like", {"activations": "int12"}))
    heads, fc = (lower(quantize(Network("n", (each,)), "dense").layers[0]) for each in (HEADS, FC))
    assert (Serial.of(heads, unpu).bits, Serial.of(fc, unpu).bits) == (12, 16)
    assert load_engine("sparseloop").key(heads) != load_engine("sparseloop").key(
        replace(heads, operands=replace(heads.operands, of_activations=False))
    )


def test_a_product_is_compared_with_nothing(tmp_path):
    arch = load_arch("simple", {"weights": "int16"})
    heads = lower(quantize(Network("n", (HEADS,)), "dense").layers[0])
    heads = replace(heads, compared_bits=(1, 32))
    assert compared_variants(heads, arch) == {MappingVariant(8)}
