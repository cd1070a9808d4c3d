"""Constraints: ``architecture_constraints``, ``mapspace_constraints``, and those of v0.4 nodes.

Permutations are written innermost first; an underscore stands for the free dimensions between
those that are pinned innermost and those that are pinned outermost.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from hwsim.engines.timeloop.spec._constraint_keys import (
    ARCHITECTURE_CONSTRAINTS,
    ARCHITECTURE_TARGETS,
    BYPASS,
    CHOSEN_PREFIX,
    CONSTRAINTS,
    ITEMS,
    KEEP,
    MAPSPACE,
    MAPSPACE_CONSTRAINTS,
    MIN,
    PARALLELISM_TYPES,
    TARGET,
    TARGETS,
    TYPE,
    VERSION,
    more_constraints,
)
from hwsim.engines.timeloop.spec._directive_text import denials_entry, type_entry
from hwsim.engines.timeloop.spec.architecture.fan_outs import fan_outs
from hwsim.engines.timeloop.spec.architecture.roots import ARCHITECTURE
from hwsim.engines.timeloop.spec.constraints._nodes import read_node_constraints
from hwsim.engines.timeloop.spec.constraints._reader import ConstraintReader
from hwsim.engines.timeloop.spec.constraints._slots import slot_document
from hwsim.engines.timeloop.spec.layout import Layout, version_of
from hwsim.engines.timeloop.spec.section import Section, plain
from hwsim.engines.timeloop.terms.constraints import Constraints, SlotKind
from hwsim.engines.timeloop.terms.denials import DENIALS
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.errors import did_you_mean

__all__ = ["constraint_document", "constraint_targets", "read_constraints"]

_SLOT_KINDS: Final[tuple[SlotKind, ...]] = ("temporal", "spatial")


def read_constraints(inputs: Section, problem: Problem, machine: Machine) -> Constraints:
    """Read all constraints of the inputs.

    Parameters
    ----------
    inputs : Section
        The merged inputs.
    problem, machine
        Whose dimensions, data spaces and levels they name.

    Raises
    ------
    InputError
        If they name what is not there, or say the same thing twice.
    """
    reader = ConstraintReader(problem, machine, fan_outs(inputs, machine))
    for listed in _lists(inputs):
        for target in listed.items():
            nested = ITEMS.given(target)
            for item in ITEMS.section(target).items() if nested else (target,):
                reader.read_target(target, item)
    read_node_constraints(inputs, reader)
    return reader.constraints


def _lists(inputs: Section) -> Iterator[Section]:
    """Find the lists of targets, wherever they stand."""
    if MAPSPACE.given(inputs) and MAPSPACE_CONSTRAINTS.given(inputs):
        raise inputs.error("both 'mapspace' and 'mapspace_constraints' are given; keep one of them")
    fields = (MAPSPACE, MAPSPACE_CONSTRAINTS, CONSTRAINTS, *more_constraints(inputs))
    roots = [field.section(inputs) for field in fields if field.given(inputs)]
    architecture = ARCHITECTURE.section(inputs)
    if ARCHITECTURE_TARGETS.given(architecture):
        roots.append(ARCHITECTURE_TARGETS.section(architecture))
    elif ARCHITECTURE_CONSTRAINTS.given(inputs):
        roots.append(ARCHITECTURE_CONSTRAINTS.section(inputs))
    for root in roots:
        if not root.is_mapping:
            yield root
            continue
        field = next((field for field in (ITEMS, TARGETS) if field.given(root)), None)
        if field is not None:
            yield _named_list(root) if isinstance(field.read(root), str) else field.section(root)


def _named_list(root: Section) -> Section:
    """Find the list of several that ``constraints: NAME`` chooses: ``constraints_NAME``."""
    name = ITEMS.read(root)
    chosen = CHOSEN_PREFIX + name
    if not root.has(plain(chosen)):
        lists = [key for key in root.names_inside() if key.startswith(CHOSEN_PREFIX)]
        known = [key.removeprefix(CHOSEN_PREFIX) for key in lists]
        hint = did_you_mean(name, known) if known else ""
        raise root.error(f"expected a list, or its name if {chosen!r} is one{hint}", ITEMS.key)
    return root.section(plain(chosen))


def constraint_document(
    problem: Problem, machine: Machine, constraints: Constraints, layout: Layout = "v0.3"
) -> dict[str, Any]:
    """Write constraints under the root key of the layout."""
    root = CONSTRAINTS if layout == "v0.4" else MAPSPACE_CONSTRAINTS
    targets = constraint_targets(problem, machine, constraints, layout)
    return root.entry({VERSION.key: version_of(layout)} | TARGETS.entry(targets))


def constraint_targets(
    problem: Problem, machine: Machine, constraints: Constraints, layout: Layout = "v0.3"
) -> list[dict[str, Any]]:
    """List constraints by storage level and kind, outermost level first."""
    targets: list[dict[str, Any]] = []
    names = [space.name for space in problem.data_spaces]

    def add(level: int, kind: str, content: dict[str, Any]) -> None:
        denied = {
            denial.name: [
                names[s] for s in sorted(constraints.denied.get((level, denial.name), ()))
            ]
            for denial in DENIALS
        }
        found = content | denials_entry(kind, denied, layout)
        if found:
            target = TARGET.entry(machine.levels[level].name)
            targets.append(target | type_entry(kind, layout) | found)

    for level in reversed(range(len(machine.levels))):
        kept = {names[s]: k for (of, s), k in constraints.keep.items() if of == level}
        stored: dict[str, Any] = {}
        if kept:
            bypassed = BYPASS.entry([name for name, is_kept in kept.items() if not is_kept])
            stored = KEEP.entry([name for name, is_kept in kept.items() if is_kept]) | bypassed
        add(level, "bypass", stored)
        for kind in _SLOT_KINDS:
            slot = constraints.slots.get((level, kind))
            add(level, kind, {} if slot is None else slot_document(slot, problem, layout))
    if constraints.least_parallelism:
        innermost = TARGET.entry(machine.levels[0].name)
        least = MIN.entry(constraints.least_parallelism)
        targets.append(innermost | TYPE.entry(PARALLELISM_TYPES[0]) | least)
    return targets
