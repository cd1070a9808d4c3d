"""Searches for several mappings at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hwsim.engines.timeloop.mapper._joint_rounds import run_in_step
from hwsim.engines.timeloop.mapper.found_mapping import FoundMapping
from hwsim.engines.timeloop.mapper.mapping_search import MappingSearch
from hwsim.engines.timeloop.terms.constraints import Constraints
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError

_Made = TypeVar("_Made")


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

    def search(self) -> MappingSearch:
        """Make the search.

        Raises
        ------
        InputError
            If the constraints contradict each other.
        """
        given = self.problem, self.machine, self.sparse, self.constraints
        return MappingSearch(*given, self.objective, self.budget, self.seed, rests=True)


def found_together(
    wanted: Sequence[WantedMapping], is_ended: Callable[[], bool] = lambda: False
) -> list[LoopMapping | InputError]:
    """Find mappings in this thread, in less time than one after the other where they are alike.

    Parameters
    ----------
    wanted : sequence of WantedMapping
        What to search for.
    is_ended : callable
        Asked now and then whether nobody wants the mappings any more.

    Returns
    -------
    list of LoopMapping or InputError
        Of each the mapping, as if it had been searched by itself, or why none fits.

    Raises
    ------
    EngineError
        If nobody does.
    """
    searches = [_unless_refused(each.search) for each in wanted]
    made = [each for each in searches if isinstance(each, MappingSearch)]
    run_in_step([each.first for each in made], is_ended)
    found = {each: _unless_refused(each.found) for each in made}
    second = {
        each: (one, further)
        for each, one in found.items()
        if isinstance(one, FoundMapping) and (further := each.second(one)) is not None
    }
    run_in_step([further for _, further in second.values()], is_ended)
    for each, (one, further) in second.items():
        found[each] = each.better(one, further)
    results = (found[each] if isinstance(each, MappingSearch) else each for each in searches)
    return [one if isinstance(one, InputError) else one.mapping for one in results]


def _unless_refused(make: Callable[[], _Made]) -> _Made | InputError:
    try:
        return make()
    except InputError as error:
        return error
