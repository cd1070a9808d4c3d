"""Constraints that stand at the nodes of a v0.4 architecture.

A node's spatial constraints hold for its own fan-out, which lies below the storage level outside
it. Several nodes may fan out below one storage level: some along X, some along Y. Their loops
become one spatial nest, in which a dimension that may be spread along one axis only keeps to it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hwsim.engines.timeloop.spec.components import bare_name
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.constraints import SlotConstraint
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.problem import Problem

if TYPE_CHECKING:
    from hwsim.engines.timeloop.spec.constraints import ConstraintReader


def read_node_constraints(
    inputs: Section, reader: ConstraintReader, problem: Problem, machine: Machine
) -> None:
    """Read them all.

    Parameters
    ----------
    inputs : Section
        The merged inputs.
    reader : ConstraintReader
        Collects them.
    problem, machine
        Whose dimensions are spread, and whose levels the nodes are.
    """
    architecture = inputs.section("arch" if inputs.has("arch") else "architecture")
    if not architecture.has("nodes"):
        return
    walk = _Walk(reader, machine)
    walk.nodes(architecture.section("nodes"))
    for level, fanouts in walk.fanouts.items():
        constrained = [node for node in fanouts if node.has("constraints")]
        constrained = [node for node in constrained if node.section("constraints").has("spatial")]
        if not constrained:
            continue
        if len(fanouts) == 1:
            item = constrained[0].section("constraints").section("spatial")
            reader.read_loops(item, (level, "spatial"))
        else:
            _combine(fanouts, reader, level, problem)


class _Walk:
    """Goes through the nodes from the outside in."""

    def __init__(self, reader: ConstraintReader, machine: Machine) -> None:
        self._reader = reader
        self._machine = machine
        self._outer: int | None = None
        #: Nodes that fan out below each storage level.
        self.fanouts: dict[int, list[Section]] = {}

    def nodes(self, nodes: Section) -> None:
        for node in nodes.items():
            if node.has("nodes"):
                self.nodes(node.section("nodes"))
                continue
            if self._outer is not None and math.prod(_mesh(node)) > 1:
                self.fanouts.setdefault(self._outer, []).append(node)
            level = self._machine.level_number(bare_name(node.text("name") or ""))
            if level is not None:
                self._outer = level
                if node.has("constraints"):
                    self._storage(node.section("constraints"), level)

    def _storage(self, constraints: Section, level: int) -> None:
        if constraints.has("temporal"):
            self._reader.read_loops(constraints.section("temporal"), (level, "temporal"))
        for key in ("dataspace", "bypass", "datatype"):
            if constraints.has(key):
                self._reader.read_bypass(constraints.section(key), level)


def _mesh(node: Section) -> tuple[int, int]:
    if not node.has("spatial"):
        return 1, 1
    spatial = node.section("spatial")
    return spatial.integer("meshX", least=1) or 1, spatial.integer("meshY", least=1) or 1


def _combine(
    fanouts: list[Section], reader: ConstraintReader, level: int, problem: Problem
) -> None:
    """Make one spatial nest of the fan-outs along X and along Y below a storage level."""
    along: dict[str, list[SlotConstraint]] = {"x": [], "y": []}
    for node in fanouts:
        columns, rows = _mesh(node)
        if columns > 1 and rows > 1:
            raise node.error(
                "fans out along X and Y below a storage level under which other nodes fan out "
                "too; put a storage level between them, or drop the spatial constraints"
            )
        own = SlotConstraint()
        if node.has("constraints") and node.section("constraints").has("spatial"):
            own = reader.loops(node.section("constraints").section("spatial"))
        along["x" if columns > 1 else "y"].append(own)
    together = reader.constraints.slot((level, "spatial"))
    for name in problem.dimensions:
        closed = {axis: all(item.fixed.get(name) == 1 for item in along[axis]) for axis in along}
        fixed = [
            item.fixed[name] for items in along.values() for item in items if name in item.fixed
        ]
        if all(closed.values()) or any(factor > 1 for factor in fixed):
            together.fixed[name] = math.prod(fixed)
        if closed["y"] and not closed["x"]:
            together.only_x.append(name)
        if closed["x"] and not closed["y"]:
            together.only_y.append(name)
        for what in ("most", "least"):
            limits = [getattr(item, what).get(name) for items in along.values() for item in items]
            limits = [
                1 if item_closed else limit
                for item_closed, limit in zip(
                    [item.fixed.get(name) == 1 for items in along.values() for item in items],
                    limits,
                    strict=True,
                )
            ]
            if all(limit is not None for limit in limits) and not all(closed.values()):
                getattr(together, what)[name] = math.prod(limits)
    for axis, names in (("x", together.only_x), ("y", together.only_y)):
        order = [name for item in along[axis] for name in (*item.prefix, *item.suffix)]
        names.sort(key=lambda name: order.index(name) if name in order else len(order))
