"""One GEMM as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from hwsim.reports.numbers import percent, significant

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.engines.gemm import GemmResult


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
    parameters = ", ".join(
        f"{name} {value} {arch.spec.parameters[name].unit}"
        for name, value in arch.parameters.items()
    )
    facts = [
        f"arch         {arch.name}: {parameters}; {dataflow}",
        f"cycles       {activity.cycles:,}",
        f"utilization  {percent(activity.utilization)}",
        f"MACs         {activity.effectual_macs:,} of {activity.macs:,} effectual",
        f"energy       {significant(energy.total)} "
        f"(dynamic {significant(energy.dynamic)}, static {significant(energy.static)})",
        f"             {energy.label}",
    ]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for heading in ("unit", "component", "action"):
        table.add_column(heading)
    for heading in ("count", "energy"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in energy.rows:
        if row.count:
            table.add_row(
                row.unit, row.component, row.action, f"{row.count:,}", significant(row.energy)
            )
    return Group(*map(Text, facts), table)
