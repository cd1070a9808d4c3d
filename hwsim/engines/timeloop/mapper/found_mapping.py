"""The best mapping that a search has found, evaluated exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.figures.result import TimeloopResult
from hwsim.engines.timeloop.mapper._candidate_mapping import loop_mappings, mapping_document
from hwsim.engines.timeloop.mapper._exact_values import analyse_candidates
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.mapper.objective import OBJECTIVES, objective_value
from hwsim.engines.timeloop.mapper.search import SearchOutcome
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError


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


def objective_of(evaluation: Evaluation, objective: str) -> float:
    """Give what is minimised, of an evaluation: see :func:`objective_value`."""
    return objective_value(objective, float(evaluation.cycles), evaluation.energy)


def evaluated_best(
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
