"""A GEMM whose result is known before it is run: the one in the test's container image."""

import numpy as np

import hwsim
from hwsim.engines.stonne.files import SparseGemm, draw_operands
from hwsim.workload import Workload
from tests.engines.stonne.files.result_files import counters_text, stats_text

ARCH = {"num_ms": 32, "dn_bw": 8, "rn_bw": 16}


def workload():
    return Workload("layer1", np.random.default_rng(1).random((1, 6, 20)) < 0.4, 3)


def expected():
    arch = hwsim.load_arch("sigma", ARCH)
    gemm = SparseGemm.of(workload(), arch)
    mk, kn = draw_operands((gemm.M, gemm.K), gemm.mk_sparsity, (gemm.K, gemm.N), gemm.kn_sparsity)
    return hwsim.simulate_gemm(mk, kn, arch, gemm.dataflow)


def result_texts():
    problem, result = workload(), expected().to_dict()
    shape = problem.M, problem.K, problem.N
    return {
        "counters": counters_text(result),
        "txt": stats_text(result, *shape, ARCH["num_ms"]),
    }
