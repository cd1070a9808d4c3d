"""A sweep as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from hwsim.reports.numbers import EnergyScale, percent, ratio
from hwsim.reports.run_report import header_lines, price_lines

if TYPE_CHECKING:
    from hwsim.studies import SweepResult


def sweep_report(result: SweepResult) -> Group:
    """Lay out a sweep: what ran, a row a level, whose prices.

    Parameters
    ----------
    result : SweepResult
        From :func:`hwsim.sweep`.

    Returns
    -------
    rich.console.Group
        To print on a :class:`rich.console.Console`.
    """
    settings = result.manifest["sweep"]
    header = header_lines({**result.manifest, "schemes": []})
    pruned = result.manifest["schemes"][-1]["layers"]
    return Group(
        *header,
        Text(f"pruned    {len(pruned)} layers, {settings['method']} zeros, seed {settings['seed']}"),
        _levels(result),
        *price_lines(result.manifest),
    )


def _levels(result: SweepResult) -> Table:
    rows = result.table
    scale = EnergyScale.of(rows["energy"], rows["energy_unit"].iloc[0])
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for heading in (
        "sparsity",
        "MACs\neffectual",
        "cycles",
        f"energy\n{scale.label}",
        "cycles\nratio",
        "energy\nratio",
        "cycles ratio,\npruned layers",
        "energy ratio,\npruned layers",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for _, row in rows.iterrows():
        table.add_row(
            percent(row["sparsity"]),
            percent(row["density"]),
            f"{row['cycles']:,}",
            scale.show(row["energy"]),
            ratio(row["cycles_ratio"]),
            ratio(row["energy_ratio"]),
            ratio(row["pruned_cycles_ratio"]),
            ratio(row["pruned_energy_ratio"]),
        )
    return table
