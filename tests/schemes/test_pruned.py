import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.engines.timeloop.layers._layer_problem import is_structured
from hwsim.errors import InputError
from hwsim.networks.network import Layer
from hwsim.schemes import parse_scheme
from hwsim.schemes.pruned import Pruned
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.workload import lower
from tests.schemes.networks import SHARES, laplace, layer, weights


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


@given(weights(), SHARES, st.sampled_from(["magnitude", "random"]))
def test_exactly_the_sparsity_that_was_asked_for(weight, sparsity, method):
    levels = Pruned(sparsity=sparsity, method=method).quantize(weight).levels
    assert zeros(levels) == max(zeros(weight), round(sparsity * weight.size))
    kept = levels != 0
    assert np.array_equal(levels[kept], weight[kept])


@given(weights(), SHARES)
def test_what_stays_is_no_smaller_than_what_goes(weight, sparsity):
    levels = Pruned(sparsity=sparsity).quantize(weight).levels
    gone, kept = np.abs(weight[levels == 0]), np.abs(weight[levels != 0])
    assert gone.max(initial=0) <= kept.min(initial=np.inf)


@given(weights(), SHARES, st.sampled_from(["magnitude", "random"]))
def test_pruning_twice_changes_nothing(weight, sparsity, method):
    scheme = Pruned(sparsity=sparsity, method=method)
    once = scheme.quantize(weight).levels
    assert scheme.quantize(once).levels is once


def test_a_network_reaches_the_sparsity_as_a_whole():
    layers = {"small": laplace(8, 16), "large": 10 * laplace(8, 64, seed=1)}
    # In double precision what single precision holds: the ranks are compared as numbers.
    layers["large"] = layers["large"].astype(np.float64)
    made = Pruned(sparsity=0.4, scope="network").quantize_layers(
        {name: Layer(name, "linear", weight) for name, weight in layers.items()}
    )
    assert sum(zeros(levels.levels) for levels in made.values()) == round(0.4 * 640)
    everything = np.sort(np.abs(np.concatenate([w.ravel() for w in layers.values()])))
    for name, weight in layers.items():
        assert np.array_equal(made[name].levels == 0, np.abs(weight) <= everything[255])
        assert made[name].levels.shape == weight.shape


def test_random_zeros_of_a_layer_depend_on_its_name_and_the_seed_only():
    a, b = layer("a", laplace(16, 16)), layer("b", laplace(16, 16, seed=1))
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


@pytest.mark.parametrize("sparsity", [0, 0.2])
def test_nothing_to_do_hands_the_weights_through(sparsity):
    weight = np.array([[0.0, 1, 2, 3]], dtype=np.float32)
    assert Pruned(sparsity=sparsity).quantize(weight).levels is weight


def test_no_layers_at_all():
    assert Pruned(scope="network").quantize_layers({}) == {}


@pytest.mark.parametrize("structure", ["weight", "filter", "channel"])
def test_65_percent_where_nothing_is_said(structure):
    weight = laplace(20, 20)
    scheme = Pruned(structure=structure)
    assert zeros(scheme.quantize(weight).levels) == 260
    assert (str(Pruned()), scheme.parameters["sparsity"]) == ("pruned", 0.65)
    assert Pruned(sparsity=0.65) == Pruned()


#: Four filters of two channels and two points; sums of magnitudes 10, 4, 3, 8 and 11, 14.
FILTERS = np.array(
    [[[1, -2], [3, 4]], [[0, 0], [-4, 0]], [[1, 0], [1, 1]], [[-4, 3], [1, 0]]], dtype=np.float32
).reshape(4, 2, 1, 2)


@pytest.mark.parametrize(
    ("sparsity", "gone"),
    [(0, []), (0.3, [2]), (0.5, [1, 2]), (0.75, [1, 2, 3]), (1, [0, 1, 2, 3])],
)
def test_filters_of_smallest_sum_go(sparsity, gone):
    expected = FILTERS.copy()
    expected[gone] = 0
    levels = Pruned(sparsity=sparsity, structure="filter").quantize(FILTERS).levels
    assert np.array_equal(levels, expected)
    assert not np.signbit(levels[levels == 0]).any()


def test_channels_of_smallest_sum_go():
    made = Pruned(sparsity=0.5, structure="channel").quantize(FILTERS).levels
    expected = FILTERS.copy()
    expected[:, 0] = 0
    assert np.array_equal(made, expected)


def test_channels_of_a_grouped_convolution_are_those_of_its_groups():
    # Filters 0 and 1 meet channels 0 and 1, sums 1 and 11; 2 and 3 meet 2 and 3, sums 10 and 3.
    grouped = Layer("g", "conv", FILTERS, groups=2, input_size=(8, 8))
    made = Pruned(sparsity=0.5, structure="channel").quantize_layers({"g": grouped})["g"].levels
    expected = FILTERS.copy()
    expected[:2, 0] = 0
    expected[2:, 1] = 0
    assert np.array_equal(made, expected)


def test_a_depthwise_convolution_has_a_filter_a_channel():
    depthwise = Layer("d", "conv", laplace(6, 1, 3, 3), groups=6, input_size=(8, 8))
    by_filter, by_channel = (
        Pruned(sparsity=0.5, structure=structure).quantize_layers({"d": depthwise})["d"].levels
        for structure in ("filter", "channel")
    )
    assert np.array_equal(by_filter, by_channel)
    assert np.count_nonzero(by_filter.any(axis=(1, 2, 3))) == 3


@given(weights(), SHARES, st.sampled_from([0, 1]), st.integers(0, 3))
def test_random_structures_are_whole_and_as_many_as_asked_for(weight, sparsity, axis, seed):
    structure = ("filter", "channel")[axis]
    scheme = Pruned(sparsity=sparsity, structure=structure, method="random", seed=seed)
    units = np.moveaxis(weight, axis, 0).reshape(weight.shape[axis], -1)
    levels = scheme.quantize(weight).levels
    left = np.moveaxis(levels, axis, 0).reshape(units.shape)
    empty = np.count_nonzero(~units.any(axis=1))
    assert np.count_nonzero(~left.any(axis=1)) == max(empty, round(sparsity * len(units)))
    whole = left.any(axis=1)
    assert np.array_equal(left[whole], units[whole])
    assert scheme.quantize(levels).levels is levels


def test_the_sum_of_many_magnitudes_is_exact():
    # In half or single precision the small ones would be lost beside the large one.
    weight = np.ones((2, 4096), dtype=np.float16)
    weight[0, 0], weight[1, 0] = 60000, 60000
    weight[1, 1] = 0
    levels = Pruned(sparsity=0.5, structure="filter").quantize(weight).levels
    assert levels.any(axis=1).tolist() == [True, False]


def test_two_of_four_neighbours_stay_the_largest():
    weight = np.array([[1.0, -3, 2, 0, 5, 5, -5, 5]], dtype=np.float32)
    made = Pruned(pattern="2:4").quantize(weight).levels
    assert made.tolist() == [[0, -3, 2, 0, 0, 0, -5, 5]]
    assert Pruned(pattern="1:8").quantize(weight).levels.tolist() == [[0] * 7 + [5]]


def test_neighbours_are_channels_at_one_point_of_one_filter():
    # Five channels at two points: the fifth is a group of its own, with all of its slots.
    points = np.array([[4.0, 3, 2, 1, 0.5], [1, 2, 3, 4, 0.1]], dtype=np.float32)
    weight = np.stack([points.T, -points[::-1].T]).reshape(2, 5, 1, 2)
    made = Pruned(pattern="2:4").quantize(weight).levels
    kept = np.array([[4.0, 3, 0, 0, 0.5], [0, 0, 3, 4, 0.1]], dtype=np.float32)
    assert np.array_equal(made, np.stack([kept.T, -kept[::-1].T]).reshape(2, 5, 1, 2))


@given(weights(most_reduction=9), st.integers(2, 5), st.data())
def test_n_of_m_stay_in_each_group_and_of_its_rest(weight, of, data):
    stay = data.draw(st.integers(1, of - 1))
    method = data.draw(st.sampled_from(["magnitude", "random"]))
    scheme = Pruned(pattern=f"{stay}:{of}", method=method)
    levels = scheme.quantize(weight).levels
    for filter_before, filter_after in zip(weight, levels, strict=True):
        for start in range(0, len(filter_before), of):
            before = filter_before[start : start + of].ravel()
            after = filter_after[start : start + of].ravel()
            kept = after != 0
            assert np.count_nonzero(kept) == min(np.count_nonzero(before), stay)
            assert np.array_equal(after[kept], before[kept])
            if method == "magnitude":
                rest = np.abs(before[~kept]).max(initial=0)
                assert rest <= np.abs(after[kept]).min(initial=np.inf)
    assert scheme.quantize(levels).levels is levels


def test_random_neighbours_stay_everywhere_alike():
    levels = Pruned(pattern="1:4", method="random").quantize(laplace(100, 400)).levels
    places = np.count_nonzero(levels.reshape(-1, 4), axis=0)
    # A quarter of 10000 each, +- 5 standard deviations of 43.
    assert places.sum() == 10000
    assert abs(places - 2500).max() < 217
    other = Pruned(pattern="1:4", method="random", seed=1).quantize(laplace(100, 400)).levels
    assert not np.array_equal(levels, other)


@pytest.mark.parametrize("shape", [(4, 6, 3, 3), (3, 7), (8, 1, 3, 3)])
def test_hardware_with_the_pattern_takes_it(shape):
    weight = laplace(*shape)
    groups = 8 if shape[1] == 1 else 1
    kind = "conv" if len(shape) == 4 else "linear"
    whole = Layer("a", kind, weight, groups=groups, input_size=(8, 8))
    made = Pruned(pattern="2:4").quantize_layers({"a": whole})["a"]
    lowered = lower(QuantizedLayer(whole, "pruned", made.levels, bits=32))
    assert is_structured(lowered, 2, 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "pattern=2:4,sparsity=0.65",
            "sparsity has an effect only without pattern. Got pattern=2:4",
        ),
        (
            "pattern=2:4,structure=filter",
            "structure has an effect only without pattern. Got pattern=2:4",
        ),
        ("pattern=2:4,scope=network", "scope has an effect only without pattern. Got pattern=2:4"),
        (
            "structure=channel,scope=network",
            "scope has an effect only with structure=weight. Got structure=channel",
        ),
        ("seed=3", "seed has an effect only with method=random. Got method=magnitude"),
        ("structure=filtr", "structure must be one of weight, filter, channel. Got filtr"),
        *(
            (
                f"pattern={text}",
                f"pattern must be N:M, of every M neighbours N stay, with 1 <= N < M. Got {text}",
            )
            for text in ("4:4", "0:4", "5:4", "2", "2:4:8", "two:4", "-1:4")
        ),
    ],
)
def test_what_makes_no_sense(text, message):
    with pytest.raises(InputError) as caught:
        parse_scheme(f"pruned:{text}")
    assert str(caught.value) == f"scheme 'pruned': {message}"


def test_a_pattern_is_written_in_one_way():
    assert str(parse_scheme("pruned:pattern=02: 4")) == "pruned:pattern=2:4"
    assert Pruned(pattern="2:4").parameters == {
        "sparsity": None,
        "method": "magnitude",
        "seed": 0,
        "scope": "layer",
        "structure": "weight",
        "pattern": "2:4",
    }
    for pattern in ("02:4", 24, ""):
        with pytest.raises(InputError, match="pattern must be N:M"):
            Pruned(pattern=pattern)
