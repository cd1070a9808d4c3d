"""The command line of STONNE's program for one sparse GEMM."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hwsim.arch import Arch
from hwsim.engines.stonne.files.config import sizes
from hwsim.workload.workload import Workload

_LONGEST_NAME = 100


@dataclass(frozen=True)
class SparseGemm:
    """One run of ``stonne -SparseGEMM``.

    Parameters
    ----------
    name : str
        Becomes part of the names of the result files.
    M, K, N : int
        The GEMM: ``MK`` is (M, K), ``KN`` is (K, N).
    dataflow : {"MK_STA_KN_STR", "MK_STR_KN_STA"}
        Which matrix is stationary.
    num_ms, dn_bw, rn_bw : int
        Multipliers; read and write ports [elements/cycle].
    mk_sparsity, kn_sparsity : int
        0 to 99, see :func:`sparsity_option`.
    """

    name: str
    M: int
    K: int
    N: int
    dataflow: str
    num_ms: int
    dn_bw: int
    rn_bw: int
    mk_sparsity: int = 0
    kn_sparsity: int = 0

    @classmethod
    def of(cls, workload: Workload, arch: Arch) -> SparseGemm:
        """Describe one group of a layer: its shape, and the share of zeros in its weights."""
        option = sparsity_option(1 - workload.density)
        stationary_left = workload.dataflow == "MK_STA_KN_STR"
        return cls(
            name=safe_name(workload.layer),
            M=workload.M,
            K=workload.K,
            N=workload.N,
            dataflow=workload.dataflow,
            mk_sparsity=option if stationary_left else 0,
            kn_sparsity=0 if stationary_left else option,
            **sizes(arch)._asdict(),
        )

    @property
    def arguments(self) -> list[str]:
        """What follows the program's name, one argument an item."""
        return [
            "-SparseGEMM",
            f"-layer_name={self.name}",
            f"-M={self.M}",
            f"-K={self.K}",
            f"-N={self.N}",
            f"-num_ms={self.num_ms}",
            f"-dn_bw={self.dn_bw}",
            f"-rn_bw={self.rn_bw}",
            f"-MK_sparsity={self.mk_sparsity}",
            f"-KN_sparsity={self.kn_sparsity}",
            f"-dataflow={self.dataflow}",
            "-print_stats=1",
        ]


def sparsity_option(zeros: float) -> int:
    """Choose the whole number after ``-MK_sparsity=`` that comes closest to a share of zeros.

    STONNE makes an element zero when ``rand() % 100 <= option``, that is with a probability of
    (option + 1) / 100 (``generateMatrixDense`` in its ``utility.cpp``): an option of 0 still
    leaves 1 % zeros, and 99 makes everything zero.

    Parameters
    ----------
    zeros : float
        Share of zeros, 0 to 1.
    """
    return min(max(round(100 * zeros) - 1, 0), 99)


def safe_name(layer: str) -> str:
    """Turn a layer's name into one for files: letters, digits, dot, dash and underscore."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", layer)[:_LONGEST_NAME].lstrip(".") or "layer"
