"""The shipped topologies against published totals and against PyTorch's own arithmetic."""

from __future__ import annotations

import math

import pytest

from hwsim.networks import load_topology, topology_names
from hwsim.networks._chain import follow
from hwsim.networks.catalogue import describe_topologies

# Multiply-accumulates for one image as in torchvision's tables of weights (GFLOPS there, two
# decimals or more): 1.81, 3.66, 4.09, 15.47, 0.71, 0.30; for ViT-B/16 see below.
# resnet20-cifar: 40.6 M and 0.27 M parameters in the usual tables of CIFAR ResNets.
TOTALS = {
    "alexnet": (8, 61_090_496, 714_188_480),
    "mobilenet_v2": (53, 3_469_760, 300_774_272),
    "resnet18": (21, 11_678_912, 1_814_073_344),
    "resnet18-plum": (21, 11_678_912, 1_814_073_344),
    "resnet18-plum-regular": (21, 11_678_912, 1_814_073_344),
    "resnet20-cifar": (20, 268_336, 40_551_040),
    "resnet34": (37, 21_779_648, 3_663_761_408),
    "resnet50": (54, 25_502_912, 4_089_184_256),
    "vgg-small-cifar": (7, 4_656_512, 607_600_640),
    "vgg16": (16, 138_344_128, 15_470_264_320),
    "vit_b_16": (50, 86_292_480, 16_848_500_736),
}


def test_layers_weights_and_macs_are_the_published_ones() -> None:
    found = {
        entry["name"]: (entry["layers"], entry["weights"], entry["macs"])
        for entry in describe_topologies()
    }
    assert found == TOTALS


@pytest.mark.parametrize("name", sorted(TOTALS))
def test_every_topology_states_its_source(name: str) -> None:
    assert "arXiv" in load_topology(name).source


def test_vision_transformer_lacks_only_the_products_of_attention() -> None:
    _, _, macs = TOTALS["vit_b_16"]
    block = 768 * 3 * 768 + 768 * 768 + 2 * 768 * 3072
    assert macs == 196 * 768 * 768 + 12 * 197 * block + 768 * 1000
    assert round((macs + 12 * 2 * 197**2 * 768) / 1e9, 2) == 17.56  # torchvision's table


# Parameters of the models in torchvision's tables, less biases and batch-norm weights counted by
# hand: 2 for each batch-norm channel, 1 for each bias.
@pytest.mark.parametrize(
    ("name", "published", "other"),
    [
        ("alexnet", 61_100_840, 64 + 192 + 384 + 256 + 256 + 4096 + 4096 + 1000),
        ("resnet18", 11_689_512, 2 * 4800 + 1000),
        ("vgg16", 138_357_544, 4224 + 4096 + 4096 + 1000),
    ],
)
def test_parameters_are_the_published_ones(name: str, published: int, other: int) -> None:
    weights = sum(math.prod(geometry.shape) for geometry in follow(load_topology(name)))
    assert weights == published - other


def test_signed_binary_touches_what_the_paper_says() -> None:
    # "10,985,472 of about 11.7 million weights", the 16 3x3 convolutions of ResNet-18.
    for name in ("resnet18", "resnet18-plum", "resnet18-plum-regular"):
        topology = load_topology(name)
        names = topology.quantized_names()
        assert names is not None
        chosen = [geometry for geometry in follow(topology) if geometry.name in names]
        assert len(chosen) == 16
        assert sum(math.prod(geometry.shape) for geometry in chosen) == 10_985_472


@pytest.mark.parametrize("name", [name for name in sorted(TOTALS) if "resnet" in name])
def test_resnets_quantise_every_3x3_convolution_but_the_stem(name: str) -> None:
    topology = load_topology(name)
    geometries = follow(topology)
    assert topology.quantized_names() == tuple(
        geometry.name for geometry in geometries[1:] if geometry.shape[2:] == (3, 3)
    )


@pytest.mark.parametrize("name", [name for name in sorted(TOTALS) if "resnet" not in name])
def test_other_networks_say_nothing(name: str) -> None:
    assert load_topology(name).quantized_names() is None


def test_names_are_sorted() -> None:
    assert topology_names() == tuple(sorted(TOTALS))
