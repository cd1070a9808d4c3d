"""Panels of bars or dots with a row for each layer, one panel a scheme or a measure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from hwsim.reports.figures.rows import LayerRows
from hwsim.reports.figures.sheet import INK, SMALL, TEXT, TINY, dress, sheet, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Inches of a row, and of what is above and below the rows.
_ROW: Final = {1: 0.1, 2: 0.135}
_AROUND: Final = {1: 0.28, 2: 0.95}


def layer_panels(
    titles: Sequence[str], rows: LayerRows, width: int, across: str | Sequence[str]
) -> tuple[Figure, Sequence[Axes]]:
    """Lay out panels: side by side over two columns, below each other in one.

    Parameters
    ----------
    titles : sequence of str
        One a panel.
    rows : LayerRows
        What stands beside the axis; the first on top.
    width : {1, 2}
        Columns of a paper.
    across : str or sequence of str
        What the horizontal axis shows, with its unit: of all panels, or of each.
    """
    below = width == 1
    number = len(titles)
    axes = [across] * number if isinstance(across, str) else list(across)
    same = len(set(axes)) == 1
    each = _ROW[width] * len(rows) + _AROUND[width] + (0 if same or not below else 0.35)
    figure = sheet(width, max(1.4, 0.6 + each * number if below else each))
    grid = (number, 1) if below else (1, number)
    panels = figure.subplots(*grid, sharex=same, sharey=True, squeeze=False).ravel()
    for panel, title, unit in zip(panels, titles, axes, strict=True):
        last = panel is panels[-1]
        dress(panel, None if below and same and not last else unit, None, "x")
        panel.set_title(short(title, 44 if number < 3 or below else 28), fontsize=TEXT, pad=3)
        panel.set_yticks(range(len(rows)), rows.labels, fontsize=TINY if below else SMALL)
    panels[0].set_ylim(len(rows) - 0.4, -0.6)
    return figure, list(panels)


def write_ratios(panel: Axes, ends: Sequence[float], ratios: Sequence[float]) -> None:
    """Write ratios beside the ends of bars; neither missing ones nor those of 1."""
    for place, (end, ratio) in enumerate(zip(ends, ratios, strict=True)):
        if ratio == ratio and round(ratio, 2) != 1:
            panel.annotate(
                f"{ratio:.2f}x",
                (end, place),
                xytext=(2, 0),
                textcoords="offset points",
                va="center",
                fontsize=TINY,
                color=INK,
            )
