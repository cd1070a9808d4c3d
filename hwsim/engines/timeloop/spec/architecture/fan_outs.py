"""Where a v0.4 architecture fans out: nodes of which there are several within what is around."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hwsim.engines.timeloop.spec.architecture.attributes import NAME
from hwsim.engines.timeloop.spec.architecture.components import bare_name, spatial_mesh
from hwsim.engines.timeloop.spec.architecture.roots import ARCHITECTURE, NODES
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.machine import Machine


@dataclass(frozen=True)
class FanOut:
    """A node that fans out.

    Parameters
    ----------
    name : str
        Without a range.
    columns, rows : int
        How many there are along X and Y.
    level : int
        The storage level outside of it, below which it fans out.
    node : Section
        The node.
    """

    name: str
    columns: int
    rows: int
    level: int
    node: Section

    @property
    def front_end_name(self) -> str:
        """The name that Timeloop's front end gives the storage level it makes of a fan-out."""
        return f"inter_{self.name}_spatial"


def walk_nodes(inputs: Section) -> Iterator[Section]:
    """Go through all nodes of a v0.4 architecture from the outside in; none of another layout."""
    architecture = ARCHITECTURE.section(inputs)
    if NODES.given(architecture):
        yield from _inside(NODES.section(architecture))


def _inside(nodes: Section) -> Iterator[Section]:
    for node in nodes.items():
        if NODES.given(node):
            yield from _inside(NODES.section(node))
        else:
            yield node


def fan_outs(inputs: Section, machine: Machine) -> list[FanOut]:
    """List the nodes that fan out below a storage level, outermost first."""
    found = []
    outside: int | None = None
    for node in walk_nodes(inputs):
        name = bare_name(NAME.read(node) or "")
        columns, rows = spatial_mesh(node)
        if outside is not None and columns * rows > 1:
            found.append(FanOut(name, columns, rows, outside, node))
        level = machine.level_number(name)
        outside = outside if level is None else level
    return found


def fan_out_named(target: str, nodes: Iterable[FanOut]) -> FanOut | None:
    """Find the node that fans out by its name, or by the one that the front end gives it."""
    found = [node for node in nodes if target in {node.name, node.front_end_name}]
    return found[0] if found else None
