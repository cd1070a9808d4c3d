"""What the time of a mapped layer depends on: operations, or a memory."""

from __future__ import annotations

from typing import Final

from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.layers._layer_problem import WEIGHTS
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.pace import Pace

_WAITING: Final = "a memory sets the pace"
_LATENCY: Final = "the latency of networks"
_FIRST_WORDS: Final = "the first words of passes"
_TOGETHER: Final = "units wait for the one with the most products"


def layer_pace(
    evaluation: Evaluation, density: float, width: float, imbalance: float = 1.0
) -> Pace:
    """Tell what the time of an evaluated layer depends on.

    Parameters
    ----------
    evaluation : Evaluation
        Of the layer.
    density : float
        Share of the weights that the machine takes as non-zeros, 0 to 1.
    width : float
        Bits of a weight over those of the machine's widest, above 0 to 1.
    imbalance : float
        Time of units that wait for each other over that of sharing out evenly, 1 or more. Other
        zeros of the same share may leave the units even.
    """
    problem, sparse = evaluation.problem, evaluation.sparse
    skips = _skips_operations(problem, sparse)
    operations = density if skips else 1.0
    traffic = density if _saves_traffic(problem, sparse) else 1.0
    left = f"zero weights are skipped, {100 * density:.4g} % are left"
    return Pace(
        operations=operations,
        memories=min(operations, traffic) * width,
        slack=max(1.0, evaluation.cycles / max(1, evaluation.compute_cycles)) * imbalance,
        zeros=left if skips else "no operation is skipped",
        waiting=_TOGETHER if evaluation.cycles == evaluation.compute_cycles else _WAITING,
        waits=max(0.0, 1 - evaluation.compute_cycles / max(1, evaluation.cycles)),
        waits_for=_waits_for(evaluation),
    )


def _waits_for(evaluation: Evaluation) -> str:
    """Name what takes longer than the operations; nothing where they set the pace."""
    if evaluation.cycles <= evaluation.compute_cycles:
        return ""
    slowest = max(evaluation.levels, key=lambda level: level.cycles)
    names = [slowest.level.name] if slowest.cycles > evaluation.compute_cycles else []
    if evaluation.waiting_cycles:
        names.append(_FIRST_WORDS)
    return " and ".join(names) or _LATENCY


def _weights(problem: Problem) -> int:
    return next(n for n, space in enumerate(problem.data_spaces) if space.name == WEIGHTS)


def _skips_operations(problem: Problem, sparse: SparseOptimizations) -> bool:
    """Whether an operation with a zero weight may take no time.

    A read of an operand that is saved takes its operation away, whether it is skipped or gated.
    """
    weights = _weights(problem)
    compressed = any(
        place[1] == weights and form.compressed for place, form in sparse.representations.items()
    )
    return (sparse.compute_skips and compressed) or any(
        weights in condition.condition_on and not problem.data_spaces[condition.target].read_write
        for savings in sparse.savings.values()
        for saving in savings
        for condition in saving.options
    )


def _saves_traffic(problem: Problem, sparse: SparseOptimizations) -> bool:
    """Whether zero weights may take accesses away that cost a memory time."""
    weights = _weights(problem)
    return any(
        place[1] == weights and form.compressed for place, form in sparse.representations.items()
    ) or any(
        weights in condition.condition_on and saving.kind != "gating"
        for savings in sparse.savings.values()
        for saving in savings
        for condition in saving.options
    )
