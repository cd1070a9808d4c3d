"""The result of a mapping search as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from hwsim.engines.timeloop.mapper.loop_text import loop_text
from hwsim.engines.timeloop.mapper.objective import OBJECTIVES
from hwsim.reports._layout import facts
from hwsim.reports._numbers import percent

if TYPE_CHECKING:
    from hwsim.engines.timeloop.mapper import FoundMapping

_STOPPED = {
    "budget": "budget spent",
    "exhausted": "whole map space searched",
    "interrupted": "interrupted; the best so far",
}


def mapper_report(found: FoundMapping, written: Sequence[Path]) -> Group:
    """Lay out the mapping that was found, its figures, and how the search went.

    Parameters
    ----------
    found : FoundMapping
        From :func:`hwsim.engines.timeloop.mapper.find_mapping`.
    written : sequence of Path
        Files that hold it.

    Returns
    -------
    rich.console.Group
        To print on a :class:`rich.console.Console`.
    """
    outcome, evaluation = found.outcome, found.result.evaluation
    rate = outcome.scored / outcome.seconds if outcome.seconds else 0.0
    rows = [
        (found.objective, f"{found.value:.6g} {OBJECTIVES[found.objective]}"),
        ("cycles", f"{evaluation.cycles:,}"),
        ("energy", f"{evaluation.energy / 1e6:.6g} uJ"),
        ("utilization", percent(evaluation.utilization)),
        ("scored", f"{outcome.scored:,} mappings, {outcome.valid:,} valid, {rate:,.0f} a second"),
        ("ended", _STOPPED[outcome.stopped]),
        ("mapping", f"number {found.number} of {float(found.space_size):.3g}"),
        *(("written", str(path)) for path in written),
    ]
    text = loop_text(found.mapping, evaluation.problem, evaluation.machine)
    return Group(facts(rows), "", Text(text))
