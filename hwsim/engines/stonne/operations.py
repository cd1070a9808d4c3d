"""The operations of STONNE's program, each on the machine that it runs on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwsim.activity import Activity
from hwsim.engines.stonne.components.reports import dense_report, sparse_report
from hwsim.engines.stonne.files.report import StonneReport
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.sigma.command import simulate_sparse, sparse_operands
from hwsim.engines.stonne.tpu.command import simulate_mesh, with_fastest_tile
from hwsim.engines.stonne.tpu.report import mesh_report
from hwsim.errors import InputError

Bits = NDArray[np.bool_]


def with_tile(settings: StonneSettings) -> StonneSettings:
    """Choose the tile where the program is told to (``generate_tile``): the fastest that there is.

    STONNE's own mappers estimate; what is chosen here is never slower.

    Raises
    ------
    InputError
        If it is to be chosen by anything but cycles.
    """
    target = settings.values.get("generate_tile", "none")
    if target == "none":
        return settings
    if target != "performance":
        raise InputError(
            f"generate_tile: tiles are chosen by cycles only, 1 or performance. Got {target}"
        )
    if settings.on_mesh:
        return with_fastest_tile(settings)
    raise InputError("generate_tile: hwsim chooses tiles for the mesh only (mn_type=OS_MESH)")


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


def report_operation(settings: StonneSettings) -> StonneReport:
    """Find what every component does in a run, for the program's result files.

    The flexible fabric is stepped for it: thousands of cycles a second.

    Raises
    ------
    InputError
        As :func:`simulate_operation`.
    """
    if settings.on_mesh:
        return mesh_report(settings)
    simulate_operation(settings)  # refuses what the machine does not take
    if settings.operation == "SparseGEMM":
        return sparse_report(settings, *sparse_operands(settings))
    return dense_report(settings)
