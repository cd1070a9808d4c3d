"""Collecting constraints, and noticing what is said twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hwsim.engines.timeloop.spec._constraint_keys import (
    BYPASS,
    BYPASS_ONLY,
    DATASPACE_TYPES,
    KEEP,
    KEEP_ONLY,
    MIN,
    NAME,
    OVERBOOKING,
    PARALLELISM_TYPES,
    RULES,
    TARGET,
    TYPE,
)
from hwsim.engines.timeloop.spec._directive_loops import check_nothing_but_space
from hwsim.engines.timeloop.spec._field import names
from hwsim.engines.timeloop.spec._named import level_named
from hwsim.engines.timeloop.spec.architecture.fan_outs import FanOut, fan_out_named
from hwsim.engines.timeloop.spec.constraints._slots import data_spaces, merge_slot, read_slot
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.constraints import Constraints, Place, SlotConstraint
from hwsim.engines.timeloop.terms.denials import denials_of
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.errors import did_you_mean

_TYPES: Final = ("temporal", "spatial", *DATASPACE_TYPES, *PARALLELISM_TYPES, OVERBOOKING)


class ConstraintReader:
    """Collects constraints on the mappings of a problem on a machine.

    Parameters
    ----------
    problem, machine
        Whose dimensions, data spaces and levels they name.
    nodes : sequence of FanOut
        The nodes of a v0.4 architecture that fan out, which a list may name, too.
    """

    def __init__(self, problem: Problem, machine: Machine, nodes: Sequence[FanOut] = ()) -> None:
        self.constraints = Constraints()
        self.problem = problem
        self.machine = machine
        self.nodes = nodes
        #: What lists say of the loops in space of nodes, by the nodes' names.
        self.of_nodes: dict[str, list[Section]] = {}

    def read_target(self, target: Section, item: Section) -> None:
        """Read an entry of a list of targets."""
        kind = TYPE.read(item)
        if kind not in _TYPES:
            raise item.error(f"unknown type {kind!r}{did_you_mean(kind, _TYPES)}", TYPE.key)
        key = TARGET.key if TARGET.given(target) else NAME.key
        rules = RULES.section(item) if RULES.given(item) else item
        node = fan_out_named(target.required_text(key), self.nodes)
        own = self.machine.level_number(target.required_text(key))
        if node is not None and (own is None or not self.machine.has_fanout(own)):
            if kind == "spatial":
                self.of_nodes.setdefault(node.name, []).append(rules)
                return
            if own is None and (kind == "temporal" or kind in DATASPACE_TYPES):
                check_nothing_but_space(rules, kind, node, self.problem)
                return
        level = level_named(target, key, self.machine)
        if kind in PARALLELISM_TYPES:
            self._read_parallelism(target, rules, key, level)
        elif kind == OVERBOOKING:
            text = "overbooking is not modelled; all tiles fit always"
            self.constraints.notes.append(str(item.error(text, TYPE.key)))
        elif kind in DATASPACE_TYPES:
            self.read_stored(rules, level)
        elif kind == "spatial":
            self._check_fanout(target, level, key)
            self.read_loops(rules, (level, "spatial"))
        else:
            self.read_loops(rules, (level, "temporal"))

    def _check_fanout(self, section: Section, level: int, key: str) -> None:
        """Complain if nothing can be spread below a level."""
        machine = self.machine
        if not machine.has_fanout(level):
            raise section.error(
                f"{machine.levels[level].name} has as many instances as "
                f"{machine.inner_name(level)}, so there are no spatial loops to constrain",
                key,
            )

    def _read_parallelism(self, target: Section, item: Section, key: str, level: int) -> None:
        if level != 0:
            raise target.error(
                f"parallelism is constrained at the innermost level, {self.machine.levels[0].name}",
                key,
            )
        least = MIN.read(item)
        if least is None or not 0 <= least <= 1:
            raise item.error("'min' has to be a share between 0 and 1 of all compute units")
        if self.constraints.least_parallelism:
            raise item.error("the least parallelism is given twice; keep one of them")
        self.constraints.least_parallelism = least

    def read_stored(self, item: Section, level: int) -> None:
        """Read which data spaces a level keeps and which not."""
        outermost = level == len(self.machine.levels) - 1
        spaces = self.problem.data_spaces
        keep = self.constraints.keep
        for field, kept in ((KEEP, True), (BYPASS, False)):
            for space in data_spaces(item, field, self.problem):
                if keep.get((level, space), kept) != kept and not outermost:
                    raise item.error(
                        f"{spaces[space].name} is both kept and bypassed at "
                        f"{self.machine.levels[level].name}",
                        field.key,
                    )
                keep[level, space] = kept
        for field, kept in ((KEEP_ONLY, True), (BYPASS_ONLY, False)):
            if field.given(item):
                listed = data_spaces(item, field, self.problem)
                for space in range(len(spaces)):
                    keep[level, space] = kept if space in listed else not kept
        self.read_denials(item, level, "dataspace")

    def read_loops(self, item: Section, place: Place) -> None:
        """Read factors, permutation and split of a loop nest, and what it is denied."""
        merge_slot(self.constraints, item, place, self.slot(item), self.machine)
        self.read_denials(item, *place)

    def slot(self, item: Section) -> SlotConstraint:
        """Read the constraints that an entry puts on its loop nest, without keeping them."""
        return read_slot(item, self.problem, self.constraints.notes)

    def slot_of_all(self, items: Sequence[Section], place: Place) -> SlotConstraint:
        """Read the constraints that several entries put on one loop nest, without keeping them."""
        together = Constraints()
        for item in items:
            merge_slot(together, item, place, self.slot(item), self.machine)
        return together.slot(place)

    def read_denials(self, item: Section, level: int, kind: str) -> None:
        """Read which data spaces are denied a saving."""
        for denial in denials_of(kind):
            for key in denial.keys:
                if item.has(key):
                    denied = self.constraints.denied.setdefault((level, denial.name), set())
                    denied |= set(data_spaces(item, names(key), self.problem))
