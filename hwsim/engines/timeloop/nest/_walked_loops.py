"""The loops of a mapping whose factors leave a rest, one by one, as they are walked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwsim.engines.timeloop.nest._boxes import Point
from hwsim.engines.timeloop.terms.mapping import Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.errors import InputError


@dataclass
class WalkedLoop:
    """A loop of the nest, ``step`` points of its dimension an iteration.

    ``boundary`` is the outermost of a storage level, ``master`` the outermost of its spatial loops.
    It and what is inside cover ``whole`` points of each dimension, ``last`` the last time round.
    """

    loop: Loop
    storage: int
    step: int
    boundary: bool = False
    master: bool = False
    whole: Point = ()
    last: Point = ()


def walked_loops(mapping: LoopMapping, dimensions: int) -> list[WalkedLoop]:
    """List the loops that iterate, innermost first; a level without any gets a trivial one."""
    loops: list[WalkedLoop] = []
    steps = [1] * dimensions
    for storage, here in enumerate(mapping.levels):
        before = len(loops)
        for loop in here.loops:
            if loop.end > 1:
                loops.append(WalkedLoop(loop, storage, steps[loop.dimension]))
                steps[loop.dimension] *= loop.end
        if all(walked.loop.spatial for walked in loops[before:]):
            dimension = here.temporal[-1].dimension
            loops.append(WalkedLoop(Loop(dimension, 1, 1, "time"), storage, steps[dimension]))
        loops[-1].boundary = True
    for inner, outer in zip(loops, [*loops[1:], None], strict=True):
        inner.master = inner.loop.spatial and (outer is None or not outer.loop.spatial)
    whole, last = [1] * dimensions, [1] * dimensions
    for walked in loops:
        dimension = walked.loop.dimension
        last[dimension] += whole[dimension] * (walked.loop.residual - 1)
        whole[dimension] *= walked.loop.end
        walked.whole, walked.last = tuple(whole), tuple(last)
    return loops


def innermost_rests(loops: Sequence[WalkedLoop]) -> dict[int, int]:
    """Find for each dimension that has one the innermost loop that leaves a rest."""
    found: dict[int, int] = {}
    for number, walked in enumerate(loops):
        if walked.loop.end != walked.loop.residual:
            found.setdefault(walked.loop.dimension, number)
    return found


def fanout_and_use(
    loops: Sequence[WalkedLoop], levels: int, problem: Problem
) -> tuple[list[int], list[float]]:
    """Count the children of each storage level, and its instances in use on average."""
    fanout = [1] * levels
    used: list[float] = []
    product = 1.0
    for storage in reversed(range(levels)):
        used.insert(0, product)
        for number, walked in reversed(list(enumerate(loops))):
            loop = walked.loop
            if walked.storage != storage or not loop.spatial:
                continue
            fanout[storage] *= loop.end
            if loop.end == loop.residual:
                product *= loop.end
                continue
            outer = _outer_iterations(loops[number:])
            if outer is None:
                name = problem.dimensions[loop.dimension]
                raise InputError(
                    f"mapping: the spatial factor {loop.end},{loop.residual} of {name} has no "
                    f"loop over {name} outside it that the rest could belong to"
                )
            product *= (loop.residual + loop.end * (outer - 1)) / outer
    return fanout, used


def _outer_iterations(loops: Sequence[WalkedLoop]) -> float | None:
    """Count how often the first loop runs for those of its dimension outside; None without any."""
    size = 1.0
    found = False
    for outer in reversed(loops[1:]):
        if outer.loop.dimension == loops[0].loop.dimension:
            size = outer.loop.residual + outer.loop.end * (size - 1)
            found = True
    return size if found else None
