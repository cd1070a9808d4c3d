"""Levels are made for an engine that asks for them, and not for one that looks at zeros."""

from dataclasses import replace

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.engines.stonne.sigma import SigmaEngine
from hwsim.networks.network import Layer
from hwsim.schemes import quantize
from hwsim.workload import Workload, lower
from tests.schemes.networks import laplace, network

SCHEMES = ["dense", "binary", "signed-binary", "signed-binary:scale=mean,sign=sum", "ternary"]


def made(weight, scheme):
    [layer] = quantize(network(weight, quantized_layers=("a",)), scheme, "all").layers
    return layer


@pytest.mark.parametrize("scheme", SCHEMES)
def test_they_say_what_was_known_without_them(scheme):
    layer = made(laplace(8, 5, 3, 3), scheme)
    workload = lower(layer)
    known = workload.effectual_weights, workload.nonzeros, workload.fingerprint()
    plain = Workload(**{name: getattr(workload, name) for name in workload.__dataclass_fields__})
    assert plain.levels.dtype == np.int8
    assert known[0] == plain.effectual_weights == layer.effectual
    np.testing.assert_array_equal(known[1], plain.levels != 0)
    np.testing.assert_array_equal(layer.mask, layer.levels != 0)
    assert known[2] == plain.fingerprint()
    assert workload.zeros_fingerprint() == plain.zeros_fingerprint()
    rows = layer.levels.reshape(8, -1)
    assert layer.signs.positive.tolist() == (rows > 0).any(axis=1).tolist()
    assert layer.signs.negative.tolist() == (rows < 0).any(axis=1).tolist()


@pytest.mark.parametrize("scheme", SCHEMES[:-1])
def test_sigma_does_not_ask_for_them(scheme):
    workload = lower(made(laplace(8, 5, 3, 3), scheme))
    engine = SigmaEngine()
    engine.key(workload)
    engine.simulate(workload, load_arch("sigma"))
    assert "levels" not in vars(workload)
    assert workload.shape == (1, 8, 45)
    assert workload.size == 360


def test_other_levels_are_other_zeros():
    workload = lower(made(laplace(8, 5, 3, 3), "signed-binary"))
    other = replace(workload, levels=np.zeros((1, 8, 45), np.int8))
    assert other.effectual_weights == 0
    assert not other.nonzeros.any()


def test_what_is_held_is_counted():
    binary = lower(made(laplace(8, 5, 3, 3), "binary"))
    assert binary.held_bytes == 0
    assert binary.levels.size == binary.held_bytes == 360
    signed = lower(made(laplace(8, 5, 3, 3), "signed-binary"))
    assert signed.held_bytes == 8 * 6  # of 45 weights a bit each


def test_a_scheme_that_looks_at_zeros_has_no_zeros_where_there_are_none():
    layer = Layer("a", "linear", laplace(4, 6))
    dense = replace(made(laplace(4, 6), "dense"), layer=layer)
    assert dense.mask.all()
    assert dense.mask.shape == (4, 6)
