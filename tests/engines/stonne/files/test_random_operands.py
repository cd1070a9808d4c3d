import ctypes
import itertools
import platform

import numpy as np
import pytest

import hwsim
from hwsim.engines.stonne.files import draw_operands
from hwsim.engines.stonne.files.random_operands import glibc_rand


def test_the_first_numbers_of_the_gnu_c_library():
    # What a C program that never seeds prints with the GNU C library.
    first = [1804289383, 846930886, 1681692777, 1714636915, 1957747793]
    assert list(itertools.islice(glibc_rand(), 5)) == first


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not the GNU one")
def test_the_same_as_the_c_library_of_this_machine():
    libc = ctypes.CDLL(None)
    libc.srand(1)
    theirs = [libc.rand() for _ in range(70_000)]
    assert list(itertools.islice(glibc_rand(), 70_000)) == theirs


def test_a_run_of_the_real_program():
    # stonne -SparseGEMM -M=6 -N=4 -K=18 -num_ms=16 -dn_bw=8 -rn_bw=16 -MK_sparsity=65
    # -KN_sparsity=0 -dataflow=MK_STA_KN_STR, measured for this project.
    mk, kn = draw_operands((6, 18), 65, (18, 4), 0)
    arch = hwsim.load_arch("sigma", {"num_ms": 16, "dn_bw": 8, "rn_bw": 16})
    activity = hwsim.simulate_gemm(mk, kn, arch).activity
    assert activity.cycles == 54
    assert activity.statistics["N_SRAM_weight_reads"] == 42
    assert activity.statistics["N_SRAM_input_reads"] == 213
    assert activity.by_action()["ReduceNetwork", "ADDER", "ADD_3_1"] == 24


def test_shares_of_zeros():
    mk, kn = draw_operands((300, 300), 64, (300, 300), 0)
    assert np.mean(mk) == pytest.approx(0.35, abs=0.01)
    assert np.mean(kn) == pytest.approx(0.99, abs=0.01)
    nothing, _ = draw_operands((20, 20), 99, (1, 1), 0)
    assert not nothing.any()
