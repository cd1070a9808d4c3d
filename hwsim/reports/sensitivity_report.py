"""A sensitivity analysis as text for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from hwsim.reports._layout import add_row, figures
from hwsim.reports._numbers import interval, percent, ratio
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
    title = f"energy table {name}: {baseline} / scheme is {ratios}" if ratios else ""
    unknown = [
        f"energy table {name}: this table cannot tell {each} from {baseline}, it has no bit widths"
        for each in analysis.cannot_tell
    ]
    head = Text("\n".join(filter(None, (title, *unknown))), style="bold")
    if not ratios:
        return [head]
    several = analysis.structures["structure"].nunique() > 1
    structures = [_structures(analysis), Text("")] if several else []
    return [
        head,
        _variations(analysis),
        Text(""),
        *structures,
        _together(analysis),
        Text(_conclusion(analysis), style="bold"),
    ]


def _variations(analysis: Sensitivity) -> Table:
    baseline, schemes = analysis.baseline, list(analysis.ratios)
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
    return table


def _structures(analysis: Sensitivity) -> Table:
    """Lay out ratio and bounds of each scheme under each structure, the machine's own first."""
    baseline, schemes = analysis.baseline, list(analysis.ratios)
    headings = [text for each in schemes for text in (f"{baseline} /\n{each}", "all prices\noff")]
    own = str(analysis.structures["structure"].iloc[0])
    names, _ = _keys_and_ways(own)
    table = figures([f"structure:\n{names}"], [*headings, "survives"])
    for structure, rows in analysis.structures.groupby("structure", sort=False):
        figures_of: dict[Any, Any] = rows.set_index("scheme").to_dict("index")
        cells = [
            text
            for row in (figures_of[scheme] for scheme in schemes)
            for text in (ratio(row["ratio"]), interval(row["lowest"], row["highest"]))
        ]
        add_row(
            table, _keys_and_ways(str(structure))[1], *cells, _verdict(rows["survives"].iloc[0])
        )
    return table


def _keys_and_ways(structure: str) -> tuple[str, str]:
    """Part ``controller=reads-all, tree_width=grows`` into its keys and its ways."""
    pairs = [each.partition("=") for each in structure.split(", ")]
    return ", ".join(key for key, _, _ in pairs), ", ".join(way for _, _, way in pairs)


def _together(analysis: Sensitivity) -> Table:
    table = figures(
        ["all entries off at once", "scheme"], ["lowest\nratio", "highest\nratio", "survives"]
    )
    for row in analysis.together.to_dict(orient="records"):
        bounds = (f"{row['lowest']:.2f}", f"{row['highest']:.2f}")
        add_row(table, row["extent"], row["scheme"], *bounds, _verdict(row["survives"]))
    return table


def _verdict(survives: bool) -> str:
    return "yes" if survives else "NO"


def _conclusion(analysis: Sensitivity) -> str:
    several = analysis.structures["structure"].nunique() > 1
    lost = list(analysis.table.loc[~analysis.table["survives"], "entry"].unique())
    if several and not analysis.structures["survives"].all():
        lost.append("the machine's structure")
    if not lost:
        structure = ", and every structure" if several else ""
        return f"Every conclusion survives the variation of any one entry{structure}."
    return f"The order of the schemes depends on {', '.join(lost)}."
