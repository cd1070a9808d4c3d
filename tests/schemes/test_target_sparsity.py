"""Ternary and signed-binary at a given share of zeros."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.errors import InputError
from hwsim.schemes import Quantizer, parse_scheme, quantize
from hwsim.schemes.pruned import Pruned
from hwsim.schemes.signed_binary import SignedBinary
from hwsim.schemes.ternary import Ternary
from tests.schemes.networks import SHARES, laplace, layer, network, weights

METHODS = st.sampled_from(["magnitude", "random"])


def zeros(array):
    return int(np.count_nonzero(array == 0))


def test_ternary_by_hand():
    weight = np.array([[4.0, -2, 1], [-1, 1, 3]], dtype=np.float32)
    made = Ternary(sparsity=0.5).quantize(weight)
    assert made.levels.tolist() == [[1, -1, 0], [0, 0, 1]]
    assert made.levels.dtype == np.int8
    assert made.scale.tolist() == [3, 3]
    assert Ternary(sparsity=0.5, scale="one").quantize(weight).scale.tolist() == [1, 1]
    assert Ternary(sparsity=0.5, scale="absmean").quantize(weight).scale.tolist() == [2, 2]
    # Of the three ones the earlier go.
    assert Ternary(sparsity=0.3).quantize(weight).levels.tolist() == [[1, -1, 0], [0, 1, 1]]


@given(weights(), SHARES, METHODS, st.integers(0, 2))
def test_ternary_has_the_zeros_of_pruned_and_its_signs(weight, sparsity, method, seed):
    given_to = {"sparsity": sparsity, "method": method, "seed": seed if method == "random" else 0}
    levels = Ternary(**given_to).quantize(weight).levels
    assert np.array_equal(levels, np.sign(Pruned(**given_to).quantize(weight).levels))


def test_signed_binary_by_hand():
    # The second filter is negative; reach: 2, -1, 0.5, 0.1 and -3, 0.2, 1, 4 of its -w.
    weight = np.array([[2.0, -1, 0.5, 0.1], [3, -0.2, -1, -4]], dtype=np.float32)
    made = SignedBinary(sparsity=0.625, scale="mean").quantize(weight)
    assert made.levels.tolist() == [[1, 0, 0, 0], [0, 0, -1, -1]]
    assert made.levels.dtype == np.int8
    assert made.scale.tolist() == [2, 2.5]
    assert SignedBinary(sparsity=0.625).quantize(weight).scale.tolist() == [1, 1]


def test_signed_binary_takes_zeros_and_then_the_other_side_when_nothing_else_is_left():
    weight = np.array([[2.0, -1, 0, -0.5], [3, 0.2, -0.0, -4]], dtype=np.float32)
    # What stays first; of the two zeros the later.
    ordered = [(1, 3), (0, 0), (1, 2), (0, 2), (1, 1), (0, 3), (0, 1), (1, 0)]
    for stay in range(9):
        expected = np.zeros((2, 4), dtype=int)
        for filter_, place in ordered[:stay]:
            expected[filter_, place] = 1 - 2 * filter_
        levels = SignedBinary(sparsity=1 - stay / 8).quantize(weight).levels
        assert np.array_equal(levels, expected)
    # The scale of the mean is one of magnitudes, as under a threshold.
    mean = SignedBinary(sparsity=0, scale="mean").quantize(weight).scale
    assert mean.tolist() == pytest.approx([3.5 / 4, 7.2 / 4])


@given(weights(), SHARES, METHODS, st.sampled_from(["sum", "positional"]))
def test_signed_binary_has_exactly_that_sparsity_and_one_sign_a_filter(
    weight, sparsity, method, sign
):
    scheme = SignedBinary(sparsity=sparsity, method=method, sign=sign)
    made = scheme.quantize(weight)
    rows = made.levels.reshape(len(weight), -1)
    assert zeros(rows) == round(sparsity * weight.size)
    positive = np.arange(len(rows)) < len(rows) // 2
    if sign == "sum":
        positive = weight.reshape(rows.shape).sum(axis=1, dtype=np.float64) >= 0
    assert np.array_equal(rows, np.where(positive, 1, -1)[:, None] * (rows != 0))
    assert made.sign_bits == (len(rows) if sign == "sum" else 0)


def test_random_zeros_lie_where_pruned_has_them():
    layers = {"conv": layer("conv", laplace(8, 5, 3, 3))}
    masks = [
        scheme(sparsity=0.65, method="random", seed=seed).quantize_layers(layers)["conv"].levels
        != 0
        for scheme in (Pruned, Ternary, SignedBinary)
        for seed in (0, 7)
    ]
    for first, then in ((0, 2), (2, 4), (1, 3), (3, 5)):
        assert np.array_equal(masks[first], masks[then])
    assert not np.array_equal(masks[0], masks[1])
    unnamed = SignedBinary(sparsity=0.65, method="random").quantize(layers["conv"].weight)
    assert not np.array_equal(unnamed.levels != 0, masks[0])


def test_random_zeros_of_signed_binary_care_for_no_weight():
    levels = SignedBinary(sparsity=0.5, method="random").quantize(np.zeros((10, 100))).levels
    assert zeros(levels) == 500
    assert 150 < zeros(levels[:5]) < 350


def test_half_precision():
    weight = np.array([[1, 2, -3, 4]], dtype=np.float16)
    assert Ternary(sparsity=0.5).quantize(weight).levels.tolist() == [[0, 0, -1, 1]]
    assert SignedBinary(p=1, sparsity=0.5).quantize(weight).levels.tolist() == [[0, 1, 0, 1]]


@pytest.mark.parametrize("name", ["ternary", "signed-binary"])
def test_weights_of_the_form_are_used_as_they_are_but_for_a_sparsity(name):
    trained = np.array([[1, 1, 0, 1], [0, -1, -1, -1]], dtype=np.float32)
    as_it_is = quantize(network(trained), name, "all").layers[0]
    assert (as_it_is.origin, as_it_is.density) == ("trained", 0.75)
    made = Quantizer.of(network(trained), f"{name}:sparsity=0.5", "all")
    assert not made.across_layers
    assert made.layer("a").density == 0.5
    assert made.layer("a").origin == "quantised after training"
    assert (made.layer("a").bits, made.layer("a").coding) == (as_it_is.bits, as_it_is.coding)
    assert made.notes == (
        f"{name} was applied after training to 1 layer trained signed-binary: the latent float "
        "weights are not in the file, so this is not what training with it would give",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "signed-binary:delta=0.1,sparsity=0.5",
            "delta has an effect only without sparsity. Got sparsity=0.5",
        ),
        (
            "ternary:factor=0.5,sparsity=0",
            "factor has an effect only without sparsity. Got sparsity=0.0",
        ),
        (
            "ternary:threshold=max,sparsity=0.5",
            "threshold has an effect only without sparsity. Got sparsity=0.5",
        ),
        (
            "ternary:threshold=max,delta=0.2,sparsity=0.5",
            "threshold has an effect only without sparsity. Got sparsity=0.5",
        ),
        ("ternary:method=random", "method has an effect only with sparsity, which is not given"),
        (
            "signed-binary:method=random",
            "method has an effect only with sparsity, which is not given",
        ),
        (
            "signed-binary:sparsity=0.5,seed=1",
            "seed has an effect only with method=random. Got method=magnitude",
        ),
        ("ternary:sparsity=1.5", "sparsity must be in [0, 1]. Got 1.5"),
        ("ternary:sparsity=none", "sparsity must be in [0, 1]. Got none"),
        (
            "pruned:sparsity=0.9999999",
            "sparsity must be in [0, 1]. Got 0.9999999, which rounds to a bound",
        ),
        (
            "ternary:sparsity=0.99999999999999999999",
            "sparsity must be in [0, 1]. Got 0.99999999999999999999",
        ),
        ("ternary:sparsity=1e-999999999999", "sparsity must be in [0, 1]. Got 1e-999999999999"),
        ("ternary:sparsity=nan", "sparsity must be in [0, 1]. Got nan"),
        ("signed-binary:sparsity=-0.1", "sparsity must be in [0, 1]. Got -0.1"),
        (
            "signed-binary:sparsity=0.5,method=best",
            "method must be one of magnitude, random. Got best",
        ),
        (
            "ternary:sparsity=0.5,method=random,seed=4294967296",
            "seed must be an integer in [0, 4294967295]. Got 4294967296",
        ),
    ],
)
def test_what_makes_no_sense(text, message):
    with pytest.raises(InputError) as caught:
        parse_scheme(text)
    assert str(caught.value) == f"scheme {text.partition(':')[0]!r}: {message}"


def test_only_what_may_be_left_out_may_be_none():
    with pytest.raises(InputError, match=r"delta must be in \[0, 1\]. Got None"):
        SignedBinary(delta=None)


@pytest.mark.parametrize(
    "text",
    [
        "ternary:scale=one,sparsity=0.5,method=random,seed=4294967295",
        "signed-binary:p=0.25,sparsity=0.0",
        "signed-binary:sign=sum,scale=mean,sparsity=1.0",
    ],
)
def test_text_and_back(text):
    scheme = parse_scheme(text)
    assert parse_scheme(str(scheme)) == scheme
    assert {*str(scheme).partition(":")[2].split(",")} == {*text.partition(":")[2].split(",")}
