"""A sensitivity analysis as text for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Group
from rich.text import Text

from hwsim.reports._layout import add_row, figures
from hwsim.reports._numbers import percent, ratio
from hwsim.studies.sensitivity import Sensitivity

#: Entries of a smaller share of the baseline's energy move nothing that can be read.
_SMALL_SHARE = 0.001


def sensitivity_report(analyses: list[Sensitivity]) -> Group:
    """Lay out for each energy table how the ratios move with each entry.

    Parameters
    ----------
    analyses : list of Sensitivity
        From :func:`hwsim.studies.sensitivity.sensitivity`.

    Returns
    -------
    rich.console.Group
        To print on a :class:`rich.console.Console`.
    """
    parts = [part for each in analyses for part in (*_one(each), "")]
    return Group(*parts[:-1])


def _one(analysis: Sensitivity) -> list[Any]:
    name, baseline = analysis.energy_table, analysis.baseline
    ratios = ", ".join(f"{scheme} {ratio(value)}" for scheme, value in analysis.ratios.items())
    schemes = list(analysis.ratios)
    table = figures(
        ["entry", "varied by"],
        [f"share of\n{baseline}", *(f"{baseline} /\n{each}" for each in schemes), "survives"],
        caption="survives: every scheme on its side of the others",
    )
    shown = analysis.table[analysis.table["share"] >= _SMALL_SHARE]
    for (entry, variation), rows in shown.groupby(["entry", "variation"], sort=False):
        first = rows.iloc[0]
        by_scheme = rows.set_index("scheme")["ratio"]
        extent = variation if "%" in str(variation) else f"{variation}, x {first['factor']:.3g}"
        cells = [f"{by_scheme[scheme]:.2f}" for scheme in schemes]
        verdict = _verdict(first["survives"])
        add_row(table, entry, extent, percent(first["share"]), *cells, verdict)
    together = figures(
        ["all entries off at once", "scheme"], ["lowest\nratio", "highest\nratio", "survives"]
    )
    for row in analysis.together.to_dict(orient="records"):
        bounds = (f"{row['lowest']:.2f}", f"{row['highest']:.2f}")
        add_row(together, row["extent"], row["scheme"], *bounds, _verdict(row["survives"]))
    return [
        Text(f"energy table {name}: {baseline} / scheme is {ratios}", style="bold"),
        table,
        Text(""),
        together,
        Text(_conclusion(analysis), style="bold"),
    ]


def _verdict(survives: bool) -> str:
    return "yes" if survives else "NO"


def _conclusion(analysis: Sensitivity) -> str:
    lost = analysis.table.loc[~analysis.table["survives"], "entry"].unique()
    if not len(lost):
        return "Every conclusion survives the variation of any one entry."
    return f"The order of the schemes depends on {', '.join(lost)}."
