"""Energy and cycles never rise when weights become zero, everything else equal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwsim.arch import list_archs, load_arch
from hwsim.energy import load_energy_table, price
from hwsim.engines import load_engine
from hwsim.workload import Activations, ConvolutionWindow, Operands, Workload
from tests.arch.quick_search import quick_arch

MAPPED = [name for name in list_archs() if load_arch(name).engine == "sparseloop"]


def random_layer(random: np.random.Generator) -> Workload:
    """A small convolution with zeros at random, or in whole kernels."""
    filters, channels = (int(random.integers(1, 17)) for _ in range(2))
    kernel, side = int(random.choice([1, 1, 3])), int(random.integers(1, 7))
    share = float(random.choice([0.05, 0.3, 0.7, 0.95, 1.0]))
    together = (1, filters, channels, 1 if random.random() < 0.4 else kernel**2)
    mask = np.broadcast_to(random.random(together) < share, (*together[:3], kernel**2)).copy()
    mask[0, 0, 0, 0] = True
    return Workload(
        layer="random",
        levels=mask.reshape(1, filters, -1),
        streams=side * side,
        window=ConvolutionWindow(channels, (kernel, kernel), (side, side)),
        activations=Activations(float(random.choice([1.0, 0.4]))),
    )


def with_fewer(layer: Workload, random: np.random.Generator) -> Workload:
    """The same with one more zero, with two, or with half of the weights that it has."""
    there = np.argwhere(layer.nonzeros)
    gone = min(int(random.choice([1, 2, max(1, len(there) // 2)])), len(there))
    levels = layer.levels.copy()
    for place in random.choice(len(there), gone, replace=False):
        levels[tuple(there[place])] = 0
    return replace(layer, levels=levels)


def coded(layer: Workload) -> Workload:
    size = layer.levels.size
    inputs, outputs = layer.K * layer.streams, layer.filters * layer.streams
    operands = Operands("value", 8, 0, size, layer.effectual_weights, inputs, outputs)
    return replace(layer, operands=operands)


@pytest.mark.parametrize("name", MAPPED)
def test_more_zeros_never_cost_more(name: str, tmp_path) -> None:
    """The mapping is the same: it is found for dense weights (of stc, no layer becomes 2:4)."""
    arch = load_arch(quick_arch(tmp_path, name))
    engine, prices = load_engine(arch.engine), load_energy_table("physical")
    for seed in range(3):
        random = np.random.default_rng(seed)
        layer = random_layer(random)
        before, after = (
            engine.simulate(coded(each), arch) for each in (layer, with_fewer(layer, random))
        )
        energies = [price(each, prices, arch, coded(layer).operands) for each in (before, after)]
        # Without zeros in the weights, shares of activations are rounded as Timeloop does.
        rounding = 1e-12 if layer.density < 1 else 1e-5
        assert after.cycles <= before.cycles, seed
        assert energies[1].total <= energies[0].total * (1 + rounding), seed
        assert min(after.counts.values()) >= 0
