"""The experiment of the paper: a convolution dense and at 65 % sparsity on 256/256/256."""

import numpy as np
import pytest

import hwsim


def ratios(filters, K, columns):
    """Energy and cycles of the dense layer over those at 65 % zeros in random places."""
    zeros = np.random.default_rng(K).permutation(filters * K) < round(0.65 * filters * K)
    dense = hwsim.simulate_gemm(np.ones((filters, K)), columns)
    sparse = hwsim.simulate_gemm(~zeros.reshape(filters, K), columns)
    return dense.energy.total / sparse.energy.total, dense.cycles / sparse.cycles


@pytest.mark.parametrize(
    ("filters", "K", "columns"),
    [(64, 576, 784), (128, 1152, 8), (256, 2304, 8), (512, 4608, 8)],
)
def test_3x3_layers_take_half_the_energy_as_measured_with_stonne(filters, K, columns):
    energy, cycles = ratios(filters, K, columns)
    assert 1.955 <= energy < 1.985
    assert 2.4 <= cycles < 3.0


@pytest.mark.parametrize(
    ("filters", "K", "columns"),
    [(64, 576, 3136), (128, 576, 784), (128, 1152, 784), (256, 2304, 196), (512, 4608, 49)],
)
def test_with_all_columns_of_resnet18_it_is_a_little_less(filters, K, columns):
    energy, _ = ratios(filters, K, columns)
    assert 1.93 <= energy < 1.97
