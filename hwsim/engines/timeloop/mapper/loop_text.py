"""A mapping as loops that a person reads, outermost first."""

from __future__ import annotations

from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem

_AXIS = {"x": "  (spatial X)", "y": "  (spatial Y)", "time": ""}


def loop_text(mapping: LoopMapping, problem: Problem, machine: Machine) -> str:
    """Word the loops that iterate below the level that holds their data.

    Parameters
    ----------
    mapping : LoopMapping
        The mapping.
    problem, machine
        Whose names are used.
    """
    lines = []
    depth = 0
    for level, loops in reversed(list(zip(machine.levels, mapping.levels, strict=True))):
        held = [
            space.name for space, kept in zip(problem.data_spaces, loops.keep, strict=True) if kept
        ]
        lines.append(f"{level.name} [{', '.join(held) or 'nothing'}]")
        for loop in reversed(loops.loops):
            if loop.end > 1:
                depth += 1
                name = problem.dimensions[loop.dimension]
                last = "" if loop.end == loop.residual else f",{loop.residual}"
                indent = "  " * depth
                lines.append(f"{indent}for {name} in [0:{loop.end}{last}){_AXIS[loop.kind]}")
    lines.append(machine.compute.name)
    return "\n".join(lines)
