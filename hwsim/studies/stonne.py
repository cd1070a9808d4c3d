"""One run of STONNE's program, from its parameters to cycles, counts and energy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwsim.energy import load_energy_table, price
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.operations import simulate_operation
from hwsim.studies.gemm import GemmResult


def simulate_stonne(
    operation: str,
    params: Mapping[str, Any],
    *,
    mk: ArrayLike | None = None,
    kn: ArrayLike | None = None,
) -> GemmResult:
    """Give what STONNE's program would say of an operation.

    Parameters
    ----------
    operation : {"CONV", "DenseGEMM", "FC", "SparseGEMM"}
        The option that asks the program for it, without the dash.
    params : mapping
        Options of its command line without the dash, e.g. ``{"M": 64, "N": 784, "K": 576,
        "ms_rows": 16, "ms_cols": 16, "dn_bw": 32, "rn_bw": 256, "T_M": 16, "T_N": 16}``; the
        program's defaults for the others. A dense GEMM with ``ms_rows`` or ``ms_cols`` runs on
        the systolic mesh, as STONNE's configuration of a TPU says it.
    mk, kn : array_like, shapes (M, K) and (K, N), optional
        Operands of a sparse GEMM, of which only the zeros matter. The program draws its own by
        ``MK_sparsity`` and ``KN_sparsity``, and they are drawn again unless given.

    Returns
    -------
    GemmResult
        Equal to STONNE's simulation in every figure, the energy by STONNE's table.

    Raises
    ------
    InputError
        If there is no such operation, option or value, or for what STONNE stops at: the line
        names the rule of the machine.

    Examples
    --------
    >>> import hwsim
    >>> mesh = {"ms_rows": 4, "ms_cols": 4, "dn_bw": 8, "rn_bw": 16, "T_M": 4, "T_N": 3}
    >>> hwsim.simulate_stonne("DenseGEMM", {"M": 9, "N": 7, "K": 5, **mesh}).cycles
    115
    """
    settings = StonneSettings.of(operation, params)
    activity = simulate_operation(settings, _bits(mk), _bits(kn))
    return GemmResult(activity, price(activity, load_energy_table("stonne"), None, None))


def _bits(matrix: ArrayLike | None) -> NDArray[np.bool_] | None:
    return None if matrix is None else np.asarray(matrix) != 0
