"""Constraints that stand at the nodes of a v0.4 architecture.

A node's spatial constraints hold for its own fan-out, which lies below the storage level outside
it. Several nodes may fan out below one storage level: some along X, some along Y. Their loops
become one spatial nest, in which a dimension that may be spread along one axis only keeps to it.
"""

from __future__ import annotations

import math
from itertools import groupby
from operator import attrgetter

from hwsim.engines.timeloop.spec._constraint_keys import (
    DATASPACE,
    NODE_CONSTRAINTS,
    SPATIAL,
    TEMPORAL,
)
from hwsim.engines.timeloop.spec.architecture.attributes import NAME
from hwsim.engines.timeloop.spec.architecture.components import bare_name
from hwsim.engines.timeloop.spec.architecture.fan_outs import FanOut, walk_nodes
from hwsim.engines.timeloop.spec.constraints._reader import ConstraintReader
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.constraints import SlotConstraint


def read_node_constraints(inputs: Section, reader: ConstraintReader) -> None:
    """Hand them all to the reader."""
    machine = reader.machine
    for node in walk_nodes(inputs):
        level = machine.level_number(bare_name(NAME.read(node) or ""))
        if level is not None and NODE_CONSTRAINTS.given(node):
            constraints = NODE_CONSTRAINTS.section(node)
            if TEMPORAL.given(constraints):
                reader.read_loops(TEMPORAL.section(constraints), (level, "temporal"))
            if DATASPACE.given(constraints):
                reader.read_stored(DATASPACE.section(constraints), level)
    for level, nodes in groupby(reader.nodes, attrgetter("level")):
        fanouts = list(nodes)
        constrained = [item for fanout in fanouts for item in _spatial(fanout, reader)]
        if constrained and len(fanouts) == 1:
            for item in constrained:
                reader.read_loops(item, (level, "spatial"))
        elif constrained:
            _combine(fanouts, reader, level)


def _spatial(fanout: FanOut, reader: ConstraintReader) -> list[Section]:
    """List what stands at the node itself, and what lists say of it."""
    found = []
    if NODE_CONSTRAINTS.given(fanout.node):
        constraints = NODE_CONSTRAINTS.section(fanout.node)
        found = [SPATIAL.section(constraints)] if SPATIAL.given(constraints) else []
    return found + reader.of_nodes.get(fanout.name, [])


def _combine(fanouts: list[FanOut], reader: ConstraintReader, level: int) -> None:
    """Make one spatial nest of the fan-outs along X and along Y below a storage level."""
    along: dict[str, list[SlotConstraint]] = {"x": [], "y": []}
    for fanout in fanouts:
        if fanout.columns > 1 and fanout.rows > 1:
            raise fanout.node.error(
                "fans out along X and Y below a storage level under which other nodes fan out "
                "too; put a storage level between them, or drop the spatial constraints"
            )
        items = _spatial(fanout, reader)
        own = reader.slot_of_all(items, (level, "spatial"))
        for item in items:
            reader.read_denials(item, level, "spatial")
        along["x" if fanout.columns > 1 else "y"].append(own)
    together = reader.constraints.slot((level, "spatial"))
    for name in reader.problem.dimensions:
        # An axis is closed to a dimension if none of its nodes may spread it.
        closed = {axis: all(item.fixed.get(name) == 1 for item in along[axis]) for axis in along}
        fixed = [
            item.fixed[name] for items in along.values() for item in items if name in item.fixed
        ]
        if all(closed.values()) or any(factor != 1 for factor in fixed):
            together.fixed[name] = math.prod(fixed)  # 0, what others leave, if any of them is
        if closed["y"] and not closed["x"]:
            together.only_x.append(name)
        if closed["x"] and not closed["y"]:
            together.only_y.append(name)
        for what in ("most", "least"):
            limits = [
                1 if item.fixed.get(name) == 1 else getattr(item, what).get(name)
                for items in along.values()
                for item in items
            ]
            if all(limit is not None for limit in limits) and not all(closed.values()):
                getattr(together, what)[name] = math.prod(limits)
    for axis, names in (("x", together.only_x), ("y", together.only_y)):
        order = [name for item in along[axis] for name in (*item.prefix, *item.suffix)]
        names.sort(key=lambda name: order.index(name) if name in order else len(order))
