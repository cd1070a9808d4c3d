import numpy as np
import pytest
from hypothesis import given

from hwsim.errors import InputError
from hwsim.networks.network import Layer, Network
from hwsim.schemes import quantize
from hwsim.schemes.apply import layers_left, weight_bits
from hwsim.schemes.signed_binary import SignedBinary
from tests.schemes.networks import laplace, layer, network, weights


@pytest.fixture
def five():
    names = ("conv1", "layer1.0.conv1", "layer1.0.conv2", "layer2.0.conv1", "fc")
    return Network(
        "five", tuple(layer(name, laplace(6, 4, seed=i)) for i, name in enumerate(names))
    )


def schemes_of(quantized):
    return [made.scheme for made in quantized.layers]


def test_all_but_the_first_and_the_last_by_default(five):
    made = quantize(five, "binary")
    assert schemes_of(made) == ["dense", "binary", "binary", "binary", "dense"]
    assert [made.bits for made in made.layers] == [32, 1, 1, 1, 32]
    assert [made.origin for made in made.layers] == [
        "as given",
        *["quantised after training"] * 3,
        "as given",
    ]
    assert made.layers[0].values is five.layers[0].weight
    assert (made.scheme, made.parameters, made.notes) == ("binary", {"scale": "mean"}, ())


def test_the_layers_that_the_network_names():
    made = quantize(network(*[laplace(2, 2)] * 4, quantized_layers=("b", "d")), "binary")
    assert schemes_of(made) == ["dense", "binary", "dense", "binary"]


@pytest.mark.parametrize("layers", [None, ["fc"], "all"])
def test_layers_that_are_left_are_known_without_quantising(five, layers):
    made = quantize(five, "binary", layers).layers
    left = tuple(each.layer.name for each in made if each.scheme == "dense")
    assert layers_left(five, "binary", layers) == left
    assert layers_left(five, "dense") == ()


@pytest.mark.parametrize("count", [1, 2])
def test_a_network_of_one_or_two_layers(count):
    made = quantize(network(*[laplace(2, 2)] * count), "binary")
    assert schemes_of(made) == ["binary"] * count
    assert made.notes == ("binary applies to every layer: there are fewer than three",)


def test_dense_applies_to_all(five):
    made = quantize(five, "dense:precision=int8")
    assert [made.bits for made in made.layers] == [8] * 5
    assert [made.bits for made in quantize(five, "dense:precision=int8", "fc").layers] == [
        *[32] * 4,
        8,
    ]
    assert {layer.origin for layer in made.layers} == {"quantised after training"}
    as_given = quantize(five, "dense")
    assert all(layer.values is layer.layer.weight for layer in as_given.layers)


@pytest.mark.parametrize(
    ("layers", "chosen"),
    [
        ("all", [0, 1, 2, 3, 4]),
        ("layer1.*", [1, 2]),
        ("*.conv1,fc", [1, 3, 4]),
        (["layer?.0.conv1", "conv1"], [0, 1, 3]),
    ],
)
def test_layers_by_pattern(five, layers, chosen):
    made = quantize(five, SignedBinary(), layers)
    assert [i for i, scheme in enumerate(schemes_of(made)) if scheme == "signed-binary"] == chosen


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("fcc", "no layer of five matches 'fcc'; did you mean 'fc'?"),
        (
            ["fc", "x*"],
            "no layer of five matches 'x*'; known: conv1, fc, layer1.0.conv1, layer1.0.conv2, "
            "layer2.0.conv1",
        ),
        (
            "",
            "no layer of five matches ''; known: conv1, fc, layer1.0.conv1, layer1.0.conv2, "
            "layer2.0.conv1",
        ),
    ],
)
def test_a_pattern_that_matches_nothing(five, layers, message):
    with pytest.raises(InputError) as caught:
        quantize(five, "binary", layers)
    assert str(caught.value) == message


def test_a_layer_without_weights():
    empty = Network("net", (Layer("fc", "linear", np.zeros((3, 0), dtype=np.float32)),))
    with pytest.raises(InputError) as caught:
        quantize(empty, "binary")
    assert str(caught.value) == "layer 'fc' of net has no weights, its shape is (3, 0)"


@pytest.mark.parametrize(
    "scheme",
    ["binary", "ternary", "ternary:threshold=max", "signed-binary", "signed-binary:sign=sum"],
)
def test_what_was_quantised_is_recognised_and_left_alone(scheme):
    first = quantize(network(laplace(8, 4, 3, 3), laplace(5, 9, seed=1)), scheme, "all")
    again = quantize(network(*[made.values for made in first.layers]), scheme, "all")
    for once, twice in zip(first.layers, again.layers, strict=True):
        assert twice.origin == "trained"
        assert twice.values is twice.layer.weight
        assert np.array_equal(once.mask, twice.mask)
        assert (once.bits, once.sign_bits) == (twice.bits, twice.sign_bits)


@given(weights())
def test_signed_binary_twice_changes_nothing(weight):
    once = quantize(network(weight), "signed-binary").layers[0]
    twice = quantize(network(once.values), "signed-binary").layers[0]
    assert np.array_equal(once.values, twice.values)


def test_trained_weights_keep_their_own_scales():
    weight = np.array([[0.25, 0, 0.25], [0, -3, -3]], dtype=np.float32)
    made = quantize(network(weight), "signed-binary").layers[0]
    assert made.origin == "trained"
    assert made.values.tolist() == weight.tolist()
    assert made.sign_bits == 0


def test_trained_signs_that_are_not_positional_cost_a_bit_a_filter():
    weight = np.array([[0, -3, -3], [0.25, 0, 0.25]], dtype=np.float32)
    assert quantize(network(weight), "signed-binary").layers[0].sign_bits == 2


def test_binary_of_signed_binary_weights_says_what_it_is():
    trained = np.array([[1, 0, 1], [0, -1, -1]], dtype=np.float32)
    made = quantize(network(trained, trained), "binary")
    assert [made.origin for made in made.layers] == ["quantised after training"] * 2
    assert all(made.mask.all() for made in made.layers)
    assert made.notes[-1] == (
        "binary was applied after training to 2 layers trained signed-binary: the latent float "
        "weights are not in the file, so this is not what training with it would give"
    )


def test_dense_of_signed_binary_weights_says_what_it_is():
    trained = np.array([[1, 0, 1], [0, -1, -1]], dtype=np.float32)
    made = quantize(network(trained), "dense")
    assert made.layers[0].origin == "as given"
    assert made.notes == (
        "dense uses 1 layer trained signed-binary as given, zeros included: the float network has "
        "its own file",
    )


def test_values_are_levels_times_scale():
    made = quantize(network(np.array([[4.0, -2], [-1, -1]])), "binary").layers[0]
    assert made.levels.tolist() == [[1, -1], [-1, -1]]
    assert made.values.tolist() == [[3, -3], [-1, -1]]
    assert made.values.dtype == np.float32


@pytest.mark.parametrize("scheme", ["dense", "binary", "signed-binary", "ternary", "pruned"])
@pytest.mark.parametrize("layers", [None, "all", ["layer1*"]])
def test_bits_are_known_without_quantising(five, scheme, layers):
    found = quantize(five, scheme, layers).layers
    assert weight_bits(five, scheme, layers) == {each.layer.name: each.bits for each in found}


def test_bits_of_trained_weights_are_the_schemes():
    trained = network(np.sign(np.abs(laplace(4, 9))))
    assert quantize(trained, SignedBinary(), "all").layers[0].origin == "trained"
    assert weight_bits(trained, SignedBinary(), "all") == {"a": 1}
