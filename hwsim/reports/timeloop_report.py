"""One evaluation of Timeloop's inputs as text for a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group

from hwsim.reports._layout import add_row, facts, figures
from hwsim.reports._numbers import percent, significant

if TYPE_CHECKING:
    from hwsim.engines.timeloop.figures.result import TimeloopResult

#: Where the prices of a level come from, in words.
_SOURCES = {
    "ERT": "the energy reference table",
    "PAT": "Timeloop's built-in figures",
    "user": "the architecture",
}


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
    parts = [(part, energy) for part, energy in result.energy_by_part_pj.items() if energy]
    sources = sorted({level.level.energy_source for level in evaluation.levels})
    origin = ", ".join(_SOURCES[source] for source in sources)
    header = facts(
        [
            ("cycles", f"{result.cycles:,}"),
            ("utilization", percent(evaluation.utilization)),
            ("operations", f"{result.computes:,} of {evaluation.algorithmic_computes:,}"),
            ("energy", f"{significant(result.energy_pj)} pJ, prices from {origin}"),
            ("of it", ", ".join(f"{part} {significant(energy)}" for part, energy in parts)),
            *_left_out(result),
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
                energy = part.total_energy
                add_row(table, level.level.name, space.name, *counts, significant(energy))
        for what, energy in (
            ("address generation", level.address_energy),
            ("leakage", level.leakage),
        ):
            if energy:
                add_row(table, level.level.name, what, "", "", "", significant(energy))
    for network in evaluation.networks:
        if network.energy:
            add_row(table, network.network.name, "network", "", "", "", significant(network.energy))
    return Group(header, "", table)


def _left_out(result: TimeloopResult) -> list[tuple[str, str]]:
    """Say which energies Timeloop does not print beside its accesses, where there are any."""
    parts = result.energy_by_part_pj
    left_out = [part for part in ("address generation", "leakage", "networks") if parts[part]]
    if not left_out:
        return []
    text = f"Timeloop's lines 'Energy (total)' leave out {', '.join(left_out)}"
    return [("", f"{text}: {significant(result.timeloop_access_energy_pj)} pJ")]
