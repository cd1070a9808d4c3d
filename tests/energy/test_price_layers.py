"""Layers priced side by side cost, to the last bit, what they cost one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.activity import ActionKey, Activity
from hwsim.amount import anywhere, over, real, side_by_side, smaller, square_root, told
from hwsim.arch import load_arch
from hwsim.energy import alike_layers, load_energy_tables, price, price_layers
from hwsim.energy.physical import structures
from hwsim.engines import load_engine
from hwsim.errors import InputError
from hwsim.networks import Layer, Network
from hwsim.schemes import quantize
from hwsim.workload import Activations, lower


def layers_of(engine, arch):
    """Give activities and operands of layers that differ: folded rows, no zeros, no weights."""
    rng = np.random.default_rng(5)
    shapes = [(8, 4, 3, 3), (8, 40, 3, 3), (3, 1, 1, 1), (8, 4, 3, 3)]
    weights = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]
    weights.append(np.zeros((4, 4, 3, 3), np.float32))
    layers = [
        Layer(f"layer{n}", "conv", weight, input_size=(6 + n, 6))
        for n, weight in enumerate(weights)
    ]
    found = []
    for scheme in ("dense", "signed-binary:sign=sum", "ternary"):
        for each in quantize(Network("many", tuple(layers)), scheme, layers="all").layers:
            share = 0.5 if each.layer.name == "layer3" else 1.0
            workload = lower(each, Activations(share))
            found.append((engine.simulate(workload, arch), workload.operands))
    return found


def rows_of(breakdown, place=None):
    """Give the rows that one layer has, with every figure."""
    found = []
    for row in breakdown.rows:
        figures = row.count, row.energy, row.figure.value, row.happened
        if place is not None:
            figures = [each[place] if isinstance(each, np.ndarray) else each for each in figures]
        count, energy, value, happened = figures
        names = row.unit, row.component, row.action, row.operand, row.entry
        if happened:
            ends = row.figure.low, row.figure.high, row.figure.source
            found.append((*names, count, energy, value, *ends))
    return found


@pytest.mark.parametrize("name", ["sigma", "sigma-hpca2020", "maeri"])
def test_side_by_side_is_one_by_one(name):
    small = {} if name == "sigma-hpca2020" else {"num_ms": 32, "dn_bw": 32, "rn_bw": 32}
    arch = load_arch(name, small)
    layers = layers_of(load_engine(arch.engine), arch)
    own, *_, last = structures(arch.technology).values()
    for technology in (own, last):
        machine = replace(arch, technology=technology)
        for model in load_energy_tables("physical,stonne"):
            together = price_layers(alike_layers(layers), model, machine)
            assert len(together) < len(layers) / 2
            assert sorted(n for members, _ in together for n in members) == [*range(len(layers))]
            for members, breakdown in together:
                for place, number in enumerate(members):
                    activity, operands = layers[number]
                    alone = price(activity, model, machine, operands)
                    assert rows_of(breakdown, place) == rows_of(alone)
                    assert alone.area_by_unit == breakdown.area_by_unit
                    for sum_of in ("total", "static", "dynamic"):
                        mine = np.broadcast_to(getattr(breakdown, sum_of), len(members))
                        assert mine[place] == getattr(alone, sum_of)


def test_what_has_no_price_is_named_of_any_layer():
    arch = load_arch("sigma")
    leap = ActionKey("MSNetwork", "MULTIPLIER", "LEAP")
    layers = [(Activity("sigma", 1, {leap: number}, {}, 1, 1, 1.0), None) for number in (0, 3)]
    with pytest.raises(InputError, match="no price for action 'LEAP'"):
        price_layers(alike_layers(layers), *load_energy_tables("stonne"), arch)


@given(st.lists(st.one_of(st.integers(0, 2**70), st.floats(0, 1e9)), min_size=1, max_size=4))
def test_arrays_compute_as_numbers_do(values):
    together = side_by_side(values)
    for place, value in enumerate(values):
        assert together[place] == value
        assert (together * 3 + 1)[place] == value * 3 + 1
        assert (together * 2**20)[place] == value * 2**20
        assert real(together * 0.1)[place] == float(value * 0.1)
        assert smaller(together, 5)[place] == min(value, 5)
        assert over(together, together, -1.0)[place] == (1 if value else -1.0)
        assert square_root(together)[place] == square_root(value)
    assert anywhere(together) == any(values)
    assert told(together) == " to ".join(
        dict.fromkeys(f"{end:.4g}" for end in (min(values), max(values)))
    )
