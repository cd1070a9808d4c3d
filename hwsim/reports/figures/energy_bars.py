"""Where the energy goes, layer by layer: one panel a scheme, bars stacked by component."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hwsim.reports._numbers import EnergyScale
from hwsim.reports.figures.layer_panels import layer_panels, write_ratios
from hwsim.reports.figures.parts import parts_of
from hwsim.reports.figures.rows import layer_rows, run_name
from hwsim.reports.figures.sheet import Drawn, filled, finish, legend, one_style, patch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hwsim.studies import RunResult


def energy_figure(result: RunResult, width: int = 2) -> Figure:
    """Draw the energy of every layer under every scheme, stacked by component.

    Parameters
    ----------
    result : RunResult
        From :func:`hwsim.run`; of several energy tables the first is drawn.
    width : {1, 2}
        Columns of a paper.

    Returns
    -------
    matplotlib.figure.Figure
        A notebook shows it; ``savefig`` writes it. Figures beside the bars are ratios, baseline
        over scheme.
    """
    return draw_energy(result, width).figure


def draw_energy(result: RunResult, width: int = 2) -> Drawn:
    """Draw :func:`energy_figure`; the table has a row each scheme, layer and component."""
    import pandas as pd

    result = result.by_energy_table(result.energy_tables[0])
    rows, parts = layer_rows(result), parts_of(result)
    unit = result.sums.layers["energy_unit"][0]
    totals, ratios = rows.sums(result, "energy"), rows.ratios(result, "energy")
    longest = max(max(energies) for energies in totals.values())
    scale = EnergyScale.of([longest], unit, below=1000)
    with one_style():
        figure, panels = layer_panels(result.schemes, rows, width, energy_axis(scale, unit))
        for panel, scheme in zip(panels, result.schemes, strict=True):
            left = [0.0] * len(rows)
            for name, look in parts.looks.items():
                lengths = [parts.total(scheme, each)[name] / scale.divisor for each in rows.layers]
                panel.barh(range(len(rows)), lengths, left=left, height=0.74, **filled(look))
                left = [start + length for start, length in zip(left, lengths, strict=True)]
            write_ratios(panel, left, ratios[scheme])
        # Room for the ratio beside the longest bar, if any has a length.
        panels[0].set_xlim(0, 1.2 * longest / scale.divisor or 1)
        legend(figure, [patch(look) for look in parts.looks.values()], list(parts.looks))
        finish(figure, _title(result))
    cells = [
        {
            "scheme": scheme,
            "layer": layer,
            "component": name,
            "energy": parts.energy[scheme, layer].get(name, 0.0),
            "energy_unit": unit,
        }
        for scheme in result.schemes
        for layer in (layer for layers in rows.layers for layer in layers)
        for name in parts.looks
    ]
    return Drawn(figure, pd.DataFrame(cells))


def energy_axis(scale: EnergyScale, unit: str) -> str:
    """Name an axis of energies."""
    return f"energy [{scale.label}]{'' if unit else ', no unit stated'}"


def _title(result: RunResult) -> str:
    ratios = f" ({result.baseline} / scheme beside the bars)" if result.baseline else ""
    whose = f"energy ({result.manifest['energy']['table']})"
    return f"{run_name(result)}: {whose} by layer and component{ratios}"
