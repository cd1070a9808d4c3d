"""Energy against cycles, and the points that no other one beats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hwsim.reports._numbers import EnergyScale
from hwsim.reports.figures.curves import MOST_CURVES, curves_of, left_out
from hwsim.reports.figures.sheet import (
    INK,
    Drawn,
    cycle_unit,
    dress,
    finish,
    legend,
    one_style,
    sheet,
)
from hwsim.studies.pareto import pareto_front

if TYPE_CHECKING:
    import pandas as pd


def draw_pareto(points: pd.DataFrame, names: Sequence[str], title: str, width: int = 1) -> Drawn:
    """Draw every point of a study, and the front.

    Parameters
    ----------
    points, names, title, width
        As for :func:`~hwsim.reports.figures.study_sweep.draw_study_sweep`.

    Returns
    -------
    Drawn
        The table has a row each point; ``front`` says which are on it.
    """
    scale = EnergyScale.of(points["energy"], points["energy_unit"].iloc[0], below=1000)
    front = pareto_front(points[["cycles", "energy"]].to_numpy(float))
    curves = curves_of(points, names)
    divisor, unit = cycle_unit(points["cycles"].max())
    with one_style():
        figure = sheet(width, 2.4 if width == 1 else 3.2)
        panel = figure.subplots()
        for curve in curves[:MOST_CURVES]:
            energies = curve.rows["energy"] / scale.divisor
            panel.plot(
                curve.rows["cycles"] / divisor,
                energies,
                curve.marker,
                color=curve.colour,
                label=curve.label,
                markeredgecolor="white",
                markeredgewidth=0.3,
            )
        best = points[front].sort_values("cycles")
        panel.step(
            best["cycles"] / divisor,
            best["energy"] / scale.divisor,
            where="post",
            color=INK,
            linewidth=0.9,
            zorder=1,
            label="no other point beats these",
        )
        dress(panel, unit, f"energy [{scale.label}]")
        legend(figure, *panel.get_legend_handles_labels())
        room = left_out(len(curves), MOST_CURVES, "kinds of point")
        finish(figure, f"{title}: energy against cycles{room}")
    columns = [*names, "sparsity", "seed", "cycles", "energy", "energy_unit", "area", "area_unit"]
    return Drawn(figure, points[columns].assign(front=front))
