"""The loops of a mapping's directives: read, and put together where several share a nest."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from hwsim.engines.timeloop.spec._constraint_keys import FACTORS, KEEP, PERMUTATION, SPLIT
from hwsim.engines.timeloop.spec._directive_text import (
    check_digits,
    factors_text,
    permutation_text,
)
from hwsim.engines.timeloop.spec._named import dimension_named
from hwsim.engines.timeloop.spec.architecture.fan_outs import FanOut
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.mapping import Kind, Loop
from hwsim.engines.timeloop.terms.problem import Problem

_FACTOR: Final = re.compile(r"([A-Za-z]+)\s*=*\s*([0-9]+)(?:,([0-9]+))?")
#: Iterations, and iterations the last time round.
_Factors = dict[str, tuple[int, int]]


@dataclass
class Nest:
    """The loops of a directive."""

    factors: _Factors = field(default_factory=dict)
    permutation: list[str] = field(default_factory=list)
    split: int | None = None


@dataclass
class SpatialNest(Nest):
    """The loops of a directive in space; of a node that fans out, or of a whole storage level."""

    node: FanOut | None = None
    section: Section | None = None


AnyNest = TypeVar("AnyNest", bound=Nest)


def read_loops(directive: Section, problem: Problem, loops: AnyNest) -> AnyNest:
    """Read factors, permutation and split of a directive into its nest."""
    loops.split = SPLIT.read(directive)
    text = factors_text(directive, FACTORS)
    for name, end, residual in _FACTOR.findall(text):
        dimension_named(directive, name, problem.dimensions, FACTORS.key)
        if name in loops.factors:
            raise directive.error(f"the factor of {name} stands twice", FACTORS.key)
        check_digits(directive, name, FACTORS.key, end, residual)
        loops.factors[name] = int(end), int(residual or end)
        if int(residual or end) > int(end):
            raise directive.error(
                f"the last round of {name} has {residual} iterations, more than {end}", FACTORS.key
            )
    leftover = _FACTOR.sub("", text).strip(" ,")
    if leftover:
        raise directive.error(f"expected factors like 'R=3 S=1'. Got {leftover!r}", FACTORS.key)
    for letter in permutation_text(directive):
        if letter in " ,":
            continue
        dimension_named(directive, letter, problem.dimensions, PERMUTATION.key)
        if letter in loops.permutation:
            raise directive.error(f"dimension {letter!r} stands twice", PERMUTATION.key)
        loops.permutation.append(letter)
    return loops


def check_nothing_but_space(item: Section, kind: str, node: FanOut, problem: Problem) -> None:
    """Refuse to map time or data at a node that fans out and is no memory.

    The front end makes a storage level of it that keeps nothing, and its mappings have directives
    for that level: without a loop and without data, they say nothing.
    """
    if kind == "temporal":
        loops = read_loops(item, problem, Nest())
        busy = [name for name, (end, _) in loops.factors.items() if end > 1]
        if busy:
            raise item.error(
                f"{node.name} fans out and is no memory, so that no loop in time can stand at it; "
                f"move {busy[0]} to a memory",
                FACTORS.key,
            )
    elif KEEP.read(item):
        raise item.error(
            f"{node.name} fans out and is no memory, so that it keeps no {KEEP.read(item)[0]}",
            KEEP.key,
        )


def loops_of(nest: Nest, problem: Problem) -> list[tuple[int, int, int]]:
    """List dimension, iterations and last iterations of each loop, innermost first."""
    order = [*nest.permutation]
    order += [name for name in problem.dimensions if name not in order]
    factors = [nest.factors.get(name, (1, 1)) for name in order]
    return [
        (problem.dimensions.index(name), *factor)
        for name, factor in zip(order, factors, strict=True)
    ]


def in_space(
    nests: Sequence[SpatialNest], problem: Problem, fanout: tuple[int, int]
) -> tuple[Loop, ...]:
    """Make one nest of those of the nodes that fan out below a storage level."""
    along: dict[Kind, list[Loop]] = {"x": [], "y": []}
    for nest in reversed(nests or [SpatialNest()]):
        loops = loops_of(nest, problem)
        split = _split(nest, len(loops))
        across = [Loop(*loop, "x") for loop in loops[:split]]
        down = [Loop(*loop, "y") for loop in loops[split:]]
        if nest.node is not None and (nest.node.columns, nest.node.rows) != fanout:
            _check_fit(nest, across, down)
        along["x"] += across
        along["y"] += down
    if len(nests) < 2:
        return (*along["x"], *along["y"])
    # Each nest has loops over all dimensions; of those that do not iterate one is enough.
    loops_ = (*along["x"], *along["y"])
    busy = {loop.dimension for loop in loops_ if loop.end > 1}
    idle = {loop.dimension: loop for loop in loops_ if loop.dimension not in busy}
    return tuple(loop for loop in loops_ if loop.end > 1 or loop is idle.get(loop.dimension))


def _check_fit(nest: SpatialNest, across: list[Loop], down: list[Loop]) -> None:
    """Refuse loops that a node has no room for, even if its neighbours have."""
    assert nest.node is not None
    assert nest.section is not None
    for loops, there, what in (
        (across, nest.node.columns, "columns (meshX)"),
        (down, nest.node.rows, "rows (meshY)"),
    ):
        used = math.prod(loop.end for loop in loops)
        if used > there:
            raise nest.section.error(
                f"the mapping uses {used} {what} of {nest.node.name}, but there are {there}; lower "
                "the spatial factors, or move the split between X and Y",
                FACTORS.key,
            )


def _split(nest: SpatialNest, count: int) -> int:
    """Tell how many loops lie along X; where a node fans out along Y alone, none unless told."""
    if nest.split is not None:
        return nest.split
    only_y = nest.node is not None and nest.node.columns == 1 < nest.node.rows
    return 0 if only_y else count
