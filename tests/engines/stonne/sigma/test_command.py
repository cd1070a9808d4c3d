"""Sparse GEMMs as the program's command line asks for them."""

import numpy as np
import pytest

import hwsim
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.sigma.command import packing_order, sparse_operands
from hwsim.errors import InputError

SMALL = {"M": 4, "N": 3, "K": 8, "num_ms": 8, "dn_bw": 4, "rn_bw": 2}


def test_what_the_program_draws_is_drawn_again():
    # measured: stonne -SparseGEMM -M=4 -N=3 -K=8 -num_ms=8 -dn_bw=4 -rn_bw=2
    assert hwsim.simulate_stonne("SparseGEMM", SMALL).cycles == 59


def test_given_operands_are_those_of_the_engine():
    rng = np.random.default_rng(3)
    mk, kn = rng.random((4, 8)) < 0.5, rng.random((8, 3)) < 0.7
    arch = hwsim.load_arch("sigma", {"num_ms": 8, "dn_bw": 4, "rn_bw": 2})
    for dataflow in ("MK_STA_KN_STR", "MK_STR_KN_STA"):
        run = hwsim.simulate_stonne("SparseGEMM", {**SMALL, "dataflow": dataflow}, mk=mk, kn=kn)
        assert run.to_dict() == hwsim.simulate_gemm(mk, kn, arch, dataflow).to_dict()


def test_fibers_are_sorted_as_the_program_sorts_them():
    # 5 does not fit and comes first; then 4, nothing fits beside it, 3 (of 1), 3, ...
    assert packing_order(np.array([1, 4, 2, 5, 3]), 4).tolist() == [3, 1, 2, 0, 4]
    assert packing_order(np.array([3, 4, 3, 6]), 7).tolist() == [3, 1, 2, 0]
    assert packing_order(np.array([9, 9]), 4).tolist() == [0, 1]


def test_the_order_is_of_the_stationary_side():
    mk = np.zeros((3, 8), np.bool_)
    mk[1] = True
    kn = np.ones((8, 2), np.bool_)
    settings = StonneSettings.of("SparseGEMM", {**SMALL, "M": 3, "N": 2, "optimize": 1})
    stationary, streaming = sparse_operands(settings, mk, kn)
    assert stationary[0].all()
    assert streaming.shape == (2, 8)
    plain = StonneSettings.of("SparseGEMM", {**SMALL, "M": 3, "N": 2})
    assert not sparse_operands(plain, mk, kn)[0][0].any()


@pytest.mark.parametrize(
    ("given", "operands", "message"),
    [
        ({"M": 0}, {}, "M must be at least 1. Got 0"),
        ({"K": 0}, {}, "K must be at least 1. Got 0"),
        ({}, {"mk": np.ones((3, 8))}, "mk should have the shape (4, 8). Got (3, 8)"),
        ({}, {"kn": np.ones((3, 8))}, "kn should have the shape (8, 3). Got (3, 8)"),
    ],
)
def test_operands_that_do_not_fit(given, operands, message):
    with pytest.raises(InputError) as caught:
        hwsim.simulate_stonne("SparseGEMM", {**SMALL, **given}, **operands)
    assert str(caught.value) == message
