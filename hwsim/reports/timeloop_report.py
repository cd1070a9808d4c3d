"""One evaluation of Timeloop's inputs as text for a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group

from hwsim.reports.layout import add_row, facts, figures
from hwsim.reports.numbers import percent, significant

if TYPE_CHECKING:
    from hwsim.engines.timeloop.figures.result import TimeloopResult


def timeloop_report(result: TimeloopResult, written: Path) -> Group:
    """Lay out an evaluation: cycles, utilisation, energy, and scalar accesses by level.

    Parameters
    ----------
    result : TimeloopResult
        From :func:`hwsim.evaluate_timeloop`.
    written : Path
        The statistics file.
    """
    evaluation = result.evaluation
    sources = sorted({level.level.energy_source for level in evaluation.levels})
    origin = ", ".join(_SOURCES[source] for source in sources)
    header = facts(
        [
            ("cycles", f"{result.cycles:,}"),
            ("utilization", percent(evaluation.utilization)),
            ("operations", f"{result.computes:,} of {evaluation.algorithmic_computes:,}"),
            ("energy", f"{significant(evaluation.energy)} pJ, prices from {origin}"),
            ("statistics", str(written)),
        ]
    )
    table = figures(
        ["level", "data space"],
        ["reads", "fills", "updates", "energy pJ"],
        "scalar accesses that happen, and energy, of all instances",
    )
    compute = evaluation.machine.compute.name
    add_row(table, compute, "operations", "", "", "", significant(evaluation.compute_energy))
    for level in evaluation.levels:
        for space, part in zip(evaluation.problem.data_spaces, level.spaces, strict=True):
            if part.tile.kept:
                counts = (
                    f"{part.tile.counts[f'random_{action}'] * part.tile.instances:,.0f}"
                    for action in ("read", "fill", "update")
                )
                energy = significant(part.total_energy)
                add_row(table, level.level.name, space.name, *counts, energy)
    return Group(header, "", table)


_SOURCES = {
    "ERT": "the energy reference table",
    "PAT": "Timeloop's built-in figures",
    "user": "the architecture",
}
