"""Two energy tables side by side as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from hwsim.energy import EnergyModel
from hwsim.reports._layout import add_row, figures
from hwsim.reports._numbers import EnergyScale, percent

if TYPE_CHECKING:
    import pandas as pd


def energy_diff_report(rows: pd.DataFrame, first: EnergyModel, second: EnergyModel) -> Group:
    """Lay out what two energy tables charge for one layer.

    Parameters
    ----------
    rows : DataFrame
        From :func:`hwsim.studies.energy_diff.energy_diff`.
    first, second : EnergyModel
        The two.

    Returns
    -------
    rich.console.Group
        To print on a :class:`rich.console.Console`.
    """
    models = {"first": first, "second": second}
    scales = {name: EnergyScale.of(rows[name], model.unit) for name, model in models.items()}
    headings = [
        text
        for name, model in models.items()
        for text in (f"{model.name}\n{scales[name].label}", "share")
    ]
    table = figures(["unit", "component", "action"], headings)
    for _, row in rows.iterrows():
        cells = [
            text
            for name in models
            for text in (scales[name].show(row[name]), percent(row[f"{name}_share"]))
        ]
        add_row(table, row["unit"], row["component"], row["action"], *cells)
    totals = [
        text for name in models for text in (scales[name].show(rows[name].sum()), percent(1.0))
    ]
    add_row(table, "total", "", "", *totals)
    lines = [f"{model.name}: {model.label}; {model.provenance}" for model in models.values()]
    return Group(table, Text("\n".join(lines)))
