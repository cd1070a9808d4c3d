"""What each energy table says of the same run: ratios with intervals, and where energy goes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hwsim.reports.figures.palette import KIND_COLOURS, Look, scheme_looks
from hwsim.reports.figures.parts import energy_by_kind
from hwsim.reports.figures.rows import run_name
from hwsim.reports.figures.sheet import (
    INK,
    SMALL,
    TEXT,
    TINY,
    Drawn,
    dot,
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
from hwsim.studies.columns import Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hwsim.studies import RunResult


def draw_tables(result: RunResult, width: int = 2) -> Drawn:
    """Draw the ratios of a run by each of its energy tables, and the shares of kinds of parts.

    Parameters
    ----------
    result : RunResult
        From :func:`hwsim.run`.
    width : {1, 2}
        Columns of a paper.

    Returns
    -------
    Drawn
        The table has a row each energy table and scheme: the ratio of the network with its
        interval, and the share of each kind of part.
    """
    import pandas as pd

    rows = _rows(result)
    looks = scheme_looks(result.schemes)
    kinds = {
        kind: Look(colour)
        for kind, colour in KIND_COLOURS.items()
        if any(row[kind] > 0 for row in rows)
    }
    with one_style():
        below = width == 1
        height = 0.22 * len(rows)
        figure = sheet(width, 0.5 + (2 * height + 0.7 if below else height + 0.35))
        grid = (2, 1) if below else (1, 2)
        ratios, shares = figure.subplots(*grid, sharey=True)
        _ratios(ratios, rows, looks, result.baseline)
        _shares(shares, rows, kinds)
        labels = [f"{short(row['scheme'], 24)}, {row['energy_table']}" for row in rows]
        ratios.set_yticks(range(len(rows)), labels, fontsize=SMALL)
        ratios.set_ylim(len(rows) - 0.4, -0.6)
        signs = [dot(look) for look in looks.values()] + [patch(look) for look in kinds.values()]
        legend(figure, signs, [*looks, *kinds])
        finish(figure, f"{run_name(result)}: what each energy table says")
    return Drawn(figure, pd.DataFrame(rows))


def _rows(result: RunResult) -> list[Row]:
    rows = []
    for row in result.sums.headline.records():
        if row["scope"] != "network":
            continue
        mine = result.by_energy_table(row["energy_table"])
        energies = energy_by_kind(mine, row["scheme"])
        whole = sum(energies.values()) or math.inf
        shares = {kind: energies.get(kind, 0.0) / whole for kind in KIND_COLOURS}
        names = ("energy_table", "scheme", "energy", "energy_unit", "energy_ratio")
        known = {name: row[name] for name in (*names, "ratio_low", "ratio_high", "cannot_tell")}
        rows.append({**known, **shares})
    return rows


def _ratios(panel: Axes, rows: list[Row], looks: dict[str, Look], baseline: str | None) -> None:
    dress(panel, f"energy, {baseline or 'dense'} / scheme", None, "x")
    panel.set_title("ratio and its interval", fontsize=TEXT, pad=3)
    panel.axvline(1, color=INK, linewidth=0.6)
    for place, row in enumerate(rows):
        look = looks[row["scheme"]]
        low, high, ratio = row["ratio_low"], row["ratio_high"], row["energy_ratio"]
        if row["cannot_tell"]:
            panel.text(1.02, place, "cannot tell: no bit widths", fontsize=TINY, va="center")
            continue
        if math.isfinite(low) and low < high:
            panel.plot([low, high], [place, place], color=look.colour, linewidth=1)
        panel.plot([ratio], [place], look.marker, color=look.colour, markersize=4.5)


def _shares(panel: Axes, rows: list[Row], kinds: dict[str, Look]) -> None:
    dress(panel, "share of the energy [%]", None, "x")
    panel.set_title("where it goes", fontsize=TEXT, pad=3)
    left = [0.0] * len(rows)
    for kind, look in kinds.items():
        lengths = [row[kind] for row in rows]
        panel.barh(range(len(rows)), lengths, left=left, height=0.7, **filled(look))
        left = [start + length for start, length in zip(left, lengths, strict=True)]
    panel.set_xlim(0, 1)
    in_percent(panel)
