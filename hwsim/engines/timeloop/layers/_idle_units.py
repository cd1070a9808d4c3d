"""Why compute units stand idle: what a mapping shares out, and what constraints keep in time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.terms.constraints import Constraints
from hwsim.engines.timeloop.terms.mapping import Loop

#: A fan-out is named where at most this share of it works, and a memory where computing takes at
#: most this share of its time.
_SHARE: Final = 0.5


def why_idle(evaluation: Evaluation, constraints: Constraints) -> str:
    """Name the memory that is waited for, and the fan-outs that are not filled, with the reason.

    Parameters
    ----------
    evaluation : Evaluation
        Of a layer.
    constraints : Constraints
        That its mapping was searched under.
    """
    return "; ".join([*_waits(evaluation), *_fan_outs(evaluation, constraints)])


def _waits(evaluation: Evaluation) -> Iterator[str]:
    slowest = max(evaluation.levels, key=lambda level: level.cycles)
    if evaluation.compute_cycles <= _SHARE * slowest.cycles:
        yield (
            f"{slowest.level.name} takes {slowest.cycles:,} cycles for its accesses, "
            f"the operations {evaluation.compute_cycles:,}"
        )


def _fan_outs(evaluation: Evaluation, constraints: Constraints) -> Iterator[str]:
    machine, problem = evaluation.machine, evaluation.problem
    for number in reversed(range(len(machine.levels))):
        columns, rows = machine.fanout(number)
        loops = evaluation.mapping.levels[number].spatial
        used = math.prod(loop.end for loop in loops)
        if used > _SHARE * columns * rows:
            continue
        slot = constraints.slots.get((number, "spatial"))
        kept = [] if slot is None else [name for name in slot.fixed if slot.fixed[name] == 1]
        sizes = zip(problem.dimensions, problem.bounds, strict=True)
        free = [
            f"{name} {_shared(loops, dimension)} of {bound}"
            for dimension, (name, bound) in enumerate(sizes)
            if bound > 1 and name not in kept
        ]
        text = f"{used} of {columns * rows} {machine.inner_name(number)} a"
        text += f" {machine.levels[number].name}: it shares out {', '.join(free) or 'nothing'}"
        yield text + (f" and may not share out {', '.join(kept)}" if kept else "")


def _shared(loops: Iterable[Loop], dimension: int) -> int:
    return math.prod(loop.end for loop in loops if loop.dimension == dimension)
