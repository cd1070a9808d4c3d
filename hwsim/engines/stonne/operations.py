"""The operations of STONNE's program, each on the machine that it runs on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwsim.activity import Activity
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.sigma.command import simulate_sparse
from hwsim.engines.stonne.tpu.command import simulate_mesh
from hwsim.errors import InputError

Bits = NDArray[np.bool_]


def simulate_operation(
    settings: StonneSettings, mk: Bits | None = None, kn: Bits | None = None
) -> Activity:
    """Find what a run of STONNE's program counts.

    Parameters
    ----------
    settings : StonneSettings
        What the program is told.
    mk, kn : ndarray of bool, optional
        Operands of a sparse GEMM, which else are those that the program draws.

    Raises
    ------
    InputError
        If the machine does not take it; the line names the rule.
    """
    if settings.operation == "SparseGEMM":
        return simulate_sparse(settings, mk, kn)
    if mk is not None or kn is not None:
        raise InputError(f"{settings.operation}: dense operands have no zeros; give no mk and kn")
    if settings.on_mesh:
        return simulate_mesh(settings)
    raise InputError(
        f"{settings.operation}: hwsim has no MAERI, on which STONNE runs it unless the multipliers "
        "are a mesh (mn_type=OS_MESH)"
    )
