"""Reading ``mapping``: a list of directives, each for one storage level."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import Kind, LevelMapping, Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.errors import InputError, did_you_mean

_FACTOR: Final = re.compile(r"([A-Za-z]+)\s*=*\s*([0-9]+)(?:,([0-9]+))?")
_TYPES: Final = ("temporal", "spatial", "datatype", "bypass", "dataspace")

#: Iterations, and iterations the last time round.
_Factors = dict[str, tuple[int, int]]


@dataclass
class _Directive:
    factors: _Factors = field(default_factory=dict)
    permutation: list[str] = field(default_factory=list)
    split: int | None = None


@dataclass
class _Level:
    temporal: _Directive = field(default_factory=_Directive)
    spatial: _Directive = field(default_factory=_Directive)
    bypassed: set[str] = field(default_factory=set)
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
    section = inputs.section("mapping")
    levels = [_Level() for _ in machine.levels]
    names = [space.name for space in problem.data_spaces]
    grids = grid_levels(inputs, machine)
    for directive in section.items():
        _read_directive(directive, levels, problem, machine, names, grids)
    _fill_zeros(levels, problem)
    mapping = LoopMapping(
        tuple(
            _level_mapping(level, machine.has_fanout(number), problem, names)
            for number, level in enumerate(levels)
        )
    )
    _check_products(mapping, problem, section)
    return mapping


def _read_directive(
    directive: Section,
    levels: list[_Level],
    problem: Problem,
    machine: Machine,
    names: list[str],
    grids: dict[str, int],
) -> None:
    kind = directive.required_text("type")
    if kind not in _TYPES:
        raise directive.error(f"unknown type {kind!r}{did_you_mean(kind, _TYPES)}", "type")
    grid = grids.get(directive.required_text("target")) if kind == "spatial" else None
    number = target_level(directive, "target", machine) if grid is None else grid
    level = levels[number]
    if kind in {"temporal", "spatial"}:
        if kind == "spatial" and not machine.has_fanout(number):
            inner = machine.levels[number - 1].name if number else machine.compute.name
            raise directive.error(
                f"{machine.levels[number].name} has as many instances as {inner}, so nothing can "
                "be mapped in space here",
                "target",
            )
        setattr(level, kind, _read_loops(directive, problem))
    for key in ("keep", "bypass"):
        for name in _data_spaces(directive, key, names):
            (level.bypassed.add if key == "bypass" else level.bypassed.discard)(name)
    denials = {
        "spatial": (("no_link_transfer", "no_link_transfer"), ("no_reuse", "no_multicast")),
        "temporal": (
            ("no_temporal_reuse", "no_temporal_reuse"),
            ("no_reuse", "no_temporal_reuse"),
            ("rmw_first_update", "rmw_first_update"),
        ),
    }.get(kind, (("no_coalesce", "no_coalesce"),))
    for key, what in denials:
        if directive.has(key):
            level.denied[what] = _data_spaces(directive, key, names)


def grid_levels(inputs: Section, machine: Machine) -> dict[str, int]:
    """Find the storage levels that v0.4 containers with a fanout multiply what is inside of."""
    architecture = inputs.section("arch" if inputs.has("arch") else "architecture")
    grids: dict[str, int] = {}
    if not architecture.has("nodes"):
        return grids
    outside: int | None = None
    for node in architecture.section("nodes").items():
        name = (node.text("name") or "").split("[", 1)[0]
        number = machine.level_number(name)
        if number is not None:
            outside = number
        elif node.has("spatial") and outside is not None:
            grids[name] = outside
    return grids


def target_level(section: Section, key: str, machine: Machine) -> int:
    """Find the storage level that a section names (or numbers, innermost first)."""
    target = section.required_text(key)
    number = machine.level_number(target)
    if number is None and target.isdigit() and int(target) < len(machine.levels):
        return int(target)
    if number is None:
        known = [level.name for level in machine.levels]
        raise section.error(f"unknown storage level {target!r}{did_you_mean(target, known)}", key)
    return number


def _data_spaces(section: Section, key: str, names: Sequence[str]) -> list[str]:
    found = section.names(key)
    for name in found:
        if name not in names:
            raise section.error(f"unknown data space {name!r}{did_you_mean(name, names)}", key)
    return found


def _read_loops(directive: Section, problem: Problem) -> _Directive:
    loops = _Directive(split=directive.integer("split"))
    value = directive.get("factors")
    if isinstance(value, dict):
        value = [f"{name}={factor}" for name, factor in value.items()]
    text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
    text = text.split("#", 1)[0]
    for name, end, residual in _FACTOR.findall(text):
        if name not in problem.dimensions:
            raise directive.error(
                f"unknown dimension {name!r}{did_you_mean(name, problem.dimensions)}", "factors"
            )
        loops.factors[name] = int(end), int(residual or end)
        if int(residual or end) > int(end):
            raise directive.error(
                f"the last round of {name} has {residual} iterations, more than {end}", "factors"
            )
    leftover = _FACTOR.sub("", text).strip(" ,")
    if leftover:
        raise directive.error(f"expected factors like 'R=3 S=1'. Got {leftover!r}", "factors")
    order = directive.get("permutation")
    letters = "".join(map(str, order)) if isinstance(order, list | tuple) else str(order or "")
    for letter in letters:
        if letter in " ,":
            continue
        if letter not in problem.dimensions:
            raise directive.error(
                f"unknown dimension {letter!r}{did_you_mean(letter, problem.dimensions)}",
                "permutation",
            )
        if letter in loops.permutation:
            raise directive.error(f"dimension {letter!r} stands twice", "permutation")
        loops.permutation.append(letter)
    return loops


def _fill_zeros(levels: list[_Level], problem: Problem) -> None:
    """Give factors of 0 what the other factors leave of the dimension."""
    for name, bound in zip(problem.dimensions, problem.bounds, strict=True):
        directives = [part for level in levels for part in (level.temporal, level.spatial)]
        zeros = [part for part in directives if part.factors.get(name, (1, 1))[0] == 0]
        others = 1
        for part in directives:
            others *= part.factors.get(name, (1, 1))[0] or 1
        for part in zeros:
            rest = bound // others if bound % others == 0 else bound
            part.factors[name] = rest, rest
            others *= rest


def _level_mapping(
    level: _Level, spatial: bool, problem: Problem, names: list[str]
) -> LevelMapping:
    def denied(what: str) -> tuple[bool, ...]:
        return tuple(name in level.denied.get(what, ()) for name in names)

    return LevelMapping(
        spatial=_loops(level.spatial, problem, spatial=True) if spatial else (),
        temporal=_loops(level.temporal, problem, spatial=False),
        keep=tuple(name not in level.bypassed for name in names),
        no_multicast=denied("no_multicast"),
        no_link_transfer=denied("no_link_transfer"),
        no_temporal_reuse=denied("no_temporal_reuse"),
        rmw_first_update=denied("rmw_first_update"),
        no_coalesce=denied("no_coalesce"),
    )


def _loops(directive: _Directive, problem: Problem, spatial: bool) -> tuple[Loop, ...]:
    order = [*directive.permutation]
    order += [name for name in problem.dimensions if name not in order]
    split = len(order) if directive.split is None else directive.split
    loops = []
    for position, name in enumerate(order):
        kind: Kind = ("x" if position < split else "y") if spatial else "time"
        end, residual = directive.factors.get(name, (1, 1))
        loops.append(Loop(problem.dimensions.index(name), end, residual, kind))
    return tuple(loops)


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


__all__ = ["InputError", "read_mapping", "target_level"]
