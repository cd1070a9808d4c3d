"""What the loops of a mapping walk over, and tensors laid out by that."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.terms.mapping import Loop, LoopMapping

Bools = npt.NDArray[np.bool_]
Group = tuple[Sequence[int], Sequence[str]]

#: Dimensions of a layer.
G, M, C, R, S, P, Q, N = range(8)
#: Those that a result is the sum over, and those that tell outputs of a filter apart.
SUMMED: Final = (C, R, S)
POSITIONS: Final = (P, Q, N)
#: Roles of the loops inside a unit, in time and in space.
INSIDE: Final = ("tile", "lane")


@dataclass(frozen=True)
class LoopRoles:
    """The loops of a mapping by dimension, outermost first, and the role of each of them."""

    loops: tuple[tuple[tuple[Loop, str], ...], ...]

    @classmethod
    def of(
        cls, mapping: LoopMapping, dimensions: int, role_of: Callable[[int, Loop], str]
    ) -> LoopRoles:
        """Ask for the role of each loop, by level and loop, innermost first."""
        found: list[list[tuple[Loop, str]]] = [[] for _ in range(dimensions)]
        for level, nest in enumerate(mapping.levels):
            for loop in nest.loops:
                if loop.end > 1:
                    found[loop.dimension].insert(0, (loop, role_of(level, loop)))
        return cls(tuple(map(tuple, found)))

    def product(self, dimensions: Sequence[int], roles: Sequence[str]) -> int:
        """Multiply iterations of the loops of some dimensions in some roles."""
        return math.prod(
            loop.end
            for dimension in dimensions
            if dimension < len(self.loops)
            for loop, role in self.loops[dimension]
            if role in roles
        )

    def arrange(self, values: Bools, dimensions: Sequence[int], groups: Sequence[Group]) -> Bools:
        """Give an array over dimensions an axis for each group of loops instead."""
        axes = [(each, *loop) for each in dimensions for loop in self.loops[each]]
        covered = [math.prod(loop.end for loop, _ in self.loops[each]) for each in dimensions]
        if covered != list(values.shape):
            rest = [(0, size - there) for size, there in zip(covered, values.shape, strict=True)]
            values = np.pad(values, rest)
        values = values.reshape([loop.end for _, loop, _ in axes])
        order = [
            place
            for which, roles in groups
            for place, (dimension, _, role) in enumerate(axes)
            if dimension in which and role in roles
        ]
        return values.transpose(order).reshape([self.product(*group) for group in groups])


def count_along_first(values: Bools) -> npt.NDArray[np.int32]:
    """Count what is set along the first axis: whole rows are added, in numbers as short as can be.

    A sum of Booleans along the last axis takes each of them for a number of eight bytes first.
    """
    shortest = np.min_scalar_type(len(values))
    found: npt.NDArray[np.int32] = (
        values.view(np.uint8).sum(axis=0, dtype=shortest).astype(np.int32)
    )
    return found
