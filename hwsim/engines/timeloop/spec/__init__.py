"""Timeloop's inputs (v0.3 and v0.4): each YAML root is read and written from one declaration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hwsim.engines.timeloop.spec.architecture import read_machine
from hwsim.engines.timeloop.spec.documents import read_inputs
from hwsim.engines.timeloop.spec.mapping import read_mapping
from hwsim.engines.timeloop.spec.problem import read_problem
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.spec.sparse import read_sparse
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations

__all__ = [
    "read_evaluation_inputs",
    "read_inputs",
    "read_machine",
    "read_mapping",
    "read_problem",
    "read_sparse",
]


def read_evaluation_inputs(
    inputs: Mapping[str, Any] | Sequence[str | Path] | Section,
) -> tuple[Problem, Machine, LoopMapping, SparseOptimizations]:
    """Read all that an evaluation needs.

    Parameters
    ----------
    inputs : mapping, sequence of paths, or Section
        See :func:`hwsim.engines.timeloop.inputs.evaluate_timeloop`; or as merged already.
    """
    merged = inputs if isinstance(inputs, Section) else read_inputs(inputs)
    problem = read_problem(merged)
    machine = read_machine(merged, [space.name for space in problem.data_spaces])
    mapping = read_mapping(merged, problem, machine)
    return problem, machine, mapping, read_sparse(merged, problem, machine)
