import numpy as np
import pandas as pd
import pytest

from hwsim.schemes import describe, quantize
from tests.schemes.networks import laplace, network


def test_by_hand():
    weight = np.array([[1.0, 1, -1], [2, -2, -1], [0, 0, 0], [-1, -1, -1]], dtype=np.float32)
    net = network(weight, quantized_layers=("a",))
    [row] = describe(quantize(net, "signed-binary"))
    assert row == {
        "layer": "a",
        "scheme": "signed-binary",
        "weights": 12,
        "density": 6 / 12,
        "unique_values": 3,
        "positive_filters": 2,
        "negative_filters": 1,
        "zero_filters": 1,
        "effectual_parameters": 6,
        "bits": 12,
        "origin": "quantised after training",
    }
    [row] = describe(quantize(net, "binary"))
    assert (row["density"], row["positive_filters"], row["negative_filters"]) == (1, 1, 1)
    assert row["unique_values"] == 5  # scales 1, 5/3 (both signs), 0 and 1 (negative)
    [row] = describe(quantize(net, "dense"))
    assert (row["unique_values"], row["zero_filters"], row["bits"]) == (5, 1, 12 * 32)
    [row] = describe(quantize(net, "ternary"))
    assert (row["unique_values"], row["bits"]) == (3, 24)


def test_a_bit_a_filter_for_signs_that_are_not_positional():
    [row] = describe(quantize(network(laplace(8, 16)), "signed-binary:sign=sum"))
    assert row["bits"] == 8 * 16 + 8


def test_unique_values_are_those_of_the_array():
    for scheme in (
        "dense",
        "binary",
        "ternary",
        "ternary:threshold=max",
        "signed-binary",
        "pruned",
    ):
        made = quantize(network(laplace(8, 5, 3, 3), laplace(4, 6, seed=1)), scheme, "all")
        for row, layer in zip(describe(made), made.layers, strict=True):
            assert row["unique_values"] == np.unique(layer.values).size
            assert row["effectual_parameters"] == np.count_nonzero(layer.mask)


def test_a_table():
    table = pd.DataFrame(describe(quantize(network(*[laplace(4, 4)] * 3), "binary")))
    assert table["bits"].sum() == 16 * (32 + 1 + 32)


@pytest.mark.parametrize(("values", "found"), [(1000, 1000), (1001, "float")])
def test_more_than_a_thousand_values_are_not_counted(values, found):
    given = quantize(network(np.arange(values, dtype=np.float32)[None]), "dense")
    assert [row["unique_values"] for row in describe(given)] == [found]
