"""Shares by channel and beside padding: zeros are drawn of them, and evaluated as if known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.density import Hypergeometric
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.engines.timeloop.layers._layer_problem import (
    activation_density,
    activation_tensor,
    layer_shape,
)
from hwsim.networks.network import Layer, Network
from hwsim.schemes import quantize
from hwsim.workload import Activations, lower
from hwsim.workload.lower import expected_of
from hwsim.workload.unfold import unfold
from tests.arch.quick_search import quick_arch

WEIGHT = np.random.default_rng(3).laplace(size=(6, 4, 3, 3)).astype(np.float32)
CONV = Layer("c", "conv", WEIGHT, input_size=(5, 6), padding=(1, 1))
[QUANTIZED] = quantize(Network("n", (CONV,)), "signed-binary", "all").layers
WHOLE = (1.0, 0.0, 1.0, 1.0)  # channels


@pytest.mark.parametrize("arch", ["eyeriss_v2_pe", "scnn"])
def test_shares_that_leave_nothing_to_chance_are_the_zeros(tmp_path: Path, arch: str) -> None:
    machine, engine = load_arch(quick_arch(tmp_path, arch)), SparseloopEngine()
    there = np.broadcast_to(np.reshape(WHOLE, (4, 1, 1)) > 0, CONV.input_shape)
    known = lower(QUANTIZED, Activations(nonzeros=unfold(there, CONV)))
    told = lower(QUANTIZED, expected_of(CONV, 0.75, WHOLE))
    assert engine.simulate(told, machine) == engine.simulate(known, machine)
    share = lower(QUANTIZED, Activations(told.activations.density))
    assert engine.simulate(share, machine) != engine.simulate(known, machine)


def test_a_draw_is_what_is_evaluated() -> None:
    workload = lower(QUANTIZED, expected_of(CONV, 0.5, (0.25, 0.5, 0.75, 0.5)))
    density = activation_density(workload, statistical=False)
    assert isinstance(density, ActualData)
    drawn = activation_tensor(workload, layer_shape(workload), True)
    assert np.array_equal(density.mask, drawn)
    alone = Hypergeometric(workload.activations.density)
    assert activation_density(workload, statistical=True) == alone
    beside = lower(QUANTIZED, expected_of(CONV, 0.5))
    assert isinstance(activation_density(beside, statistical=False), ActualData)
    same = replace(beside, activations=Activations(0.5))
    assert activation_density(same, statistical=False) == Hypergeometric(0.5)
    assert [each.activations.uneven for each in (workload, beside, same)] == [True, True, False]
