"""Finding a good mapping: from Timeloop's inputs to a mapping in its own form, evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hwsim.engines.timeloop.mapper.found_mapping import FoundMapping
from hwsim.engines.timeloop.mapper.mapping_search import DEFAULT_BUDGET, MappingSearch, Report
from hwsim.engines.timeloop.mapper.objective import OBJECTIVES, Budget
from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_problem, read_sparse
from hwsim.engines.timeloop.spec.constraints import read_constraints
from hwsim.engines.timeloop.spec.known_keys import unknown_keys
from hwsim.engines.timeloop.spec.mapper_section import read_metric
from hwsim.engines.timeloop.spec.mapping import MAPPING
from hwsim.engines.timeloop.spec.mapspace_template import factors_leave_rests
from hwsim.engines.timeloop.terms.constraints import Constraints
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.templates import Value


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
    search = MappingSearch(
        problem, machine, sparse, constraints, objective, budget, seed, report, rests
    )
    search.first.run()
    found = search.found()
    second = search.second(found)
    if second is None:
        return found
    second.run()
    return search.better(found, second)
