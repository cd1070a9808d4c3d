"""One GEMM as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group

from hwsim.reports._layout import add_row, facts, figures
from hwsim.reports._numbers import percent, significant

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.studies.gemm import GemmResult


def gemm_report(result: GemmResult, arch: Arch, dataflow: str) -> Group:
    """Lay out a GEMM: cycles, utilisation, energy, and every action that happened.

    Parameters
    ----------
    result : GemmResult
        From :func:`hwsim.simulate_gemm`.
    arch : Arch
        The machine.
    dataflow : str
        Which operand was stationary.

    Returns
    -------
    rich.console.Group
        To print on a :class:`rich.console.Console`.
    """
    activity, energy = result.activity, result.energy
    numbers = [
        f"{name} {value} {arch.spec.parameters[name].unit}"
        for name, value in arch.parameters.items()
    ]
    parameters = ", ".join([*numbers, *(f"{name} {word}" for name, word in arch.options.items())])
    parts = f"dynamic {significant(energy.dynamic)}, static {significant(energy.static)}"
    header = facts(
        [
            ("arch", f"{arch.name}: {parameters}"),
            ("dataflow", dataflow),
            ("cycles", f"{activity.cycles:,}"),
            ("utilization", percent(activity.utilization)),
            ("MACs", f"{activity.effectual_macs:,} of {activity.macs:,} effectual"),
            ("energy", f"{significant(energy.total)} ({parts})"),
            ("", energy.label),
        ]
    )
    table = figures(["unit", "component", "action"], ["count", "energy"])
    for row in energy.rows:
        if row.count:
            figure = significant(row.energy)
            add_row(table, row.unit, row.component, row.action, f"{row.count:,}", figure)
    return Group(header, "", table)
