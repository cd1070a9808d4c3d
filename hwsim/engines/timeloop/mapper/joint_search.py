"""Searches for several mappings at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwsim.engines.timeloop.mapper.mapper import search_mapping
from hwsim.engines.timeloop.terms.constraints import Constraints
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError


@dataclass(frozen=True)
class WantedMapping:
    """All that a search is given; see :func:`~hwsim.engines.timeloop.mapper.search_mapping`."""

    problem: Problem
    machine: Machine
    sparse: SparseOptimizations
    constraints: Constraints
    objective: str
    budget: int
    seed: int


def found_together(wanted: Sequence[WantedMapping]) -> list[LoopMapping | InputError]:
    """Find mappings in this thread.

    Returns
    -------
    list of LoopMapping or InputError
        Of each the mapping, or why none fits.

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted: half a search would give another mapping than a whole one.
    """
    found: list[LoopMapping | InputError] = []
    for each in wanted:
        given = each.problem, each.machine, each.sparse, each.constraints
        try:
            one = search_mapping(*given, each.objective, each.budget, each.seed, rests=True)
        except InputError as error:
            found.append(error)
            continue
        if one.outcome.stopped == "interrupted":
            raise KeyboardInterrupt
        found.append(one.mapping)
    return found
