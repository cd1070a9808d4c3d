"""One run of STONNE's program, from its parameters to cycles, counts and energy."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwsim.energy import load_energy_table, price
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.operations import report_operation, simulate_operation, with_tile
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
    settings = with_tile(StonneSettings.of(operation, params))
    activity = simulate_operation(settings, _bits(mk), _bits(kn))
    return GemmResult(activity, price(activity, load_energy_table("stonne"), None, None))


@dataclass(frozen=True)
class StonneRun:
    """What a run by the program's command line left.

    Parameters
    ----------
    cycles : int
        Total cycles.
    files : tuple of Path
        Its result files, ``.txt`` and ``.counters``; none with ``-print_stats=0``.
    """

    cycles: int
    files: tuple[Path, ...]


def run_stonne(arguments: Sequence[str], folder: Path | None = None) -> StonneRun:
    """Run what STONNE's program would run by its command line, and write the files that it would.

    Parameters
    ----------
    arguments : sequence of str
        What follows the program's name, such as ``-CONV`` and ``-R=3``.
    folder : Path, optional
        Where the files go; as for the program by default where ``OUTPUT_DIR`` says, or here.

    Returns
    -------
    StonneRun
        The files are equal to the program's byte for byte; their names hold the time, as its do.

    Raises
    ------
    InputError
        For what is no option or none of its values, for what STONNE stops at, and for a file that
        cannot be written.
    """
    settings = with_tile(StonneSettings.of_command_line(arguments))
    if not settings.number("print_stats"):
        return StonneRun(simulate_operation(settings).cycles, ())
    report = report_operation(settings)
    num_ms, dn_bw, rn_bw = settings.numbers("num_ms", "dn_bw", "rn_bw")
    stem = (
        f"output_stats_layer_{settings.text('layer_name')}_architecture_MSes_{num_ms}"
        f"_dnbw_{dn_bw}_rn_bw_{rn_bw}timestamp_{int(time.time())}"
    )
    place = Path(os.environ.get("OUTPUT_DIR", ".")) if folder is None else folder
    return StonneRun(report.cycles, report.write(place, stem))


def _bits(matrix: ArrayLike | None) -> NDArray[np.bool_] | None:
    return None if matrix is None else np.asarray(matrix) != 0
