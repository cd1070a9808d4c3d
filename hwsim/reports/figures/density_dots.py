"""Density of the weights and utilisation of the units, layer by layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from hwsim.reports.figures.layer_panels import layer_panels
from hwsim.reports.figures.palette import scheme_looks
from hwsim.reports.figures.rows import layer_rows, run_name
from hwsim.reports.figures.sheet import Drawn, dot, finish, in_percent, legend, one_style

if TYPE_CHECKING:
    from hwsim.studies import RunResult

#: What is shown: columns of the layer table, what they are and share of what.
_SHOWN: Final = {
    "density": ("density of the weights", "share that is not zero [%]"),
    "utilization": ("utilisation of the machine", "multiplications / units x cycles [%]"),
}


def draw_density(result: RunResult, width: int = 2) -> Drawn:
    """Draw density and utilisation of every layer under every scheme.

    Parameters
    ----------
    result : RunResult
        From :func:`hwsim.run`.
    width : {1, 2}
        Columns of a paper.

    Returns
    -------
    Drawn
        The table has a row each scheme and layer.
    """
    import pandas as pd

    result = result.by_energy_table(result.energy_tables[0])
    rows, looks = layer_rows(result), scheme_looks(result.schemes)
    table = result.sums.layers
    titles, units = zip(*_SHOWN.values(), strict=True)
    with one_style():
        figure, panels = layer_panels(titles, rows, width, units)
        for panel, measure in zip(panels, _SHOWN, strict=True):
            values = dict(zip(table.rows("scheme", "layer"), table[measure], strict=True))
            for number, (scheme, look) in enumerate(looks.items()):
                # Side by side within the row, so that equal values stay in sight.
                offset = 0.22 * (number - (len(looks) - 1) / 2)
                shares = [
                    values[scheme, layers[0]] if len(layers) == 1 else math.nan
                    for layers in rows.layers
                ]
                places = [place + offset for place in range(len(rows))]
                panel.plot(shares, places, look.marker, color=look.colour, markersize=3)
            panel.set_xlim(-0.02, 1.02)
            in_percent(panel)
        legend(figure, [dot(look) for look in looks.values()], list(looks))
        finish(figure, f"{run_name(result)}: density and utilisation by layer")
    names = ("scheme", "layer", "density", "utilization")
    return Drawn(figure, pd.DataFrame({name: table[name] for name in names}))
