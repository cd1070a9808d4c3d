"""Where the energy goes, layer by layer: one panel a scheme, bars stacked by component."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hwsim.reports._numbers import EnergyScale
from hwsim.reports._plain_text import draw_names_as_they_are

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hwsim.studies import RunResult

#: Components below this share of the energy of every scheme are too thin to be seen; they are
#: drawn together.
_SMALL_SHARE = 0.01
_LONGEST_LABEL = 28
# Okabe and Ito's colours, told apart with any colour vision.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
_REST, _REST_COLOUR = "other components", "#999999"


def energy_figure(result: RunResult) -> Figure:
    """Draw the energy of every layer under every scheme, stacked by component.

    Parameters
    ----------
    result : RunResult
        From :func:`hwsim.run`; of several energy tables the first is drawn.

    Returns
    -------
    matplotlib.figure.Figure
        A notebook shows it; ``savefig`` writes it. Figures beside the bars are ratios, baseline
        over scheme.
    """
    from matplotlib.figure import Figure

    result = result.by_energy_table(result.energy_tables[0])
    energies = _energy_by_part(result)
    layers = list(result.layers["layer"].unique())
    unit = result.layers["energy_unit"].iloc[0]
    scale = EnergyScale.of(result.layers["energy"], unit, below=1000)
    columns = len(result.schemes)
    figure = Figure(
        figsize=(2.0 + 2.9 * columns, 1.6 + 0.24 * len(layers)), dpi=150, layout="constrained"
    )
    panels = figure.subplots(1, columns, sharex=True, sharey=True, squeeze=False)[0]
    for panel, scheme in zip(panels, result.schemes, strict=True):
        _draw_bars(panel, energies[scheme].reindex(layers) / scale.divisor)
        _write_ratios(panel, result.layers[result.layers["scheme"] == scheme], scale)
        panel.set_title(scheme, fontsize=10)
        panel.set_xlabel(_energy_axis(result, scale), fontsize=8)
        panel.tick_params(labelsize=8)
        panel.grid(axis="x", color="#dddddd", linewidth=0.6)
        panel.set_axisbelow(True)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].set_yticks(range(len(layers)), [_short(name) for name in layers])
    # The first layer on top; room for the ratio beside the longest bar, if any has a length.
    panels[0].set_ylim(len(layers) - 0.4, -0.6)
    panels[0].set_xlim(0, 1.16 * result.layers["energy"].max() / scale.divisor or 1)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=min(4, len(labels)),
        fontsize=8,
        frameon=False,
    )
    network, arch = result.manifest["network"]["name"], result.manifest["arch"]["name"]
    ratios = f" ({result.baseline} / scheme beside the bars)" if result.baseline else ""
    whose = f"energy ({result.manifest['energy']['table']})"
    figure.suptitle(f"{network} on {arch}: {whose} by layer and component{ratios}", fontsize=11)
    draw_names_as_they_are(figure)
    return figure


def _energy_by_part(result: RunResult) -> dict[str, pd.DataFrame]:
    """For each scheme, layers down and the parts of the machine across, largest first."""
    components = result.components
    large = components[components["share"] >= _SMALL_SHARE]
    named = set(large["unit"] + " " + large["component"])
    parts = result.table["unit"] + " " + result.table["component"]
    parts = parts.where(parts.isin(named), _REST)
    summed = (
        result.table.assign(part=parts)
        .pivot_table(index=["scheme", "layer"], columns="part", values="energy", aggfunc="sum")
        .fillna(0.0)
    )
    order = summed.sum().sort_values(ascending=False).index
    summed = summed[sorted(order, key=lambda part: part == _REST)]
    return {
        str(scheme): rows.droplevel("scheme") for scheme, rows in summed.groupby(level="scheme")
    }


def _draw_bars(panel: Axes, energies: pd.DataFrame) -> None:
    left = np.zeros(len(energies))
    for number, part in enumerate(energies.columns):
        panel.barh(
            range(len(energies)),
            energies[part],
            left=left,
            height=0.72,
            label=part,
            color=_REST_COLOUR if part == _REST else _COLOURS[number % len(_COLOURS)],
        )
        left = left + energies[part].to_numpy()


def _write_ratios(panel: Axes, rows: pd.DataFrame, scale: EnergyScale) -> None:
    for place, (energy, ratio) in enumerate(zip(rows["energy"], rows["energy_ratio"], strict=True)):
        if ratio == ratio and round(ratio, 2) != 1:  # neither missing nor the baseline's own
            panel.annotate(
                f"{ratio:.2f}x",
                (energy / scale.divisor, place),
                xytext=(3, 0),
                textcoords="offset points",
                va="center",
                fontsize=6.5,
                color="#333333",
            )


def _energy_axis(result: RunResult, scale: EnergyScale) -> str:
    unit = "" if result.manifest["energy"]["unit"] else ", no unit stated"
    return f"energy [{scale.label}]{unit}"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else "…" + name[1 - _LONGEST_LABEL :]
