"""``mapping``: a list of directives, each for one storage level.

In v0.4 space is mapped at the nodes that fan out. Several of them may stand below one storage
level; their loops become one spatial nest, those along X inside those along Y, and along one axis
those of inner nodes inside those of outer ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, Final

from hwsim.engines.timeloop.spec._constraint_keys import (
    BYPASS,
    DATASPACE_TYPES,
    DIRECTIVE,
    KEEP,
    SPLIT,
    STREAM,
    TARGET,
    TYPE,
)
from hwsim.engines.timeloop.spec._directive_loops import (
    Nest,
    SpatialNest,
    check_nothing_but_space,
    in_space,
    loops_of,
    read_loops,
)
from hwsim.engines.timeloop.spec._directive_text import (
    denials_entry,
    factors_entry,
    permutation_entry,
    type_entry,
)
from hwsim.engines.timeloop.spec._field import anything
from hwsim.engines.timeloop.spec._named import data_space_named, level_named
from hwsim.engines.timeloop.spec.architecture.fan_outs import FanOut, fan_out_named, fan_outs
from hwsim.engines.timeloop.spec.architecture.machine import grid_name
from hwsim.engines.timeloop.spec.layout import Layout
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.denials import DENIALS, denials_of
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LevelMapping, Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.errors import InputError, did_you_mean

MAPPING: Final = anything("mapping", inside=DIRECTIVE)
_TYPES: Final = ("temporal", "spatial", *DATASPACE_TYPES)


@dataclass
class _Level:
    temporal: Nest | None = None
    #: Outermost first.
    spatial: list[SpatialNest] = field(default_factory=list)
    bypassed: set[str] = field(default_factory=set)
    streamed: set[str] = field(default_factory=set)
    denied: dict[str, list[str]] = field(default_factory=dict)


def read_mapping(inputs: Section, problem: Problem, machine: Machine) -> LoopMapping:
    """Read the mapping.

    Parameters
    ----------
    inputs : Section
        The merged inputs.
    problem, machine
        What is mapped, and onto what.

    Raises
    ------
    InputError
        If a directive names what is not there, or factors do not multiply up to a dimension.
    """
    section = MAPPING.section(inputs)
    reader = _Reader(problem, machine, fan_outs(inputs, machine))
    for directive in section.items():
        reader.read(directive)
    mapping = reader.mapping()
    _check_products(mapping, problem, section)
    return mapping


class _Reader:
    """Takes the directives one by one."""

    def __init__(self, problem: Problem, machine: Machine, nodes: Sequence[FanOut]) -> None:
        self._problem = problem
        self._machine = machine
        self._nodes = nodes
        self._names = [space.name for space in problem.data_spaces]
        self._levels = [_Level() for _ in machine.levels]

    def read(self, directive: Section) -> None:
        kind = TYPE.read(directive)
        if kind not in _TYPES:
            raise directive.error(f"unknown type {kind!r}{did_you_mean(kind, _TYPES)}", TYPE.key)
        node = fan_out_named(TARGET.read(directive), self._nodes)
        if kind == "spatial":
            level = self._read_spatial(directive, node)
        elif node is not None and self._machine.level_number(TARGET.read(directive)) is None:
            check_nothing_but_space(directive, kind, node, self._problem)
            return
        else:
            level = self._levels[level_named(directive, TARGET.key, self._machine)]
            if kind == "temporal":
                if level.temporal is not None:
                    raise _stands_twice(directive, "temporal loops")
                level.temporal = read_loops(directive, self._problem, Nest())
        level.bypassed -= set(self._data_spaces(directive, KEEP.key))
        level.bypassed |= set(self._data_spaces(directive, BYPASS.key))
        level.streamed |= set(self._data_spaces(directive, STREAM.key))
        for denial in denials_of(kind if kind in {"temporal", "spatial"} else "dataspace"):
            for key in denial.keys:
                listed = self._data_spaces(directive, key)
                level.denied.setdefault(denial.name, []).extend(listed)

    def _data_spaces(self, directive: Section, key: str) -> list[str]:
        found = directive.names(key)
        for name in found:
            data_space_named(directive, name, self._names, key)
        return found

    def _read_spatial(self, directive: Section, node: FanOut | None) -> _Level:
        machine = self._machine
        own = machine.level_number(TARGET.read(directive))
        if own is not None and machine.has_fanout(own):
            node = None  # of a memory that is there several times it is what lies below
        number = level_named(directive, TARGET.key, machine) if node is None else node.level
        level = self._levels[number]
        if node is None and not machine.has_fanout(number):
            raise directive.error(
                f"{machine.levels[number].name} has as many instances as "
                f"{machine.inner_name(number)}, so nothing can be mapped in space here",
                TARGET.key,
            )
        for nest in level.spatial:
            if nest.node is None or node is None or nest.node is node:
                raise _stands_twice(directive, "spatial loops")
        loops = SpatialNest(node=node, section=directive)
        level.spatial.append(read_loops(directive, self._problem, loops))
        level.spatial.sort(
            key=lambda nest: 0 if nest.node is None else self._nodes.index(nest.node)
        )
        return level

    def mapping(self) -> LoopMapping:
        """Put the levels together."""
        _fill_zeros(self._levels, self._problem)
        return LoopMapping(
            tuple(self._level(number, level) for number, level in enumerate(self._levels))
        )

    def _level(self, number: int, level: _Level) -> LevelMapping:
        denied = {
            denial.name: tuple(name in level.denied.get(denial.name, ()) for name in self._names)
            for denial in DENIALS
        }
        temporal = loops_of(level.temporal or Nest(), self._problem)
        has_fanout = self._machine.has_fanout(number)
        fanout = self._machine.fanout(number)
        return LevelMapping(
            spatial=in_space(level.spatial, self._problem, fanout) if has_fanout else (),
            temporal=tuple(Loop(*loop, "time") for loop in temporal),
            keep=tuple(
                name not in level.bypassed or name in level.streamed for name in self._names
            ),
            **denied,
            streamed=tuple(name in level.bypassed & level.streamed for name in self._names)
            if level.bypassed & level.streamed
            else (),
        )


def _stands_twice(directive: Section, what: str) -> InputError:
    return directive.error(
        f"the {what} of {TARGET.read(directive)!r} are given twice; keep one of the directives",
        TARGET.key,
    )


def _fill_zeros(levels: list[_Level], problem: Problem) -> None:
    """Give factors of 0 what the other factors leave of the dimension."""
    nests = [nest for level in levels for nest in (level.temporal, *level.spatial) if nest]
    for name, bound in zip(problem.dimensions, problem.bounds, strict=True):
        zeros = [nest for nest in nests if nest.factors.get(name, (1, 1))[0] == 0]
        others = 1
        for nest in nests:
            others *= nest.factors.get(name, (1, 1))[0] or 1
        for nest in zeros:
            rest = bound // others if bound % others == 0 else bound
            nest.factors[name] = rest, rest
            others *= rest


def _check_products(mapping: LoopMapping, problem: Problem, section: Section) -> None:
    covered = [0] * len(problem.dimensions)
    for level in reversed(mapping.levels):
        for loop in reversed(level.loops):
            covered[loop.dimension] = covered[loop.dimension] * loop.end + loop.residual - 1
    for name, bound, last in zip(problem.dimensions, problem.bounds, covered, strict=True):
        if last + 1 != bound:
            raise section.error(
                f"the factors of {name} multiply up to {last + 1}, but the problem's {name} is "
                f"{bound}"
            )


def mapping_document(
    problem: Problem, machine: Machine, mapping: LoopMapping, layout: Layout = "v0.3"
) -> dict[str, Any]:
    """Write a mapping as Timeloop's directives, outermost level first.

    Parameters
    ----------
    problem, machine
        What is mapped, and onto what.
    mapping : LoopMapping
        With all dimensions in every loop nest.
    layout : {"v0.3", "v0.4"}
        For the programs themselves, or for the Python front end.

    Returns
    -------
    dict
        With the root key ``mapping``.

    Raises
    ------
    InputError
        If a dimension is spread along both axes below one storage level.
    """
    names = [space.name for space in problem.data_spaces]
    directives: list[dict[str, Any]] = []

    def add(target: str, kind: str, level: LevelMapping, content: dict[str, Any]) -> None:
        denied = denials_entry(kind, _denied(level, names), layout)
        directives.append(TARGET.entry(target) | type_entry(kind, layout) | content | denied)

    for number in reversed(range(len(machine.levels))):
        level, target = mapping.levels[number], machine.levels[number].name
        kept = [name for name, is_kept in zip(names, level.keep, strict=True) if is_kept]
        streamed = list(compress(names, level.streamed))
        stored = [name for name in kept if name not in streamed]
        bypassed = [name for name in names if name not in stored]
        content = KEEP.entry(stored) | BYPASS.entry(bypassed)
        add(target, "bypass", level, content | STREAM.entry_unless_default(streamed))
        add(target, "temporal", level, _document_of_loops(level.temporal, problem, layout))
        if machine.has_fanout(number):
            # In v0.4 space is mapped at the container that multiplies what lies inside.
            spatial_target = grid_name(machine.inner_name(number)) if layout == "v0.4" else target
            loops = _document_of_loops(level.spatial, problem, layout)
            split = SPLIT.entry(sum(loop.kind == "x" for loop in level.spatial))
            add(spatial_target, "spatial", level, loops | split)
    return MAPPING.entry(directives)


def _document_of_loops(loops: Sequence[Loop], problem: Problem, layout: Layout) -> dict[str, Any]:
    """Factors in the problem's order; the permutation is written innermost first."""
    by_dimension = {loop.dimension: loop for loop in loops}
    if len(by_dimension) < len(loops):
        twice = [loop.dimension for loop in loops if by_dimension[loop.dimension] is not loop]
        raise InputError(
            f"mapping: {problem.dimensions[twice[0]]} is spread by two loops of one spatial nest, "
            "which one directive cannot say"
        )
    factors = []
    for number, name in enumerate(problem.dimensions):
        loop = by_dimension.get(number, Loop(number, 1, 1, "time"))
        last = "" if loop.residual == loop.end else f",{loop.residual}"
        factors.append(f"{name}={loop.end}{last}")
    order = [problem.dimensions[loop.dimension] for loop in loops]
    return factors_entry(factors, layout) | permutation_entry(order, layout)


def _denied(level: LevelMapping, names: Sequence[str]) -> dict[str, list[str]]:
    """List the data spaces that a level denies each saving."""
    return {denial.name: list(compress(names, getattr(level, denial.name))) for denial in DENIALS}
