"""Evaluating Timeloop's own inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.result import TimeloopResult
from hwsim.engines.timeloop.spec import read_evaluation_inputs, read_inputs
from hwsim.engines.timeloop.spec.known_keys import unknown_keys


def evaluate_timeloop(inputs: Mapping[str, Any] | Sequence[str | Path]) -> TimeloopResult:
    """Evaluate a mapping as ``timeloop-model`` does.

    Parameters
    ----------
    inputs : mapping, or sequence of paths
        ``architecture``, ``problem``, ``mapping`` and, where wanted, ``sparse_optimizations``,
        ``ERT`` and ``ART``: as data (each under its root key, or documents that hold root keys)
        or as Timeloop's YAML files, v0.3 or v0.4.

    Returns
    -------
    TimeloopResult
        Its ``to_dict()`` has ``cycles``, ``energy_pj`` (of everything) and its parts, ``computes``,
        ``utilization`` (%) and ``levels`` under Timeloop's labels; its ``notes`` say which keys
        were left alone.

    Raises
    ------
    InputError
        One line: where the inputs cannot be used, and why.
    """
    merged = read_inputs(inputs)
    evaluation = evaluate(*read_evaluation_inputs(merged))
    return TimeloopResult(evaluation, tuple(unknown_keys(merged)))
