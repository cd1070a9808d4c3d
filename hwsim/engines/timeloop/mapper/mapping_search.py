"""A search for a mapping, step by step: first with factors that divide, then with others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hwsim.engines.timeloop.mapper._expected_shares import ExpectedShares
from hwsim.engines.timeloop.mapper._rest_search import RestSearch
from hwsim.engines.timeloop.mapper._scorer import Scorer
from hwsim.engines.timeloop.mapper.found_mapping import FoundMapping, evaluated_best
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.mapper.objective import (
    Budget,
    check_objective,
    read_budget,
)
from hwsim.engines.timeloop.mapper.search import Progress, Search, SearchOutcome
from hwsim.engines.timeloop.terms.constraints import Constraints
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError
from hwsim.plausible import LARGEST_SEED

Report = Callable[[Progress], None]
DEFAULT_BUDGET: Final = 50_000
#: Candidates with rests that are evaluated exactly at most.
_MOST_OF_RESTS: Final = 8
#: One candidate in so many is evaluated exactly at most, which takes as long as to score dozens.
_SCORED_FOR_ONE: Final = 8
#: Exact evaluations that any search may make.
_FEWEST: Final = 3


class MappingSearch:
    """A search for a mapping of a problem onto a machine.

    Parameters
    ----------
    problem, machine, sparse, constraints
        What is mapped, onto what, which zeros are made use of, what is not free.
    objective, budget, seed, report
        As for :func:`~hwsim.engines.timeloop.mapper.find_mapping`, which raises the same errors.
    rests : bool
        Whether a second search follows where the best mapping leaves compute units idle, with half
        of the budget: for factors in space that do not divide.

    Attributes
    ----------
    first : Search
        To be run, see :meth:`found`.
    """

    def __init__(
        self,
        problem: Problem,
        machine: Machine,
        sparse: SparseOptimizations | None = None,
        constraints: Constraints | None = None,
        objective: str = "edp",
        budget: str | float | Budget = DEFAULT_BUDGET,
        seed: int = 0,
        report: Report | None = None,
        rests: bool = False,
    ) -> None:
        check_objective(objective)
        self._limit = read_budget(budget)
        if not 0 <= seed <= LARGEST_SEED:
            raise InputError(f"seed: expected a whole number from 0 to {LARGEST_SEED}. Got {seed}")
        self._sparse = sparse or SparseOptimizations()
        self._objective = objective
        self._seed = seed
        self._rests = rests
        self._space = MapSpace(problem, machine, constraints or Constraints())
        self._scorer = Scorer(self._space, ExpectedShares(problem, machine, self._sparse))
        self.first = Search(self._scorer, objective, self._limit, seed, report)

    def found(self) -> FoundMapping:
        """Evaluate the best of what the first search has found.

        Raises
        ------
        InputError
            If nothing fits.
        """
        return self._evaluated(self.first.outcome, _most_evaluated(self._limit))

    def second(self, found: FoundMapping) -> RestSearch | None:
        """Make the search for something better, if it is wanted; see :meth:`better`."""
        if not self._rests or not _units_idle(found) or _skips_in_space(self._sparse):
            return None
        start = found.outcome.best.candidates
        assert start is not None  # one of them was found
        search = RestSearch(self._scorer, self._objective, self._half, self._seed, start)
        return search if search.possible else None

    def better(self, found: FoundMapping, second: RestSearch) -> FoundMapping:
        """Take what a second search has found if it is better."""
        if second.outcome.best.candidates is None:
            return found
        try:
            most = min(_most_evaluated(self._half) or _MOST_OF_RESTS, _MOST_OF_RESTS)
            other = self._evaluated(second.outcome, most)
        except InputError:
            return found  # none of them can be built with the sparse optimisations
        return other if other.value < found.value else found

    @property
    def _half(self) -> Budget:
        limit = self._limit
        return Budget(
            candidates=None if limit.candidates is None else -(-limit.candidates // 2),
            seconds=None if limit.seconds is None else limit.seconds / 2,
        )

    def _evaluated(self, outcome: SearchOutcome, most: int | None) -> FoundMapping:
        return evaluated_best(self._space, self._sparse, self._objective, outcome, most)


def _most_evaluated(limit: Budget) -> int | None:
    """How many of the best are evaluated exactly at most, None for all of them.

    Few of a short search, which would otherwise take its time for little else.
    """
    return None if limit.candidates is None else max(limit.candidates // _SCORED_FOR_ONE, _FEWEST)


def _units_idle(found: FoundMapping) -> bool:
    evaluation = found.result.evaluation
    return evaluation.compute.units < evaluation.machine.compute.mesh.instances


def _skips_in_space(sparse: SparseOptimizations) -> bool:
    """Whether idle units take the place of others: that is modelled for factors that divide."""
    savings = (saving for level in sparse.savings.values() for saving in level)
    return any(saving.kind == "skipping_spatial" for saving in savings)
