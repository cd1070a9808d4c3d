"""Cycles and energy of a pruned network against sparsity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hwsim.reports.figures.palette import MEASURE_COLOURS
from hwsim.reports.figures.sheet import (
    TEXT,
    Drawn,
    dress,
    finish,
    in_percent,
    legend,
    one_style,
    sheet,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hwsim.studies import SweepResult


def sweep_figure(result: SweepResult, width: int = 2) -> Figure:
    """Draw cycles and energy of the pruned network, relative to the dense one.

    Parameters
    ----------
    result : SweepResult
        From :func:`hwsim.sweep`.
    width : {1, 2}
        Columns of a paper.

    Returns
    -------
    matplotlib.figure.Figure
        Left (above in one column) the pruned layers alone, then the whole network; 1 is the dense
        network.
    """
    return draw_sweep(result, width).figure


def draw_sweep(result: SweepResult, width: int = 2) -> Drawn:
    """Draw :func:`sweep_figure`; the table has a row each level."""
    table = result.table
    manifest = result.manifest
    with one_style():
        figure = sheet(width, 3.9 if width == 1 else 2.5)
        grid = (2, 1) if width == 1 else (1, 2)
        panels = figure.subplots(*grid, sharex=True, sharey=True)
        for panel, prefix, title in zip(
            panels, ("", "network_"), ("pruned layers", "whole network"), strict=True
        ):
            for (measure, colour), style in zip(
                MEASURE_COLOURS.items(), ("o-", "s--"), strict=True
            ):
                ratio = 1 / table[f"{prefix}{measure}_ratio"]
                panel.plot(table["sparsity"], ratio, style, color=colour, label=measure)
            panel.plot([0, 1], [1, 0], ":", color="#999999", label="share of weights left")
            panel.set_title(title, fontsize=TEXT, pad=3)
            last = width == 2 or panel is panels[-1]
            first = width == 1 or panel is panels[0]
            dress(
                panel,
                "sparsity of the pruned layers [% zeros]" if last else None,
                "relative to dense [1]" if first else None,
            )
            in_percent(panel)
        panels[0].set_xlim(0, 1)
        panels[0].set_ylim(bottom=0)
        legend(figure, *panels[0].get_legend_handles_labels())
        finish(
            figure,
            f"{manifest['network']['name']} on {manifest['arch']['name']}, "
            f"{manifest['sweep']['method']} zeros ({manifest['energy']['label']})",
        )
    return Drawn(figure, table)
