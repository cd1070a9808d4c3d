"""The operations of STONNE's program, each on the machine that it runs on."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.activity import Activity
from hwsim.engines.stonne.components.reports import dense_activity, dense_report, sparse_report
from hwsim.engines.stonne.files.report import StonneReport
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.maeri.command import (
    linear_loops,
    simulate_linear,
    with_best_linear_tile,
)
from hwsim.engines.stonne.maeri.operation import Tile as LinearTile
from hwsim.engines.stonne.maeri.rules import refuse_unrunnable
from hwsim.engines.stonne.mapper.dense_gemm import stonne_tile
from hwsim.engines.stonne.mapper.mrna import MrnaLayer, mrna_gemm_tile, mrna_tile
from hwsim.engines.stonne.sigma.command import simulate_sparse, sparse_operands
from hwsim.engines.stonne.tpu.command import with_best_tile
from hwsim.engines.stonne.tpu.report import mesh_report, simulate_mesh
from hwsim.errors import InputError

Bits = NDArray[np.bool_]

#: What is least in a tile that is searched for, by what STONNE calls it.
_OBJECTIVES: Final = {"performance": "cycles", "energy": "energy", "energy_efficiency": "edp"}


def with_tile(settings: StonneSettings) -> StonneSettings:
    """Choose the tile where the program is told to choose one (``generate_tile``).

    ``generator`` says how: as mRNA, as STONNE's own mapper of dense GEMMs, or ``fastest``, the best
    of all that the machine takes for what ``generate_tile`` asks for.

    Raises
    ------
    InputError
        For a way that there is not.
    """
    target = str(settings.values.get("generate_tile", "none"))
    if target == "none":
        return settings
    generator = settings.text("generator")
    if generator == "fastest":
        best = with_best_tile if settings.on_mesh else with_best_linear_tile
        tiled = best(settings, _OBJECTIVES[target])
    elif settings.operation == "CONV":
        tiled = _with_mrna_tile(settings, target)
    else:
        M, N, K, num_ms = _at_least_one(settings, "M", "N", "K", "num_ms")
        by_mrna = generator == "mRNA"
        sizes = mrna_gemm_tile(M, K, num_ms) if by_mrna else stonne_tile(M, N, K, num_ms)
        tiled = settings.with_values(dict(zip(("T_M", "T_N", "T_K"), sizes, strict=True)))
    return tiled.with_values({"generate_tile": "none"})


def _with_mrna_tile(settings: StonneSettings, target: str) -> StonneSettings:
    """Take mRNA's tile of a convolution, which the program's own mapper has none of."""
    if settings.text("generator") == "StonneMapper":
        raise InputError(
            "-CONV: STONNE's own mapper has tiles of dense GEMMs only: set generator=mRNA, or "
            "fastest"
        )
    said = linear_loops(settings)
    refuse_unrunnable(replace(said, tile=LinearTile()))
    layer, machine = said.layer, said.machine
    shape = layer.R, layer.S, layer.channels, layer.filters, layer.X, layer.Y
    outputs = layer.rows, layer.columns, layer.strides
    channels, filters = mrna_tile(
        MrnaLayer(*shape, *outputs, machine.num_ms, machine.dn_bw), target
    )
    tile = LinearTile(R=layer.R, S=layer.S, C=channels, K=filters)
    return settings.with_values(tile.as_convolution())


def _at_least_one(settings: StonneSettings, *names: str) -> tuple[int, ...]:
    values = settings.numbers(*names)
    for name, value in zip(names, values, strict=True):
        if value < 1:
            raise InputError(f"{name} must be at least 1. Got {value}")
    return values


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
    if settings.text("rn_type") == "TEMPORALRN" and _dense(settings):
        return dense_activity(settings)
    return simulate_linear(settings)


def _dense(settings: StonneSettings) -> bool:
    """Tell whether the controller is MAERI's, which is a convolution's only one."""
    dense = "MAERI_DENSE_WORKLOAD"
    return settings.values.get("mem_ctrl", dense) == dense


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
    if settings.values.get("rn_type") == "TEMPORALRN" and _dense(settings):
        return dense_report(settings)
    simulate_operation(settings)  # refuses what the machine does not take
    if settings.operation == "SparseGEMM":
        return sparse_report(settings, *sparse_operands(settings))
    return dense_report(settings)
