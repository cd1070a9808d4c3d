from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.errors import InputError
from hwsim.schemes import parse_scheme
from hwsim.schemes.signed_binary import SignedBinary
from tests.schemes.networks import laplace, weights


def released_rule(weight, delta=0.05, positive=None):
    """The rule of the released code, one weight at a time; ``positive`` by position if None."""
    filters = weight.shape[0]
    rows = weight.reshape(filters, -1)
    out = np.zeros(rows.shape, dtype=int)
    for k in range(filters):
        threshold = np.float32(max(abs(w) for w in rows[k])) * np.float32(delta)
        is_positive = k < filters // 2 if positive is None else positive[k]
        for c, w in enumerate(rows[k]):
            if is_positive and w >= threshold:
                out[k, c] = 1
            if not is_positive and w <= -threshold:
                out[k, c] = -1
    return out.reshape(weight.shape)


def test_by_hand():
    # Thresholds: 0.05 * 2 = 0.1 and 0.05 * 4 = 0.2; the second filter is a negative one.
    weight = np.array([[2.0, 0.11, 0.09, -0.5], [4.0, -0.19, -0.21, -3.0]], dtype=np.float32)
    made = SignedBinary().quantize(weight)
    assert made.levels.tolist() == [[1, 1, 0, 0], [0, 0, -1, -1]]
    assert made.levels.dtype == np.int8
    assert made.scale.tolist() == [1, 1]
    assert made.sign_bits == 0


def test_a_weight_at_the_threshold_counts():
    largest = np.float32(3.7)
    at = largest * np.float32(0.05)
    below = np.nextafter(at, np.float32(0))
    weight = np.array([[largest, at, below], [largest, -at, -below]])
    assert SignedBinary().quantize(weight).levels.tolist() == [[1, 1, 0], [0, -1, 0]]


@pytest.mark.parametrize(
    ("share", "filters", "positive"),
    [
        (0.5, 4, 2),
        (0.5, 5, 2),  # K // 2 as released: the odd filter is a negative one
        (0.5, 1, 0),
        (0, 3, 0),
        (1, 3, 3),
        (0.25, 10, 2),
        (0.29, 100, 29),  # 0.29 * 100 is 28.999999999999996 in floating point
        (0.7, 10, 7),
    ],
)
def test_the_first_filters_are_positive(share, filters, positive):
    weight = np.tile(np.array([[1.0, -1.0]], dtype=np.float32), (filters, 1))
    levels = SignedBinary(p=share).quantize(weight).levels
    assert levels.tolist() == [[1, 0]] * positive + [[0, -1]] * (filters - positive)


@pytest.mark.parametrize("shape", [(64, 64, 3, 3), (33, 20, 3, 3), (10, 512), (1, 7)])
def test_equals_the_released_rule_on_layers(shape):
    weight = laplace(*shape)
    assert np.array_equal(SignedBinary().quantize(weight).levels, released_rule(weight))


@given(weights(), st.sampled_from([0.05, 0.0625, 0.3, 1.0]))
def test_equals_the_released_rule_wherever_a_threshold_is_not_zero(weight, delta):
    levels = SignedBinary(delta=delta).quantize(weight).levels
    rule = released_rule(weight, delta)
    largest = np.abs(weight.reshape(len(weight), -1)).max(axis=1)
    decided = largest * np.float32(delta) > 0
    assert np.array_equal(levels[decided], rule[decided])
    # Elsewhere only the zeros differ: the released rule makes them +1 or -1, they stay 0 here.
    assert np.array_equal(levels, np.where(weight == 0, 0, rule))


def test_a_filter_of_zeros_stays_zero():
    weight = np.array([[0.0, -0.0], [1, 1], [0, 0], [-1, -1]], dtype=np.float32)
    assert SignedBinary().quantize(weight).levels.tolist() == [[0, 0], [1, 1], [0, 0], [-1, -1]]
    assert released_rule(weight)[[0, 2]].tolist() == [[1, 1], [-1, -1]]


def test_signs_by_the_sum_of_the_filter():
    weight = np.array([[-3.0, 1, 1], [-1, 1, 1], [-1, 1, 0]], dtype=np.float32)
    made = parse_scheme("signed-binary:sign=sum").quantize(weight)
    assert made.levels.tolist() == [[-1, 0, 0], [0, 1, 1], [0, 1, 0]]
    assert made.sign_bits == 3


@given(weights())
def test_signs_by_the_sum_follow_the_same_rule(weight):
    sums = weight.reshape(len(weight), -1).sum(axis=1, dtype=np.float64)
    rule = np.where(weight == 0, 0, released_rule(weight, positive=sums >= 0))
    assert np.array_equal(SignedBinary(sign="sum").quantize(weight).levels, rule)


def test_scale_of_the_mean():
    weight = np.array([[4.0, 2, 0.1, -9], [0, 0, 5, 5]], dtype=np.float32)
    assert SignedBinary(scale="mean").quantize(weight).scale.tolist() == [3, 0]


@given(weights(), st.integers(-20, 20))
def test_scaling_the_weights_changes_nothing(weight, exponent):
    # By a power of two within the normal numbers, so that the scaling itself is exact.
    weight = np.where(np.abs(weight) < 1e-20, 0, weight).clip(-1e20, 1e20).astype(np.float32)
    levels = SignedBinary().quantize(weight).levels
    scaled = SignedBinary().quantize(weight * np.float32(2.0**exponent)).levels
    assert np.array_equal(levels, scaled)


@given(weights())
def test_one_sign_a_filter(weight):
    rows = SignedBinary().quantize(weight).levels.reshape(len(weight), -1)
    half = len(rows) // 2
    assert set(rows[:half].ravel().tolist()) <= {0, 1}
    assert set(rows[half:].ravel().tolist()) <= {0, -1}


@pytest.mark.parametrize("channels", [128, 256])
@pytest.mark.parametrize(
    ("draw", "low", "high"),
    [("standard_normal", 0.565, 0.577), ("laplace", 0.65, 0.68)],
)
def test_zeros_of_random_filters(draw, low, high, channels):
    """The shares measured for untrained 3x3 filters, K = 256: more zeros by their shape alone."""
    rng = np.random.default_rng(channels)
    weight = getattr(rng, draw)(size=(256, channels, 3, 3)).astype(np.float32)
    levels = SignedBinary().quantize(weight).levels
    assert low <= np.count_nonzero(levels == 0) / weight.size <= high


def test_half_precision_is_compared_in_single():
    weight = np.array([[1.0, 0.05, 0.0499]], dtype=np.float16)
    exact = [Decimal(float(w)) >= Decimal(float(np.float32(0.05))) for w in weight[0]]
    assert SignedBinary(p=1).quantize(weight).levels.tolist() == [[int(e) for e in exact]]


def test_idle_parameter():
    with pytest.raises(InputError) as caught:
        SignedBinary(p=0.25, sign="sum")
    assert str(caught.value) == (
        "scheme 'signed-binary': p has an effect only with sign=positional. Got sign=sum"
    )
