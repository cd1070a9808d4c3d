"""The constraints of one loop nest: read from the keys of an entry, and written."""

from __future__ import annotations

import re
from typing import Any, Final

from hwsim.engines.timeloop.spec._constraint_keys import (
    FACTORS,
    FACTORS_ONLY,
    LEAST,
    MOST,
    NOT_OVER,
    PERMUTATION,
    REMAINDERS,
    SPLIT,
)
from hwsim.engines.timeloop.spec._directive_text import (
    check_digits,
    factors_entry,
    factors_text,
    permutation_entry,
    permutation_text,
)
from hwsim.engines.timeloop.spec._field import Field
from hwsim.engines.timeloop.spec._named import data_space_named, dimension_named
from hwsim.engines.timeloop.spec.layout import Layout
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.constraints import Constraints, Place, SlotConstraint
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.problem import Problem

_FACTOR: Final = re.compile(r"([A-Za-z]+)\s*(<=|>=|={0,2})\s*([0-9]+)")


def read_slot(item: Section, problem: Problem, notes: list[str]) -> SlotConstraint:
    """Read what an entry says of its loop nest; ``notes`` gets what is ignored, and why."""
    found = SlotConstraint(split=SPLIT.read(item))
    _read_factors(item, found, problem, notes)
    _read_permutation(item, found, problem)
    if REMAINDERS.read(item):
        text = "ignored; the search uses factors that divide"
        notes.append(str(item.error(text, REMAINDERS.key)))
    for space in data_spaces(item, NOT_OVER, problem):
        for number in problem.data_spaces[space].dimensions:
            found.fixed.setdefault(problem.dimensions[number], 1)
    return found


def _read_factors(item: Section, found: SlotConstraint, problem: Problem, notes: list[str]) -> None:
    field = FACTORS_ONLY if FACTORS_ONLY.given(item) else FACTORS
    text = factors_text(item, field)
    leftover = _FACTOR.sub("", text).strip(" ,")
    if leftover:
        raise item.error(f"expected factors like 'R=3 C<=8 M=0'. Got {leftover!r}", field.key)
    stated: set[tuple[str, str]] = set()
    for name, relation, number in _FACTOR.findall(text):
        if (name, relation) in stated and item.origin.closed:  # to Timeloop the last one holds
            raise item.error(f"{name}{relation} stands twice; keep one of them", field.key)
        stated.add((name, relation))
        bound = problem.bounds[dimension_named(item, name, problem.dimensions, field.key)]
        check_digits(item, name, field.key, number)
        factor = int(number)
        if relation in {"<=", ">="}:
            if factor < 1:
                raise item.error(f"{name}{relation}{factor}: expected 1 or more", field.key)
            (found.most if relation == "<=" else found.least)[name] = factor
        elif factor > bound:
            ignored = f"{name}={factor} is ignored, the problem's {name} is {bound}"
            notes.append(str(item.error(ignored, field.key)))
        else:
            found.fixed[name] = factor
    for default, limits in ((MOST, found.most), (LEAST, found.least)):
        limit = default.read(item)
        if limit is not None:
            for name in problem.dimensions:
                limits.setdefault(name, limit)
    if field is FACTORS_ONLY:
        for name in problem.dimensions:
            if name not in found.most and name not in found.least:
                found.fixed.setdefault(name, 1)


def _read_permutation(item: Section, found: SlotConstraint, problem: Problem) -> None:
    pinned = found.prefix
    for letter in permutation_text(item).split("#", 1)[0]:
        if letter in " ,":
            continue
        if letter == "_":
            pinned = found.suffix
            continue
        dimension_named(item, letter, problem.dimensions, PERMUTATION.key)
        if letter in found.prefix or letter in found.suffix:
            raise item.error(f"dimension {letter!r} stands twice", PERMUTATION.key)
        pinned.append(letter)


def data_spaces(item: Section, field: Field[list[str]], problem: Problem) -> list[int]:
    """Read the data spaces under a key, as numbers; ``all`` is every one."""
    names = [space.name for space in problem.data_spaces]
    found = []
    for name in field.read(item):
        if name in {"all", "All"} and name not in names:
            return list(range(len(names)))
        found.append(data_space_named(item, name, names, field.key))
    return found


def merge_slot(
    constraints: Constraints, item: Section, place: Place, more: SlotConstraint, machine: Machine
) -> None:
    """Add the constraints of an entry to those that a place already has, if they do not differ."""
    level, kind = place
    where = f"{machine.levels[level].name} ({kind})"
    have = constraints.slot(place)
    for what, old, new in (
        ("the factor", have.fixed, more.fixed),
        ("the largest factor", have.most, more.most),
        ("the least factor", have.least, more.least),
    ):
        for name, factor in new.items():
            if old.get(name, factor) != factor:
                raise item.error(
                    f"{what} of {name} at {where} is {old[name]} by another constraint and "
                    f"{factor} here; keep one of them",
                    FACTORS.key,
                )
            old[name] = factor
    if more.prefix or more.suffix:
        if (have.prefix or have.suffix) and (have.prefix, have.suffix) != (
            more.prefix,
            more.suffix,
        ):
            raise item.error(
                f"the permutation of {where} is given twice; keep one of them", PERMUTATION.key
            )
        have.prefix, have.suffix = more.prefix, more.suffix
    if more.split is not None:
        if have.split not in {None, more.split}:
            raise item.error(f"the split of {where} is given twice; keep one of them", SPLIT.key)
        have.split = more.split


def slot_document(slot: SlotConstraint, problem: Problem, layout: Layout) -> dict[str, Any]:
    """Write the constraints of a loop nest; no key if there are none."""
    factors = [
        f"{name}{sign}{value}"
        for sign, values in (("=", slot.fixed), ("<=", slot.most), (">=", slot.least))
        for name, value in values.items()
    ]
    order = list(slot.prefix)
    if slot.suffix:  # Timeloop pins dimensions from the innermost on, so all have to be named
        pinned = {*slot.prefix, *slot.suffix}
        order += [name for name in problem.dimensions if name not in pinned] + slot.suffix
    found: dict[str, Any] = {}
    if factors:
        found |= factors_entry(factors, layout)
    if order:
        found |= permutation_entry(order, layout)
    return found | SPLIT.entry_unless_default(slot.split)
