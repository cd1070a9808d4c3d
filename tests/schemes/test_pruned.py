import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.schemes.pruned import Pruned, smallest
from tests.schemes.networks import laplace, weights


def zeros(array):
    return int(np.count_nonzero(array == 0))


def test_magnitude_by_hand():
    weight = np.array([[3.0, -1, 2], [0.5, -4, 1]], dtype=np.float32)
    levels = Pruned(sparsity=0.5).quantize(weight).levels
    assert levels.tolist() == [[3, 0, 2], [0, -4, 0]]
    assert not np.signbit(levels[levels == 0]).any()


def test_of_equal_magnitudes_the_earlier_go():
    weight = np.array([[1.0, -1, 1, -1, 1]], dtype=np.float32)
    assert Pruned(sparsity=0.6).quantize(weight).levels.tolist() == [[0, 0, 0, -1, 1]]


@given(weights(), st.floats(0, 1), st.sampled_from(["magnitude", "random"]))
def test_exactly_the_sparsity_that_was_asked_for(weight, sparsity, method):
    levels = Pruned(sparsity=sparsity, method=method).quantize(weight).levels
    assert zeros(levels) == max(zeros(weight), round(sparsity * weight.size))
    kept = levels != 0
    assert np.array_equal(levels[kept], weight[kept])


@given(weights(), st.floats(0, 1))
def test_what_stays_is_no_smaller_than_what_goes(weight, sparsity):
    levels = Pruned(sparsity=sparsity).quantize(weight).levels
    gone, kept = np.abs(weight[levels == 0]), np.abs(weight[levels != 0])
    assert gone.max(initial=0) <= kept.min(initial=np.inf)


@given(weights(), st.floats(0, 1), st.sampled_from(["magnitude", "random"]))
def test_pruning_twice_changes_nothing(weight, sparsity, method):
    scheme = Pruned(sparsity=sparsity, method=method)
    once = scheme.quantize(weight).levels
    assert scheme.quantize(once).levels is once


def test_a_network_reaches_the_sparsity_as_a_whole():
    layers = {"small": laplace(8, 16), "large": 10 * laplace(8, 64, seed=1)}
    made = Pruned(sparsity=0.4, scope="network").quantize_layers(layers)
    assert sum(zeros(levels.levels) for levels in made.values()) == round(0.4 * 640)
    everything = np.sort(np.abs(np.concatenate([w.ravel() for w in layers.values()])))
    for name, weight in layers.items():
        assert np.array_equal(made[name].levels == 0, np.abs(weight) <= everything[255])
        assert made[name].levels.shape == weight.shape


def test_random_zeros_of_a_layer_depend_on_its_name_and_the_seed_only():
    a, b = laplace(16, 16), laplace(16, 16, seed=1)
    both = Pruned(method="random").quantize_layers({"a": a, "b": b})
    alone = Pruned(method="random").quantize_layers({"b": b})
    other = Pruned(method="random", seed=1).quantize_layers({"b": b})
    assert np.array_equal(both["b"].levels, alone["b"].levels)
    assert not np.array_equal(alone["b"].levels, other["b"].levels)
    assert not np.array_equal(both["a"].levels == 0, both["b"].levels == 0)


def test_random_zeros_fall_everywhere_alike():
    zeroed = Pruned(method="random", sparsity=0.65).quantize(laplace(100, 100)).levels == 0
    # 6500 of 10000: a quarter of the layer holds 1625 +- 5 standard deviations of 21.
    for quarter in np.split(zeroed, 4):
        assert abs(int(quarter.sum()) - 1625) < 105


@given(st.lists(st.integers(0, 5), min_size=1), st.data())
def test_smallest_equals_a_stable_sort(keys, data):
    count = data.draw(st.integers(0, len(keys)))
    expected = np.zeros(len(keys), dtype=bool)
    expected[np.argsort(keys, kind="stable")[:count]] = True
    assert np.array_equal(smallest(np.array(keys), count), expected)


@pytest.mark.parametrize("sparsity", [0, 0.2])
def test_nothing_to_do_hands_the_weights_through(sparsity):
    weight = np.array([[0.0, 1, 2, 3]], dtype=np.float32)
    assert Pruned(sparsity=sparsity).quantize(weight).levels is weight


def test_no_layers_at_all():
    assert Pruned(scope="network").quantize_layers({}) == {}
