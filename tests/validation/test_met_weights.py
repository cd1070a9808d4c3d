"""Layers whose weights are denser where they meet activations, and the work of EIE's paper."""

import re

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.validation import read_published
from hwsim.validation._file import LinearSpec
from hwsim.validation._met_weights import draw_met
from tests.validation.files import write
from tests.validation.test_layers import made

LAYER = {"filters": 300, "channels": 1000, "weights": 0.3, "activations": 0.25, "met": 0.6}


def test_met_columns_have_their_share_and_the_others_what_is_left():
    layer = LinearSpec.model_validate(LAYER)
    assert layer.unmet == pytest.approx((0.3 - 0.25 * 0.6) / 0.75)
    levels, nonzeros = draw_met(np.random.default_rng(3), layer)
    assert (levels.shape, levels.dtype, nonzeros.shape) == ((300, 1000), np.int8, (1, 1, 1000))
    there = nonzeros[0, 0]
    assert there.sum() == 250
    assert 0 < there[:500].sum() < 250  # anywhere
    assert levels[:, there].mean() == pytest.approx(0.6, abs=0.01)
    assert levels[:, ~there].mean() == pytest.approx(0.2, abs=0.01)
    assert len({row.tobytes() for row in levels}) == 300


def test_a_work_with_met_weights():
    workload, times = made(linear={**LAYER, "times": 2})
    assert (workload.kind, workload.filters, workload.K, times) == ("linear", 300, 1000, 2)
    assert workload.density == pytest.approx(0.3, abs=0.01)
    assert workload.activations.density == 0.25
    again, _ = made(linear=LAYER)
    np.testing.assert_array_equal(workload.levels, again.levels)
    np.testing.assert_array_equal(workload.activations.nonzeros, again.activations.nonzeros)
    other, _ = made("b", linear=LAYER)
    assert (other.activations.nonzeros != again.activations.nonzeros).any()
    dense, _ = made(dense=True, linear=LAYER)
    assert (dense.density, dense.activations.nonzeros) == (1, None)


@pytest.mark.parametrize("change", ["met: 0.9, weights: 0.4", "met: 0.4, vectors: 2"])
def test_what_leaves_no_share_is_refused(tmp_path, change):
    layer = f"{{linear: {{filters: 8, channels: 16, activations: 0.5, {change}}}}}"
    write(tmp_path, ("{gemm: {M: 8, K: 16, N: 4, weights: 0.5}}", layer))
    with pytest.raises(InputError, match="met should leave a share of the weights"):
        read_published(tmp_path)


@pytest.mark.parametrize("change", ["met: 0.8, weights: 0.4", "met: 0.1, weights: 0.55"])
def test_all_or_nothing_may_be_left(tmp_path, change):
    layer = f"{{linear: {{filters: 8, channels: 16, activations: 0.5, {change}}}}}"
    write(tmp_path, ("{gemm: {M: 8, K: 16, N: 4, weights: 0.5}}", layer))
    (file,) = read_published(tmp_path)
    assert file.cases[0].layers[0].linear.unmet == pytest.approx(0 if "0.8" in change else 1)


def entries(filters, density, pes=64, longest=16):
    """Expect the entries of a column whose zeros lie at random, padding included."""
    whole = 0.0
    for pe in range(pes):
        rows = len(range(pe, filters, pes))
        # An entry with 16 zeros or more before it, at any of the later places, is one more.
        broken = sum(
            density * (1 - density) ** zeros * (rows - zeros)
            for zeros in range(longest, rows, longest)
        )
        whole += rows * density + broken
    return whole


def test_the_work_of_eie_is_that_of_the_paper():
    (file,) = (each for each in read_published() if each.machine == "eie")
    for case in file.cases:
        layer = case.layers[0].linear
        columns = round(layer.activations * layer.channels)
        told = re.fullmatch(r"([0-9.]+) us without waiting", case.published["time"].note)
        us = entries(layer.filters, layer.met) * columns / (64 * 800)
        assert us == pytest.approx(float(told[1]), rel=1e-3), case.name
    vgg6 = next(case.layers[0].linear for case in file.cases if case.name == "VGG-6")
    assert entries(4096, vgg6.weights) * 4591 == pytest.approx(1.17e6, rel=5e-3)
    assert entries(4096, vgg6.met) * 4591 == pytest.approx(1.44e6, rel=5e-3)
    assert entries(4096, 0.04) / (4096 * 0.04) == pytest.approx(1.57, abs=0.01)
