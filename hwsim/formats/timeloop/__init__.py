"""Timeloop's inputs (v0.3 and v0.4) and its statistics file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hwsim.engines.sparseloop.machine import Machine
from hwsim.engines.sparseloop.mapping import LoopMapping
from hwsim.engines.sparseloop.problem import Problem
from hwsim.engines.sparseloop.sparse_spec import SparseOptimizations
from hwsim.formats.timeloop.architecture import read_machine
from hwsim.formats.timeloop.documents import read_inputs
from hwsim.formats.timeloop.mapping import read_mapping
from hwsim.formats.timeloop.problem import read_problem
from hwsim.formats.timeloop.sparse import read_sparse

__all__ = [
    "read_evaluation_inputs",
    "read_inputs",
    "read_machine",
    "read_mapping",
    "read_problem",
    "read_sparse",
]


def read_evaluation_inputs(
    inputs: Mapping[str, Any] | Sequence[str | Path],
) -> tuple[Problem, Machine, LoopMapping, SparseOptimizations]:
    """Read all that an evaluation needs.

    Parameters
    ----------
    inputs : mapping, or sequence of paths
        See :func:`hwsim.engines.sparseloop.timeloop.evaluate_timeloop`.
    """
    merged = read_inputs(inputs)
    problem = read_problem(merged)
    machine = read_machine(merged, [space.name for space in problem.data_spaces])
    mapping = read_mapping(merged, problem, machine)
    return problem, machine, mapping, read_sparse(merged, problem, machine)
