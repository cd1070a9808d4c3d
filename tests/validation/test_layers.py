"""Layers of published works as workloads."""

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.validation._file import WorkSpec
from hwsim.validation._layers import workload_of


def made(name="a", dense=False, **layer):
    return workload_of(name, WorkSpec.model_validate(layer), dense=dense)


def test_a_gemm_keeps_its_left_matrix():
    workload, times = made(gemm={"M": 6, "K": 10, "N": 7, "activations": 0.25, "times": 3})
    assert (workload.M, workload.K, workload.N, workload.groups) == (6, 10, 7, 1)
    assert (workload.kind, workload.density, workload.activations.density) == ("conv", 1, 0.25)
    assert times == 3


def test_a_linear_layer():
    workload, times = made(linear={"filters": 6, "channels": 10, "vectors": 7})
    assert (workload.kind, workload.filters, workload.K, workload.streams) == ("linear", 6, 10, 7)
    assert times == 1


def test_a_convolution():
    workload, _ = made(
        conv={
            "filters": 8,
            "channels": 4,
            "kernel": 3,
            "stride": 2,
            "padding": 1,
            "groups": 2,
            "input": 9,
        }
    )
    assert (workload.groups, workload.M, workload.K, workload.N) == (2, 4, 18, 25)
    window = workload.window
    assert (window.channels, window.kernel, window.output, window.stride) == (
        2,
        (3, 3),
        (5, 5),
        (2, 2),
    )
    assert workload.operands.inputs == 4 * 81
    assert workload.operands.weight_bits == 32


def test_weights_are_numbers_as_wide_as_stated_or_signs():
    def of(**stated):
        workload, _ = made(gemm={"M": 2, "K": 3, "N": 1, **stated})
        return workload.coding, workload.operands.coding, workload.operands.weight_bits

    assert of() == ("value", "value", 32)
    assert of(bits=4) == ("value", "value", 4)
    assert of(coding="sign") == ("sign", "sign", 1)
    with pytest.raises(ValueError, match="less than or equal to 32"):
        of(bits=33)
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        of(bits=0)


def test_zeros_are_drawn_by_name_and_shape():
    layer = {"gemm": {"M": 300, "K": 7000, "N": 1, "weights": 0.2}}  # more than is drawn at a time
    one, again, other = (made(name, **layer)[0] for name in "aab")
    assert one.density == pytest.approx(0.2, abs=0.001)
    np.testing.assert_array_equal(one.levels, again.levels)
    assert (one.levels != other.levels).any()
    assert set(np.unique(one.levels)) == {0, 1}
    halves = one.levels.reshape(2, -1).mean(axis=1)
    assert halves == pytest.approx(0.2, abs=0.002)


def test_dense_in_place_of_what_is_stated():
    workload, _ = made(
        dense=True, gemm={"M": 3, "K": 8, "N": 2, "weights": 0.5, "activations": 0.5}
    )
    assert (workload.density, workload.activations.density) == (1, 1)
    structured, _ = made(
        dense=True, gemm={"M": 3, "K": 8, "N": 2, "structure": {"nonzeros": 2, "of": 4}}
    )
    assert structured.density == 1


def test_structured_zeros_lie_along_the_channels():
    structure = {"nonzeros": 2, "of": 4}
    workload, _ = made(
        conv={"filters": 16, "channels": 10, "kernel": 2, "input": 4, "structure": structure}
    )
    levels = workload.levels.reshape(16, 10, 4)
    groups = levels[:, :8].reshape(16, 2, 4, 4).sum(axis=2)
    assert (groups == 2).all()
    assert (levels[:, 8:].sum(axis=1) <= 2).all()
    assert len({tuple(row) for row in levels[:, :4, 0]}) > 2  # drawn, not always the same two


def test_a_measured_layer_has_its_very_zeros():
    workload, times = made(measured={"layer": "L07"})
    assert (workload.filters, workload.K, workload.streams, times) == (64, 64, 1024, 1)
    inputs = workload.activations.nonzeros[0]
    pairs = (inputs.astype(int) @ workload.nonzeros[0].astype(int).T).sum()
    assert pairs == 1702140
    assert made(dense=True, measured={"layer": "L07"})[0].effectual_macs == 64 * 64 * 1024


def test_a_measured_layer_that_is_not_there():
    with pytest.raises(InputError) as refusal:
        made(measured={"layer": "l07"})
    assert str(refusal.value) == "no measured layer 'l07'; did you mean 'L07'?"
