"""Reading ``architecture_constraints``, ``mapspace_constraints`` and the constraints of v0.4 nodes.

Permutations are written innermost first; an underscore stands for the free dimensions between
those that are pinned innermost and those that are pinned outermost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from hwsim.engines.timeloop.spec.mapping import target_level
from hwsim.engines.timeloop.spec.node_constraints import read_node_constraints
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.constraints import Constraints, Place, SlotConstraint
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.errors import did_you_mean

_FACTOR: Final = re.compile(r"([A-Za-z]+)\s*(<=|>=|={0,2})\s*([0-9]+)")
_DATASPACE_TYPES: Final = ("datatype", "bypass", "bypassing", "dataspace")
_PARALLELISM_TYPES: Final = ("utilization", "parallelism")
_OVERBOOKING: Final = "max_overbooked_proportion"
_TYPES: Final = ("temporal", "spatial", *_DATASPACE_TYPES, *_PARALLELISM_TYPES, _OVERBOOKING)
_ARCHITECTURE_ROOTS: Final = ("arch_constraints", "architecture_constraints")
_MAPSPACE_ROOTS: Final = ("mapspace", "mapspace_constraints")
#: Keys that deny a data space a saving, by type.
_DENIALS: Final = {
    "spatial": (
        ("no_link_transfer", "no_link_transfer"),
        ("no_reuse", "no_multicast"),
        ("no_multicast_no_reduction", "no_multicast"),
    ),
    "temporal": (
        ("no_temporal_reuse", "no_temporal_reuse"),
        ("no_reuse", "no_temporal_reuse"),
        ("rmw_first_update", "rmw_first_update"),
    ),
    "dataspace": (("no_coalesce", "no_coalesce"),),
}


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
    constraints = Constraints()
    reader = ConstraintReader(constraints, problem, machine)
    for listed in _lists(inputs):
        for target in listed.items():
            nested = target.has("constraints")
            for item in target.section("constraints").items() if nested else (target,):
                reader.read_target(target, item)
    read_node_constraints(inputs, reader, problem, machine)
    return constraints


def _lists(inputs: Section) -> Iterator[Section]:
    """Find the lists of targets, wherever they stand."""
    if all(inputs.has(root) for root in _MAPSPACE_ROOTS):
        raise inputs.error("both 'mapspace' and 'mapspace_constraints' are given; keep one of them")
    roots = [inputs.section(root) for root in _MAPSPACE_ROOTS if inputs.has(root)]
    architecture = inputs.section("arch" if inputs.has("arch") else "architecture")
    if architecture.has("constraints"):
        roots.append(architecture.section("constraints"))
    else:
        roots += [inputs.section(root) for root in _ARCHITECTURE_ROOTS if inputs.has(root)][:1]
    for root in roots:
        if not root.is_mapping:
            yield root
            continue
        for key in ("constraints", "targets"):
            if root.has(key):
                yield root.section(key)
                break


class ConstraintReader:
    """Collects constraints, and notices what is said twice."""

    def __init__(self, constraints: Constraints, problem: Problem, machine: Machine) -> None:
        self.constraints = constraints
        self._problem = problem
        self._machine = machine
        self._names = [space.name for space in problem.data_spaces]

    def read_target(self, target: Section, item: Section) -> None:
        """Read an entry of a list of targets."""
        kind = item.required_text("type")
        if kind not in _TYPES:
            raise item.error(f"unknown type {kind!r}{did_you_mean(kind, _TYPES)}", "type")
        key = "target" if target.has("target") else "name"
        level = target_level(target, key, self._machine)
        attributes = item.section("attributes") if item.has("attributes") else item
        if kind in _PARALLELISM_TYPES:
            self._read_parallelism(target, attributes, key, level)
        elif kind == _OVERBOOKING:
            self._note(item, "type", "overbooking is not modelled; all tiles fit always")
        elif kind in _DATASPACE_TYPES:
            self.read_bypass(attributes, level)
        elif kind == "spatial":
            self.check_fanout(target, level, key)
            self.read_loops(attributes, (level, "spatial"))
        else:
            self.read_loops(attributes, (level, "temporal"))

    def check_fanout(self, section: Section, level: int, key: str) -> None:
        """Complain if nothing can be spread below a level."""
        if not self._machine.has_fanout(level):
            machine = self._machine
            inner = machine.levels[level - 1].name if level else machine.compute.name
            raise section.error(
                f"{machine.levels[level].name} has as many instances as {inner}, so there are no "
                "spatial loops to constrain",
                key,
            )

    def _read_parallelism(self, target: Section, item: Section, key: str, level: int) -> None:
        if level != 0:
            raise target.error(
                f"parallelism is constrained at the innermost level, "
                f"{self._machine.levels[0].name}",
                key,
            )
        least = item.number("min")
        if least is None or not 0 <= least <= 1:
            raise item.error("'min' has to be a share between 0 and 1 of all compute units")
        if self.constraints.least_parallelism:
            raise item.error("the least parallelism is given twice; keep one of them")
        self.constraints.least_parallelism = least

    def read_bypass(self, item: Section, level: int) -> None:
        """Read which data spaces a level keeps and which not."""
        outermost = level == len(self._machine.levels) - 1
        keep = self.constraints.keep
        for key, kept in (("keep", True), ("bypass", False)):
            for space in self.data_spaces(item, key):
                if keep.get((level, space), kept) != kept and not outermost:
                    raise item.error(
                        f"{self._names[space]} is both kept and bypassed at "
                        f"{self._machine.levels[level].name}",
                        key,
                    )
                keep[level, space] = kept
        for key, kept in (("keep_only", True), ("bypass_only", False)):
            if item.has(key):
                listed = self.data_spaces(item, key)
                for space in range(len(self._names)):
                    keep[level, space] = kept if space in listed else not kept
        self._read_denials(item, level, "dataspace")

    def data_spaces(self, item: Section, key: str) -> list[int]:
        """Read the data spaces under a key, as numbers; ``all`` is every one."""
        found = []
        for name in item.names(key):
            if name in {"all", "All"} and name not in self._names:
                return list(range(len(self._names)))
            if name not in self._names:
                raise item.error(
                    f"unknown data space {name!r}{did_you_mean(name, self._names)}", key
                )
            found.append(self._names.index(name))
        return found

    def _read_denials(self, item: Section, level: int, kind: str) -> None:
        for key, what in _DENIALS[kind]:
            if item.has(key):
                denied = self.constraints.denied.setdefault((level, what), set())
                denied |= set(self.data_spaces(item, key))

    def read_loops(self, item: Section, place: Place) -> None:
        """Read factors, permutation and split of a loop nest."""
        level, kind = place
        self.merge(item, place, self.loops(item))
        self._read_denials(item, level, kind)

    def loops(self, item: Section) -> SlotConstraint:
        """Read the constraints that an entry puts on its loop nest."""
        found = SlotConstraint(split=item.integer("split"))
        self._read_factors(item, found)
        self._read_permutation(item, found)
        if item.get("remainders"):
            self._note(item, "remainders", "ignored; the search uses factors that divide")
        for space in self.data_spaces(item, "no_iteration_over_dataspaces"):
            for number in self._problem.data_spaces[space].dimensions:
                found.fixed.setdefault(self._problem.dimensions[number], 1)
        return found

    def _read_factors(self, item: Section, found: SlotConstraint) -> None:
        key = "factors_only" if item.has("factors_only") else "factors"
        value = item.get(key)
        if isinstance(value, dict):
            value = [f"{name}={factor}" for name, factor in value.items()]
        text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
        text = text.split("#", 1)[0]
        leftover = _FACTOR.sub("", text).strip(" ,")
        if leftover:
            raise item.error(f"expected factors like 'R=3 C<=8 M=0'. Got {leftover!r}", key)
        for name, relation, number in _FACTOR.findall(text):
            self._dimension(item, name, key)
            factor, bound = int(number), self._bound(name)
            if relation in {"<=", ">="}:
                if factor < 1:
                    raise item.error(f"{name}{relation}{factor}: expected 1 or more", key)
                (found.most if relation == "<=" else found.least)[name] = factor
            elif factor > bound:
                self._note(
                    item, key, f"{name}={factor} is ignored, the problem's {name} is {bound}"
                )
            else:
                found.fixed[name] = factor
        for key_, limits in (
            ("default_max_factor", found.most),
            ("default_min_factor", found.least),
        ):
            default = item.integer(key_, least=1)
            for name in self._problem.dimensions if default is not None else ():
                limits.setdefault(name, default or 1)
        if key == "factors_only":
            for name in self._problem.dimensions:
                if name not in found.most and name not in found.least:
                    found.fixed.setdefault(name, 1)

    def _read_permutation(self, item: Section, found: SlotConstraint) -> None:
        order = item.get("permutation")
        text = "".join(map(str, order)) if isinstance(order, list | tuple) else str(order or "")
        pinned = found.prefix
        for letter in text.split("#", 1)[0]:
            if letter in " ,":
                continue
            if letter == "_":
                pinned = found.suffix
                continue
            self._dimension(item, letter, "permutation")
            if letter in found.prefix or letter in found.suffix:
                raise item.error(f"dimension {letter!r} stands twice", "permutation")
            pinned.append(letter)

    def _note(self, item: Section, key: str, text: str) -> None:
        self.constraints.notes.append(str(item.error(text, key)))

    def _dimension(self, item: Section, name: str, key: str) -> None:
        if name not in self._problem.dimensions:
            raise item.error(
                f"unknown dimension {name!r}{did_you_mean(name, self._problem.dimensions)}", key
            )

    def _bound(self, name: str) -> int:
        return self._problem.bounds[self._problem.dimensions.index(name)]

    def merge(self, item: Section, place: Place, more: SlotConstraint) -> None:
        """Add constraints to those a place already has."""
        level, kind = place
        where = f"{self._machine.levels[level].name} ({kind})"
        have = self.constraints.slot(place)
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
                        "factors",
                    )
                old[name] = factor
        if more.prefix or more.suffix:
            if (have.prefix or have.suffix) and (have.prefix, have.suffix) != (
                more.prefix,
                more.suffix,
            ):
                raise item.error(
                    f"the permutation of {where} is given twice; keep one of them", "permutation"
                )
            have.prefix, have.suffix = more.prefix, more.suffix
        if more.split is not None:
            if have.split not in {None, more.split}:
                raise item.error(f"the split of {where} is given twice; keep one of them", "split")
            have.split = more.split
