from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.density import FixedStructured, Hypergeometric
from hwsim.engines.timeloop.layers._layer_problem import (
    activation_density,
    activation_tensor,
    is_structured,
    layer_problem,
    layer_shape,
    weight_density,
    weight_tensor,
)
from hwsim.workload import Activations, Workload
from tests.engines.timeloop.layers.small_layers import convolution, random_mask

SIZES = st.tuples(*[st.integers(1, 3)] * 5)


@settings(deadline=None)
@given(
    filters=SIZES,
    output=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
)
def test_a_convolution_touches_what_its_loops_touch(filters, output, stride, dilation) -> None:
    workload = convolution(np.ones(filters), output, stride=stride, dilation=dilation)
    problem = layer_problem(layer_shape(workload))
    G, M, C, R, S = filters
    touched: dict[str, set[tuple[int, ...]]] = {"Weights": set(), "Inputs": set(), "Outputs": set()}
    for g, m, c, r, s, p, q in product(*map(range, (G, M, C, R, S, *output))):
        touched["Weights"].add((g, m, c, r, s))
        touched["Inputs"].add(
            (g, c, r * dilation[0] + p * stride[0], s * dilation[1] + q * stride[1])
        )
        touched["Outputs"].add((g, m, p, q))
    assert problem.operations == workload.macs == np.prod([*filters, *output])
    for space in problem.data_spaces:
        corners = np.array(
            [[min(axis), max(axis)] for axis in zip(*touched[space.name], strict=True)]
        )
        box = corners[:, 1] - corners[:, 0] + 1
        assert space.box(problem.bounds) == tuple(box.tolist())
        if space.name != "Inputs":  # gaps between windows of a strided input are part of its box
            assert space.size(problem.bounds) == len(touched[space.name])


def test_a_linear_layer_is_a_matrix_product() -> None:
    workload = Workload("fc", np.ones((1, 10, 7), dtype=bool), 5, kind="linear")
    problem = layer_problem(layer_shape(workload))
    assert dict(zip(problem.dimensions, problem.bounds, strict=True)) == {
        "G": 1,
        "M": 10,
        "C": 7,
        "R": 1,
        "S": 1,
        "P": 5,
        "Q": 1,
    }
    sizes = [space.size(problem.bounds) for space in problem.data_spaces]
    assert sizes == [70, 35, 50]


def test_weights_keep_their_places() -> None:
    mask = random_mask((2, 3, 4, 3, 2), 0.4)
    workload = convolution(mask)
    assert np.array_equal(weight_tensor(workload), mask)
    density = weight_density(workload, statistical=False)
    assert isinstance(density, ActualData)
    assert np.array_equal(density.mask, mask)


def test_statistical_densities_keep_only_the_share() -> None:
    workload = convolution(random_mask((1, 8, 8, 3, 3), 0.4))
    assert weight_density(workload, statistical=True) == Hypergeometric(workload.density)
    dense = convolution(np.ones((1, 8, 8, 3, 3)))
    for statistical in (True, False):
        assert weight_density(dense, statistical) == FixedStructured(1.0)


def test_zeros_of_activations_are_used_where_they_are_those_of_the_inputs() -> None:
    nonzeros = random_mask((1, 5, 7), 0.4)  # five vectors of seven
    activations = Activations(float(nonzeros.mean()), nonzeros)
    linear = Workload(
        "fc", np.ones((1, 10, 7), dtype=bool), 5, kind="linear", activations=activations
    )
    found = activation_density(linear, statistical=False)
    assert isinstance(found, ActualData)
    assert found.mask.shape == (1, 7, 5, 1)
    assert np.array_equal(found.mask[0, :, :, 0], nonzeros[0].T)
    share = Hypergeometric(activations.density)
    assert activation_density(linear, statistical=True) == share
    told = replace(linear, activations=Activations(activations.density))
    assert activation_density(told, statistical=False) == share
    windowed = replace(convolution(np.ones((1, 10, 7, 1, 1)), (5, 1)), activations=activations)
    known = activation_density(windowed, statistical=False)
    assert isinstance(known, ActualData)
    assert np.array_equal(known.mask[0, :, :, 0], nonzeros[0].T)
    dense = replace(linear, activations=Activations(1.0))
    assert activation_density(dense, statistical=True) == FixedStructured(1.0)


@pytest.mark.parametrize(
    ("channels", "structured"),
    [
        ([0, 1, 1, 1, 0, 0], False),
        ([0, 0, 1, 1, 1], True),
        ([1, 1, 0, 0], True),
        ([1, 0, 1, 0, 0, 0, 1, 1], True),
        ([1, 1, 1, 0], False),
        ([0, 0, 0, 0, 1, 1], True),  # padded with zeros to a whole group
        ([0, 0, 0, 0, 1, 1, 1], False),
    ],
)
def test_two_of_four_along_the_channels(channels: list[int], structured: bool) -> None:
    mask = np.array(channels).reshape(1, 1, -1, 1, 1)
    assert is_structured(convolution(mask), 2, 4) is structured


def with_inputs(workload: Workload, density: float, seed: int = 0) -> Workload:
    shape = (workload.groups, workload.streams, workload.K)
    return replace(workload, activations=Activations(nonzeros=random_mask(shape, density, seed)))


def test_activations_of_a_kernel_are_its_feature_map() -> None:
    workload = with_inputs(convolution(np.ones((2, 3, 2, 3, 2)), (4, 3), stride=(2, 1)), 0.2)
    density = activation_density(workload, statistical=False)
    assert isinstance(density, ActualData)
    assert density.mask.shape == (2, 2, 3 + 3 * 2, 2 + 2)
    assert (
        layer_problem(layer_shape(workload), inputs=density)
        .data_spaces[1]
        .slides(layer_problem(layer_shape(workload)).bounds)
    )
    assert np.count_nonzero(density.mask) > 0
    share = density.mask.mean()
    assert activation_density(workload, statistical=True) == Hypergeometric(share)


def test_a_kernel_of_one_point_reads_no_values_between_its_positions() -> None:
    workload = convolution(np.ones((1, 3, 2, 1, 1)), (4, 3), stride=(2, 2))
    known = with_inputs(workload, 0.5)
    assert layer_shape(workload)[1] == (2, 2)
    assert layer_shape(known)[1] == (1, 1)
    density = activation_density(known, statistical=False)
    assert isinstance(density, ActualData)
    vectors = known.activations.nonzeros
    assert vectors is not None
    assert np.array_equal(density.mask, vectors.reshape(1, 4, 3, 2).transpose(0, 3, 1, 2))
    wide = with_inputs(convolution(np.ones((1, 3, 2, 1, 2)), (4, 3), stride=(2, 2)), 0.5)
    assert layer_shape(wide)[1] == (2, 2)


def test_activations_of_a_matrix_product() -> None:
    linear = with_inputs(Workload("fc", np.ones((1, 10, 7), dtype=bool), 5, kind="linear"), 0.5)
    density = activation_density(linear, statistical=False)
    assert isinstance(density, ActualData)
    assert linear.activations.nonzeros is not None
    assert np.array_equal(density.mask[0, :, :, 0], linear.activations.nonzeros[0].T)


def test_activations_of_which_a_share_is_known_or_nothing() -> None:
    workload = convolution(np.ones((1, 3, 2, 3, 3)))
    assert activation_density(workload, statistical=False) == FixedStructured(1.0)
    half = replace(workload, activations=Activations(0.5))
    assert activation_density(half, statistical=False) == Hypergeometric(0.5)


def test_each_image_has_the_same_zeros() -> None:
    workload = with_inputs(convolution(np.ones((1, 3, 2, 1, 1)), (4, 3)), 0.5)
    one = activation_density(workload, statistical=False)
    several = activation_density(workload, statistical=False, images=3)
    assert isinstance(one, ActualData)
    assert isinstance(several, ActualData)
    assert several.mask.shape == (1, 2, 4, 3, 3)
    for image in range(3):
        assert np.array_equal(several.mask[..., image], one.mask)


def test_a_draw_of_activations_is_always_the_same() -> None:
    workload = replace(convolution(np.ones((1, 1, 1, 1, 1)), (2, 4)), activations=Activations(0.5))
    drawn = activation_tensor(workload, layer_shape(workload), True)
    assert drawn is not None
    assert drawn[0, 0].astype(int).tolist() == [[0, 0, 0, 1], [1, 1, 1, 1]]
