"""Seeded random weights."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks import make_network
from hwsim.networks.network import Layer
from tests.networks.files import TINY, write_topology


@pytest.mark.parametrize(
    ("distribution", "kurtosis"), [("laplace", 6.0), ("gaussian", 3.0), ("uniform", 1.8)]
)
def test_moments_are_those_of_the_distribution(distribution: str, kurtosis: float) -> None:
    network = make_network("resnet20-cifar", distribution)  # type: ignore[arg-type]
    weight = network.layers[-2].weight.astype(float)  # 64x64x3x3
    deviation = math.sqrt(2 / 576)
    assert weight.mean() == pytest.approx(0, abs=4 * deviation / math.sqrt(weight.size))
    assert weight.std() == pytest.approx(deviation, rel=0.02)
    assert np.mean(weight**4) / weight.var() ** 2 == pytest.approx(kurtosis, rel=0.06)


def test_laplace_filters_have_the_zeros_that_the_domain_notes_state() -> None:
    # Under signed-binary (w >= 0.05 max|w| kept), 65 to 68 % zeros for Laplace 3x3 filters.
    weight = make_network("resnet18").layers[-3].weight  # 512x512x3x3
    positive = weight[:256].reshape(256, -1)
    zeros = np.mean(positive < 0.05 * np.abs(positive).max(axis=1, keepdims=True))
    assert 0.65 <= zeros <= 0.70


def test_the_seed_alone_decides() -> None:
    first, again, other = (make_network("resnet20-cifar", seed=seed) for seed in (3, 3, 4))
    for a, b, c in zip(first.layers, again.layers, other.layers, strict=True):
        np.testing.assert_array_equal(a.weight, b.weight)
        assert not np.array_equal(a.weight, c.weight)


def test_a_layer_does_not_depend_on_the_others(tmp_path: Path) -> None:
    lines = TINY.splitlines(keepends=True)
    without_shortcut = "".join(line for line in lines if "shortcut" not in line)
    whole = make_network(write_topology(tmp_path))
    part = make_network(write_topology(tmp_path, without_shortcut, "part.yaml"))
    weights = {layer.name: layer.weight for layer in whole.layers}
    for layer in part.layers:
        np.testing.assert_array_equal(layer.weight, weights[layer.name])


def test_what_the_network_says_of_itself() -> None:
    network = make_network("resnet20-cifar", "uniform", seed=7, input_size=(16, 8))
    assert network.name == network.topology == "resnet20-cifar"
    assert network.notes == ("weights drawn at random, not trained (uniform, seed 7)",)
    assert network.layers[0].input_size == (16, 8)
    assert network.quantized_layers == tuple(layer.name for layer in network.layers[1:-1])
    assert all(layer.weight.dtype == np.float32 for layer in network.layers)


def test_layers_are_independent_streams() -> None:
    weights = [layer.weight for layer in make_network("resnet20-cifar").layers[1:7]]
    same = [np.array_equal(a, b) for i, a in enumerate(weights) for b in weights[:i]]
    assert not any(same)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"distribution": "laplac"}, "no distribution 'laplac'; did you mean 'laplace'?"),
        ({"seed": -1}, "seed: expected a whole number from 0 to 4294967295. Got -1"),
        ({"seed": 1.5}, "seed: expected a whole number from 0 to 4294967295. Got 1.5"),
        (
            {"input_size": 0},
            "input size: expected rows and columns from 1 to 1,000,000, "
            "such as 224 or (224, 224). Got 0",
        ),
        (
            {"input_size": (1, 2, 3)},
            "input size: expected rows and columns from 1 to 1,000,000, "
            "such as 224 or (224, 224). Got (1, 2, 3)",
        ),
    ],
)
def test_bad_arguments(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        make_network("resnet20-cifar", **arguments)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_layer_properties_by_hand() -> None:
    layer = Layer(
        "x", "conv", np.zeros((6, 2, 3, 3), np.float32), stride=(2, 2), padding=(1, 1), groups=2,
        input_size=(5, 7),
    )  # fmt: skip
    assert (layer.filters, layer.channels, layer.reduction, layer.kernel) == (6, 4, 18, (3, 3))
    assert (layer.output_size, layer.columns, layer.macs) == ((3, 4), 12, 6 * 18 * 12)
