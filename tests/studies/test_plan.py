"""What a plan tells each task of the others."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from hwsim.errors import InputError
from hwsim.networks.network import Layer
from hwsim.studies.plan import Plan
from hwsim.studies.request import Request
from tests.studies.networks import tiny_network


def compared(*schemes: str, layers: str | None = None) -> dict[str, set[tuple[int, ...]]]:
    plan = Plan.of(Request(tiny_network(), schemes=schemes, layers=layers))
    found: dict[str, set[tuple[int, ...]]] = {}
    for scheme, layer in product(schemes, plan.chosen.layers):
        task, workload = plan.lower(scheme, layer.name)
        found.setdefault(task.layer, set()).add(workload.compared_bits)
    return found


def test_every_task_of_a_layer_knows_the_bits_of_all() -> None:
    found = compared("dense", "binary", "ternary", layers="stem,block.conv*")
    assert found == {"stem": {(32,)}, "block.conv1": {(1, 2, 32)}, "block.conv2": {(1, 2, 32)}}


def test_the_order_of_schemes_does_not_matter() -> None:
    assert compared("binary", "dense") == compared("dense", "binary")


def test_one_scheme_is_compared_with_none() -> None:
    assert set(map(frozenset, compared("binary").values())) == {frozenset({()})}


def test_levels_of_a_sweep_are_compared() -> None:
    found = compared("dense", "pruned:sparsity=0.5", layers="stem")
    assert found == {"stem": {(32,)}}


@pytest.mark.parametrize("quantized", ["block.conv1", ["block.conv1", "fc"]])
def test_layers_to_change_of_which_none_is_evaluated_are_refused(quantized) -> None:
    with pytest.raises(InputError, match="none of these layers is evaluated"):
        Plan.of(Request(tiny_network(), layers="stem", quantize_layers=quantized))
    Plan.of(Request(tiny_network(), layers="stem", quantize_layers="all"))
    Plan.of(Request(tiny_network(), layers="stem"))
    Plan.of(Request(tiny_network(), layers="block.*", quantize_layers=quantized))


def test_a_product_of_activations_is_no_layer_to_change() -> None:
    layers = (*tiny_network().layers, Layer.product("scores", 4, 8, 4))
    network = replace(tiny_network(), layers=layers)
    with pytest.raises(InputError, match="none of these layers is evaluated"):
        Plan.of(Request(network, layers="scores", quantize_layers="*"))
    with pytest.raises(InputError, match=r"conv2, block.depthwise, fc, stem$"):
        Plan.of(Request(network, quantize_layers="nothing"))
