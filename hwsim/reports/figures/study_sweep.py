"""A study against sparsity: energy and cycles, a curve each scheme and machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hwsim.reports._numbers import EnergyScale
from hwsim.reports.figures.curves import MOST_CURVES, Curve, left_out, swept_and_level
from hwsim.reports.figures.sheet import (
    QUIET,
    Drawn,
    cycle_unit,
    dress,
    finish,
    in_percent,
    legend,
    one_style,
    sheet,
)
from hwsim.studies.break_even import MEASURES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def draw_study_sweep(
    points: pd.DataFrame, names: Sequence[str], title: str, width: int = 2
) -> Drawn:
    """Draw the points of a study against the sparsity of the layers that are pruned.

    Parameters
    ----------
    points : DataFrame
        Of one energy table.
    names : sequence of str
        The axes that tell curves apart.
    title : str
        Name of the study.
    width : {1, 2}
        Columns of a paper.

    Returns
    -------
    Drawn
        Seeds are a band from the least to the most. The table has a row each curve and level.
    """
    import pandas as pd

    scale = EnergyScale.of(points["energy"], points["energy_unit"].iloc[0], below=1000)
    thousands, unit = cycle_unit(points["cycles"].max())
    curves, flat = swept_and_level(points, names)
    rows = [_figures(curve) for curve in curves]
    rows += [
        each.rows[list(MEASURES)].add_suffix("_mean").assign(curve=each.label) for each in flat
    ]
    with one_style():
        figure = sheet(width, 4.4 if width == 1 else 2.6)
        grid = (2, 1) if width == 1 else (1, 2)
        panels = figure.subplots(*grid, sharex=True)
        for panel, measure in zip(panels, MEASURES, strict=True):
            divisor = scale.divisor if measure == "energy" else thousands
            for curve in curves[:MOST_CURVES]:
                _draw(panel, curve, measure, divisor)
            for each in flat[:MOST_CURVES]:
                height = each.rows[measure].mean() / divisor
                panel.axhline(
                    height, color=QUIET, linestyle=each.dashes, linewidth=0.9, label=each.label
                )
            up = f"energy [{scale.label}]" if measure == "energy" else unit
            last = width == 2 or panel is panels[-1]
            dress(panel, "sparsity of the pruned layers [% zeros]" if last else None, up)
            panel.set_ylim(bottom=0)
            in_percent(panel)
        legend(figure, *panels[0].get_legend_handles_labels())
        room = left_out(len(curves), MOST_CURVES, "curves")
        finish(figure, f"{title}: against sparsity{room}")
    return Drawn(figure, pd.concat(rows, ignore_index=True))


def _draw(panel: Axes, curve: Curve, measure: str, divisor: float) -> None:
    levels = curve.rows.groupby("sparsity")[measure]
    mean = levels.mean() / divisor
    panel.plot(
        mean.index,
        mean,
        color=curve.colour,
        marker=curve.marker,
        linestyle=curve.dashes,
        label=curve.label,
    )
    if (levels.size() > 1).any():  # seeds
        spread = levels.min() / divisor, levels.max() / divisor
        panel.fill_between(mean.index, *spread, color=curve.colour, alpha=0.2, linewidth=0)


def _figures(curve: Curve) -> pd.DataFrame:
    part = curve.rows.groupby("sparsity")[list(MEASURES)].agg(["mean", "min", "max"])
    part.columns = ["_".join(pair) for pair in part.columns]
    return part.reset_index().assign(curve=curve.label)
