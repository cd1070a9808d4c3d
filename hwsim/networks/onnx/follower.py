"""What follows a graph, as those see it who follow graphs inside it."""

from __future__ import annotations

from typing import Any, Protocol

from hwsim.networks.onnx.values import Value

Known = dict[str, Value]


class Follower(Protocol):
    """Follows graphs, and counts their layers."""

    #: Outputs whose shape nothing told, and operators that could not be taken for that.
    unknown: list[str]
    needed: list[str]

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all layers so far."""

    def graph(self, graph: Any, outer: Known, times: int) -> list[Value]:
        """Follow a graph that is run so often, and say what is known of its outputs."""

    def aside(self, graph: Any, known: Known, times: int) -> tuple[list[Value], Follower]:
        """Follow a graph that may not be run, apart from what is counted."""

    def not_taken(self, node: Any, macs: int, reason: str, of: str = "") -> None:
        """List an operator with what it would multiply, if it does."""
