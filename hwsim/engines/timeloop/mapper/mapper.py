"""Finding a good mapping: from Timeloop's inputs to a mapping in its own form, evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.figures.result import TimeloopResult
from hwsim.engines.timeloop.mapper._candidate_mapping import loop_mappings, mapping_document
from hwsim.engines.timeloop.mapper._exact_values import analyse_candidates
from hwsim.engines.timeloop.mapper._expected_shares import ExpectedShares
from hwsim.engines.timeloop.mapper._rest_search import RestSearch
from hwsim.engines.timeloop.mapper._scorer import Scorer
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.mapper.objective import (
    OBJECTIVES,
    Budget,
    check_objective,
    objective_value,
    read_budget,
)
from hwsim.engines.timeloop.mapper.search import Progress, Search, SearchOutcome
from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_problem, read_sparse
from hwsim.engines.timeloop.spec.constraints import read_constraints
from hwsim.engines.timeloop.spec.known_keys import unknown_keys
from hwsim.engines.timeloop.spec.mapper_section import read_metric
from hwsim.engines.timeloop.spec.mapping import MAPPING
from hwsim.engines.timeloop.spec.mapspace_template import factors_leave_rests
from hwsim.engines.timeloop.terms.constraints import Constraints
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError
from hwsim.plausible import LARGEST_SEED
from hwsim.templates import Value

Report = Callable[[Progress], None]
DEFAULT_BUDGET = 50_000
#: Candidates with rests that are evaluated exactly at most.
_MOST_OF_RESTS = 8
#: One candidate in so many is evaluated exactly at most, which takes as long as to score dozens.
_SCORED_FOR_ONE = 8
#: Exact evaluations that any search may make.
_FEWEST = 3


@dataclass
class FoundMapping:
    """The best mapping that a search has found.

    Parameters
    ----------
    document : dict
        In Timeloop's form: ``{"mapping": [...]}``.
    mapping : LoopMapping
        The same as the engine takes it.
    result : TimeloopResult
        Its evaluation by the engine.
    objective : str
        What was minimised.
    number : int or None
        Which mapping of the map space it is; None if factors leave rests.
    space_size : int
        How many there are whose factors divide.
    outcome : SearchOutcome
        How the search went.
    notes : list of str
        What was ignored in the inputs.
    """

    document: dict[str, Any]
    mapping: LoopMapping
    result: TimeloopResult
    objective: str
    number: int | None
    space_size: int
    outcome: SearchOutcome
    notes: list[str]

    @property
    def value(self) -> float:
        """The objective: pJ, cycles or pJ x cycles."""
        return objective_of(self.result.evaluation, self.objective)

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the mapping, its evaluation, and the search."""
        return {
            "objective": self.objective,
            "value": self.value,
            "unit": OBJECTIVES[self.objective],
            "mapping": self.document["mapping"],
            "evaluation": self.result.to_dict(),
            "search": {
                "scored": self.outcome.scored,
                "valid": self.outcome.valid,
                "rejected": {fault.name: count for fault, count in self.outcome.faults.items()},
                "stopped": self.outcome.stopped,
                "mapping_number": None if self.number is None else str(self.number),
                "mapspace_size": str(self.space_size),
            },
            "notes": list(self.notes),
        }


def find_mapping(
    inputs: Mapping[str, Any] | Sequence[str | Path],
    objective: str | None = None,
    budget: str | float | Budget = DEFAULT_BUDGET,
    seed: int = 0,
    report: Report | None = None,
    values: Mapping[str, Value] | None = None,
) -> FoundMapping:
    """Search for a mapping as ``timeloop-mapper`` does.

    Parameters
    ----------
    inputs : mapping, or sequence of paths
        ``architecture`` and ``problem``; where wanted ``architecture_constraints``,
        ``mapspace_constraints``, ``sparse_optimizations``, ``ERT``, ``ART`` and ``mapper`` (for
        its optimization metric). As data or as YAML files, v0.3 or v0.4.
    objective : {'energy', 'delay', 'edp'}, optional
        What to minimise: pJ, cycles, or their product. None takes the inputs' metric, else edp.
    budget : int or str
        Mappings to score, e.g. 10000, or a time, e.g. ``"30s"``.
    seed : int
        Of the random numbers. With a budget in mappings the result depends only on it.
    report : callable, optional
        Called with a :class:`Progress` after each batch.
    values : mapping, optional
        What names in inputs that are templates (jinja2) stand for.

    Returns
    -------
    FoundMapping
        The best mapping found and its evaluation.

    Raises
    ------
    InputError
        If the inputs cannot be used, the constraints contradict each other, or no mapping fits.
    """
    merged = read_inputs(inputs, values)
    problem = read_problem(merged)
    machine = read_machine(merged, [space.name for space in problem.data_spaces])
    sparse = read_sparse(merged, problem, machine)
    constraints = read_constraints(merged, problem, machine)
    constraints.notes[:0] = unknown_keys(merged)
    if MAPPING.given(merged):
        constraints.notes.append(f"{MAPPING.key} is not read: a mapping is what is searched for")
    if objective is None:
        objective = read_metric(merged, OBJECTIVES, constraints.notes) or "edp"
    rests = factors_leave_rests(merged, constraints.notes)
    return search_mapping(
        problem, machine, sparse, constraints, objective, budget, seed, report, rests
    )


def search_mapping(
    problem: Problem,
    machine: Machine,
    sparse: SparseOptimizations | None = None,
    constraints: Constraints | None = None,
    objective: str = "edp",
    budget: str | float | Budget = DEFAULT_BUDGET,
    seed: int = 0,
    report: Report | None = None,
    rests: bool = False,
) -> FoundMapping:
    """Search for a mapping of a problem onto a machine; see :func:`find_mapping`.

    With ``rests`` a second search follows where the best mapping leaves compute units idle, with
    half of the budget: for factors in space that do not divide. What it finds is taken if it is
    better.
    """
    check_objective(objective)
    limit = read_budget(budget)
    if not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"seed: expected a whole number from 0 to {LARGEST_SEED}. Got {seed}")
    given = sparse or SparseOptimizations()
    space = MapSpace(problem, machine, constraints or Constraints())
    scorer = Scorer(space, ExpectedShares(problem, machine, given))
    outcome = Search(scorer, objective, limit, seed, report).run()
    found = _finish(space, given, objective, outcome, _evaluated(limit))
    if rests and _units_idle(found) and not _skips_in_space(given):
        return _with_rests(found, scorer, given, limit, seed)
    return found


def _evaluated(limit: Budget) -> int | None:
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


def _with_rests(
    found: FoundMapping,
    scorer: Scorer,
    sparse: SparseOptimizations,
    limit: Budget,
    seed: int,
) -> FoundMapping:
    """Look for a better mapping with factors that leave rests."""
    start = found.outcome.best.candidates
    assert start is not None  # one of them was found
    half = Budget(
        candidates=None if limit.candidates is None else -(-limit.candidates // 2),
        seconds=None if limit.seconds is None else limit.seconds / 2,
    )
    search = RestSearch(scorer, found.objective, half, seed, start)
    if not search.possible:
        return found
    outcome = search.run()
    if outcome.best.candidates is None:
        return found
    try:
        most = min(_evaluated(half) or _MOST_OF_RESTS, _MOST_OF_RESTS)
        other = _finish(scorer.space, sparse, found.objective, outcome, most)
    except InputError:
        return found  # none of them can be built with the sparse optimisations
    return other if other.value < found.value else found


def objective_of(evaluation: Evaluation, objective: str) -> float:
    """Give what is minimised, of an evaluation: see :func:`objective_value`."""
    return objective_value(objective, float(evaluation.cycles), evaluation.energy)


def _finish(
    space: MapSpace,
    sparse: SparseOptimizations,
    objective: str,
    outcome: SearchOutcome,
    most: int | None,
) -> FoundMapping:
    """Evaluate the best candidates exactly, so many at most, and keep the best of them."""
    promising = outcome.best
    if promising.candidates is None:
        raise InputError(_nothing_fits(outcome))
    best: tuple[float, int, LoopMapping, Evaluation] | None = None
    refusal: InputError | None = None
    tried = promising.candidates.take(slice(0, most))
    found = zip(analyse_candidates(space, tried), loop_mappings(space, tried), strict=True)
    for which, (analysed, mapping) in enumerate(found):
        try:
            evaluation = evaluate(space.problem, space.machine, mapping, sparse, analysed=analysed)
        except InputError as error:
            refusal = error
            continue
        value = objective_of(evaluation, objective)
        if best is None or value < best[0]:
            best = value, which, mapping, evaluation
        if not sparse.any:
            break  # the scores of dense problems are exact already
    if best is None:
        raise InputError(
            f"mapper: none of the {len(promising)} most promising mappings can be built with the "
            f"sparse optimisations; the last one: {refusal}"
        )
    _, which, mapping, evaluation = best
    chosen = tried.take(slice(which, which + 1))
    return FoundMapping(
        document=mapping_document(space, chosen),
        mapping=mapping,
        result=TimeloopResult(evaluation),
        objective=objective,
        number=space.numbers(chosen)[0] if mapping.perfect else None,
        space_size=space.size,
        outcome=outcome,
        notes=list(space.constraints.notes),
    )


def _nothing_fits(outcome: SearchOutcome) -> str:
    """Say why the candidates were rejected."""
    tried = "all" if outcome.stopped == "exhausted" else "the"
    reasons = sorted(outcome.faults.items(), key=lambda item: -item[1])
    shares = ", ".join(
        f"{100 * count / outcome.scored:.0f} % {fault.reason}" for fault, count in reasons
    )
    return (
        f"mapper: no valid mapping among {tried} {outcome.scored} scored: {shares}; "
        "relax the constraints, enlarge what is too small, or raise the budget"
    )
