"""The roofline of a run: work a cycle against work a byte that is read from DRAM."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hwsim.reports._numbers import count, significant
from hwsim.reports.figures.palette import scheme_looks
from hwsim.reports.figures.rows import run_name
from hwsim.reports.figures.sheet import (
    INK,
    QUIET,
    TINY,
    Drawn,
    dot,
    dress,
    finish,
    legend,
    log_axes,
    one_style,
    sheet,
)
from hwsim.reports.roofline import Roofline, roofline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hwsim.studies import RunResult


def draw_roofline(result: RunResult, width: int = 1) -> Drawn:
    """Draw every layer under every scheme below the roofs of the machine.

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

    Raises
    ------
    InputError
        If the energy table counts no DRAM.
    """
    result = result.by_energy_table(result.energy_tables[0])
    found = roofline(result)
    looks = scheme_looks(result.schemes)
    with one_style():
        figure = sheet(width, 2.5 if width == 1 else 3.3)
        panel = figure.subplots()
        log_axes(panel)
        for scheme, look in looks.items():
            mine = found.points.where("scheme", scheme.__eq__)
            panel.plot(
                mine["intensity"],
                mine["macs_per_cycle"],
                look.marker,
                color=look.colour,
                markeredgecolor="white",
                markeredgewidth=0.4,
                markersize=4.5,
            )
        dress(
            panel,
            "multiply-accumulates a byte read from DRAM [MAC/B]",
            "multiply-accumulates a cycle [MAC/cycle]",
        )
        _roofs(panel, found)
        legend(figure, [dot(look) for look in looks.values()], list(looks))
        finish(figure, _title(result, found))
    return Drawn(figure, found.points.frame())


def _roofs(panel: Axes, found: Roofline) -> None:
    """Draw the roofs that there are, and what bandwidth each point asks for."""
    left, right = panel.get_xlim()
    bottom, top = panel.get_ylim()
    if found.peak is not None:
        top = max(top, 1.6 * found.peak)
        panel.axhline(found.peak, color=INK, linewidth=1)
        words = f"all units busy: {significant(found.peak)} MAC/cycle"
        panel.annotate(
            words,
            (0.01, found.peak),
            xycoords=("axes fraction", "data"),
            xytext=(0, 2),
            textcoords="offset points",
            fontsize=TINY,
            color=INK,
        )
    lowest, highest = bottom / right, top / left
    for power in range(math.ceil(math.log(lowest, 4)), math.floor(math.log(highest, 4)) + 1):
        _slope(panel, 4.0**power, (left, right, bottom, top), found.clock_hz)
    if found.bandwidth is not None:
        end = right if found.peak is None else min(right, found.peak / found.bandwidth)
        panel.plot([left, end], [left * found.bandwidth, end * found.bandwidth], color=INK)
    panel.set_xlim(left, right)
    panel.set_ylim(bottom, top)


def _slope(
    panel: Axes, bandwidth: float, box: tuple[float, float, float, float], clock_hz: float | None
) -> None:
    """Draw where layers stand that read so many bytes a cycle."""
    left, right, bottom, top = box
    panel.plot(
        [left, right], [left * bandwidth, right * bandwidth], ":", color="#AAAAAA", linewidth=0.6
    )
    at = max(left, bottom / bandwidth) * 1.06
    if at * bandwidth > top / 1.5 or at > right / 2:
        return
    words = f"{bandwidth:g} B/cycle"
    if clock_hz is not None:
        words = f"{significant(bandwidth * clock_hz / 1e9, 2)} GB/s"
    panel.text(
        at,
        at * bandwidth * 1.1,
        words,
        fontsize=TINY - 1,
        color=QUIET,
        rotation=_angle(panel, box),
        rotation_mode="anchor",
        ha="left",
        va="bottom",
    )


def _angle(panel: Axes, box: tuple[float, float, float, float]) -> float:
    """Slope of a line of constant bandwidth on the page, degrees."""
    left, right, bottom, top = box
    inches = panel.get_figure().get_size_inches()  # type: ignore[union-attr]
    across = 0.8 * inches[0] / math.log(right / left)
    up = 0.68 * inches[1] / math.log(top / bottom)
    return math.degrees(math.atan2(up, across))


def _title(result: RunResult, found: Roofline) -> str:
    known = "dotted: bandwidth that DRAM would have to have"
    if found.bandwidth is not None:
        known = f"slope: {significant(found.bandwidth)} B/cycle of DRAM"
    left = ""
    if found.left_out:
        left = f"; {count(len(found.left_out), 'point')} without reads of DRAM left out"
    return f"{run_name(result)}; {known}{left}"
