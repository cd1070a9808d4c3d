"""From which sparsity on a machine needs less than its reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hwsim.reports.figures.curves import label
from hwsim.reports.figures.palette import MEASURE_COLOURS, Look
from hwsim.reports.figures.sheet import (
    SMALL,
    TINY,
    Drawn,
    dress,
    filled,
    finish,
    in_percent,
    legend,
    one_style,
    patch,
    sheet,
    short,
)
from hwsim.studies.break_even import ALWAYS, NEVER

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def draw_break_even(
    crossings: pd.DataFrame,
    names: Sequence[str],
    title: str,
    reference: str | None,
    width: int = 1,
) -> Drawn:
    """Draw the levels at which each scheme and machine pays off.

    Parameters
    ----------
    crossings : DataFrame
        From :func:`hwsim.studies.break_even.break_even`, of one energy table.
    names, title, width
        As for :func:`~hwsim.reports.figures.study_sweep.draw_study_sweep`.
    reference : str or None
        The machine that others have to beat.

    Returns
    -------
    Drawn
        The table is ``crossings``.
    """
    first = crossings[crossings["measure"] == "energy"]
    labels = [label(row, names) for _, row in first.iterrows()]
    with one_style():
        figure = sheet(width, 0.7 + 0.26 * len(labels))
        panel = figure.subplots()
        for number, (measure, colour) in enumerate(MEASURE_COLOURS.items()):
            rows = crossings[crossings["measure"] == measure]
            for place, (_, row) in enumerate(rows.iterrows()):
                _draw(panel, row, place + 0.2 - 0.4 * number, colour)
        panel.set_yticks(range(len(labels)), [short(each, 34) for each in labels], fontsize=SMALL)
        panel.set_ylim(len(labels) - 0.4, -0.6)
        panel.set_xlim(0, 1)
        in_percent(panel)
        of = f"the baseline on {reference} at best" if reference else "the baseline on the same"
        dress(panel, "sparsity of the pruned layers [% zeros]", None, "x")
        legend(figure, [patch(Look(each)) for each in MEASURE_COLOURS.values()], [*MEASURE_COLOURS])
        finish(figure, f"{title}: sparsity from which less is needed than by {of}")
    return Drawn(figure, crossings)


def _draw(panel: Axes, row: Any, height: float, colour: str) -> None:
    if row["pays_off"] == NEVER:
        panel.plot(1, height, "x", color=colour, markersize=5, clip_on=False)
        panel.text(0.96, height, NEVER, ha="right", va="center", fontsize=TINY)
        return
    start = row["sparsity"]
    panel.barh(height, 1 - start, 0.36, left=start, **filled(Look(colour)))
    words = ALWAYS if row["pays_off"] == ALWAYS else f"from {start:.1%}"
    inside = start < 0.7
    panel.text(
        start + 0.01 if inside else start - 0.01,
        height,
        words,
        ha="left" if inside else "right",
        va="center",
        fontsize=TINY,
        color="white" if inside else "black",
    )
