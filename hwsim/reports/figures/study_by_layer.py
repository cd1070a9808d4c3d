"""The energy of each layer relative to the baseline, by sparsity, as maps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from hwsim.reports.figures.curves import curves_of, left_out
from hwsim.reports.figures.sheet import (
    COLUMN_INCHES,
    SMALL,
    TEXT,
    TINY,
    Drawn,
    finish,
    one_style,
    sheet,
    short,
)

if TYPE_CHECKING:
    import pandas as pd

#: Schemes and machines that one figure has room for.
_MOST_PANELS: Final = 12
_ACROSS: Final = {1: 2, 2: 4}


def draw_by_layer(layers: pd.DataFrame, names: Sequence[str], title: str, width: int = 2) -> Drawn:
    """Draw a map each scheme and machine: layers down, levels of sparsity across.

    Parameters
    ----------
    layers : DataFrame
        Of one energy table.
    names, title, width
        As for :func:`~hwsim.reports.figures.study_sweep.draw_study_sweep`.

    Returns
    -------
    Drawn
        The table has a row each point and layer.
    """
    pruned = layers[layers["sparsity"].notna() & layers["energy"].notna()]
    curves = curves_of(pruned, names)
    shown = curves[:_MOST_PANELS]
    across = min(_ACROSS[width], len(shown))
    down = math.ceil(len(shown) / across)
    order = list(dict.fromkeys(pruned["layer"]))
    with one_style():
        room = int(COLUMN_INCHES[width] / across * 11)
        lines = max(len(_in_lines(curve.label, room)) for curve in shown)
        figure = sheet(width, 0.7 + down * (0.4 + 0.1 * (lines + len(order))))
        grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
        for panel in grid.ravel()[len(shown) :]:
            panel.set_visible(False)
        image = None
        for panel, curve in zip(grid.ravel(), shown, strict=False):
            share = 1 / curve.rows.pivot_table(
                index="layer", columns="sparsity", values="energy_ratio"
            )
            share = share.reindex(order)
            image = panel.imshow(share, aspect="auto", cmap="cividis", vmin=0, vmax=1.25)
            panel.set_title("\n".join(_in_lines(curve.label, room)), fontsize=SMALL, pad=2)
            step = max(1, math.ceil(len(share.columns) / 4))
            ticks = range(0, len(share.columns), step)
            panel.set_xticks(ticks, [f"{share.columns[tick]:.0%}" for tick in ticks], fontsize=TINY)
            panel.set_yticks(range(len(order)), map(short, order), fontsize=TINY - 1)
            panel.tick_params(length=1.5, width=0.5)
        if image is not None:
            bar = figure.colorbar(image, ax=grid, fraction=0.03, extend="max")
            bar.set_label("energy of the layer / baseline's", fontsize=SMALL)
            bar.ax.tick_params(labelsize=TINY)
        figure.supxlabel("sparsity of the layer [% zeros]", fontsize=TEXT)
        more = left_out(len(curves), _MOST_PANELS, "panels")
        finish(figure, f"{title}: by layer and sparsity{more}")
    columns = [*names, "sparsity", "layer", "cycles", "energy", "energy_unit"]
    return Drawn(figure, pruned[[*columns, "cycles_ratio", "energy_ratio"]])


def _in_lines(label: str, room: int) -> list[str]:
    """Break a label between its parts where it has not the room; a part that is too long is cut."""
    lines: list[str] = []
    for part in label.split(", "):
        if lines and len(lines[-1]) + len(part) + 2 <= room:
            lines[-1] += f", {part}"
        else:
            lines.append(short(part, room))
    return lines
