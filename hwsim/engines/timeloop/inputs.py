"""Evaluating Timeloop's own inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.notes import (
    empty_tensors,
    mistaken_tiles,
    refused_by_release,
    streamed_data,
)
from hwsim.engines.timeloop.figures.result import TimeloopResult
from hwsim.engines.timeloop.spec import read_evaluation_inputs, read_inputs
from hwsim.engines.timeloop.spec.known_keys import unknown_keys
from hwsim.templates import Value


def evaluate_timeloop(
    inputs: Mapping[str, Any] | Sequence[str | Path],
    values: Mapping[str, Value] | None = None,
    as_timeloop: bool = False,
) -> TimeloopResult:
    """Evaluate a mapping as ``timeloop-model`` does.

    Parameters
    ----------
    inputs : mapping, or sequence of paths
        ``architecture``, ``problem``, ``mapping`` and, where wanted, ``sparse_optimizations``,
        ``ERT`` and ``ART``: as data (each under its root key, or documents that hold root keys)
        or as Timeloop's YAML files, v0.3 or v0.4, which may be templates (jinja2).
    values : mapping, optional
        What names in the templates stand for.
    as_timeloop : bool
        Give Timeloop's figure where Timeloop is wrong: of tiles without zeros that it takes for
        empty, and of data that stream, which its release no longer knows.

    Returns
    -------
    TimeloopResult
        Its ``to_dict()`` has ``cycles``, ``energy_pj`` (of everything) and its parts, ``computes``,
        ``utilization`` (%) and ``levels`` under Timeloop's labels; its ``notes`` say which keys
        were left alone, where Timeloop is wrong or ends without figures, and of which tensors
        nothing is left.

    Raises
    ------
    InputError
        One line: where the inputs cannot be used, and why.
    """
    merged = read_inputs(inputs, values)
    problem, machine, mapping, sparse = read_evaluation_inputs(merged)
    if as_timeloop:
        mapping = mapping.without_streams()
    evaluation = evaluate(problem, machine, mapping, replace(sparse, as_timeloop=as_timeloop))
    notes = (
        *unknown_keys(merged),
        *empty_tensors(problem),
        *mistaken_tiles(evaluation),
        *streamed_data(evaluation),
        *refused_by_release(evaluation),
    )
    return TimeloopResult(evaluation, notes)
