"""Cycles and energy against sparsity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hwsim.reports._plain_text import draw_names_as_they_are

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hwsim.studies import SweepResult


def sweep_figure(result: SweepResult) -> Figure:
    """Draw cycles and energy of the pruned network, relative to the dense one.

    Parameters
    ----------
    result : SweepResult
        From :func:`hwsim.sweep`.

    Returns
    -------
    matplotlib.figure.Figure
        Left the pruned layers alone, right the whole network; 1 is the dense network.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    table = result.table
    figure = Figure(figsize=(9, 4), dpi=150, layout="constrained")
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for panel, prefix, title in zip(
        panels, ("", "network_"), ("pruned layers", "whole network"), strict=True
    ):
        for measure, style in (("energy", "o-"), ("cycles", "s--")):
            panel.plot(
                table["sparsity"],
                1 / table[f"{prefix}{measure}_ratio"],
                style,
                label=measure,
                markersize=4,
            )
        panel.plot([0, 1], [1, 0], ":", color="#999999", label="share of weights left")
        panel.set_title(title, fontsize=10)
        panel.set_xlabel("sparsity of the pruned layers [share of zeros]", fontsize=9)
        panel.xaxis.set_major_formatter(PercentFormatter(1))
        panel.grid(color="#dddddd", linewidth=0.6)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("relative to dense", fontsize=9)
    panels[0].set_xlim(0, 1)
    panels[0].set_ylim(bottom=0)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=9, frameon=False)
    manifest = result.manifest
    figure.suptitle(
        f"{manifest['network']['name']} on {manifest['arch']['name']}, "
        f"{manifest['sweep']['method']} zeros ({manifest['energy']['label']})",
        fontsize=11,
    )
    draw_names_as_they_are(figure)
    return figure
