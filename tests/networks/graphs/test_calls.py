from dataclasses import replace

import numpy as np

from hwsim.networks.graphs.calls import Calls
from hwsim.networks.network import Layer

W = np.arange(6, dtype="f4").reshape(2, 3)
CONV = Layer("c", "conv", W.reshape(2, 3, 1, 1), input_size=(4, 4), images=2)
LINEAR = Layer("l", "linear", W, vectors=5)
PRODUCT = Layer.product("p", 2, 3, 7, groups=4)


def _counts(calls: Calls) -> list[tuple[str, int]]:
    return [(layer.name, layer.macs) for layer in calls.layers()]


def test_calls_alike_are_one_layer() -> None:
    calls = Calls()
    for layer in (LINEAR, CONV, PRODUCT, replace(LINEAR, weight=W.copy()), CONV, PRODUCT):
        calls.add(layer)
    assert _counts(calls) == [("l", 60), ("c", 384), ("p", 336)]
    linear, conv, product = calls
    assert (linear.vectors, conv.images, product.groups) == (10, 4, 8)


def test_calls_of_several_times() -> None:
    calls = Calls()
    assert [calls.add(layer, 3) for layer in (LINEAR, CONV, PRODUCT)] == ["l", "c", "p"]
    assert _counts(calls) == [("l", 90), ("c", 576), ("p", 504)]


def test_densities_are_those_of_all_calls() -> None:
    def measured(layer: Layer, *shares: float) -> Layer:
        mean = sum(shares) / len(shares)
        return replace(layer, input_density=mean, input_density_by_channel=shares)

    calls = Calls()
    calls.add(measured(LINEAR, 0.0, 0.5, 1.0), 2)
    calls.add(measured(replace(LINEAR, vectors=20), 0.3, 0.5, 0.7))
    (joined,) = calls
    assert joined.vectors == 30
    assert np.allclose(joined.input_density_by_channel, (0.2, 0.5, 0.8))
    assert np.isclose(joined.input_density, 0.5)
    calls.add(LINEAR)
    assert (calls.layers()[0].input_density, calls.layers()[0].vectors) == (None, 35)
    products = Calls()
    single = Layer.product("p", 2, 2, 7)
    products.add(measured(single, 0.5, 1.0), 2)
    products.add(measured(single, 0.0, 0.0))
    (product,) = products
    assert product.input_density_by_channel == (0.5, 1.0, 0.5, 1.0, 0.0, 0.0)
    assert (product.groups, product.input_density) == (3, 0.5)
    products.add(replace(single, input_density=0.5))
    assert products.layers()[0].input_density_by_channel is None


def test_what_differs_is_another_layer() -> None:
    calls = Calls()
    others = [
        replace(CONV, weight=CONV.weight + 1),
        replace(CONV, input_size=(4, 5)),
        replace(CONV, padding=(1, 0)),
        replace(CONV, padding_end=(0, 1)),
        replace(CONV, stride=(2, 1)),
        replace(CONV, weight=np.zeros((2, 3, 1, 2), "f4")),
        replace(LINEAR, name="c"),
        replace(PRODUCT, name="c"),
        Layer.product("c", 2, 3, 8),
        Layer.product("c", 3, 3, 7),
    ]
    names = [calls.add(layer) for layer in (CONV, *others)]
    assert names == ["c", *(f"c#{number}" for number in range(2, 12))]
    assert calls.add(others[1]) == "c#3"
