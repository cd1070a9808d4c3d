"""Traffic with rests in space, counted step by step and copy by copy.

A child keeps a part of its tile if the tile moves as it first did and has the size that it had;
one that has not moved is not fetched, but compute units keep nothing. What the first child
fetches, the others that work fetch, too, at their own places.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from hwsim.engines.timeloop.terms.mapping import Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem


class LiteralNest:
    """One mapping; a loop is told by its number, innermost first."""

    def __init__(self, problem: Problem, mapping: LoopMapping) -> None:
        self.problem = problem
        self.loops: list[tuple[Loop, int, int]] = []
        step = [1] * len(problem.dimensions)
        self.padded = []
        for number, level in enumerate(mapping.levels):
            for loop in level.loops:
                if loop.end > 1:
                    self.loops.append((loop, number, step[loop.dimension]))
                    step[loop.dimension] *= loop.end
            self.padded.append(tuple(step))

    def _of(self, level: int, spatial: bool, further_out: bool) -> list[int]:
        return [
            number
            for number, (loop, at, _) in enumerate(self.loops)
            if loop.spatial == spatial and (at > level if further_out else at == level)
        ]

    def _steps(self, level: int) -> Iterator[dict[int, int]]:
        """Positions of the loops in time from a level outwards, in the order in which they run."""
        which = [*self._of(level, False, False), *self._of(level, False, True)]
        ends = [range(self.loops[number][0].end) for number in reversed(which)]
        for position in itertools.product(*ends):
            yield dict(zip(reversed(which), position, strict=True))

    def _copies(self, which: list[int], at: dict[int, int]) -> list[dict[int, int]]:
        """Positions of loops in space that work at a step, the innermost loop the fastest."""
        ends = []
        for number in reversed(which):
            loop = self.loops[number][0]
            outer = [
                (other, self.loops[other][0].end)
                for other in range(number + 1, len(self.loops))
                if self.loops[other][0].dimension == loop.dimension
            ]
            rest = loop.residual != loop.end
            last = rest and all(at[other] == end - 1 for other, end in outer)
            ends.append(range(loop.residual if last else loop.end))
        return [
            dict(zip(reversed(which), position, strict=True))
            for position in itertools.product(*ends)
        ]

    def _corner(self, at: dict[int, int]) -> np.ndarray[Any, Any]:
        point = np.zeros(len(self.problem.dimensions), dtype=int)
        for number, position in at.items():
            loop, _, step = self.loops[number]
            point[loop.dimension] += step * position
        return point

    def _move(self, before: dict[int, int], at: dict[int, int]) -> np.ndarray[Any, Any]:
        """Tell how a tile moves; as in Timeloop, loops inside start over from their second step."""
        advanced = max(number for number in at if at[number] != before[number])
        return self._corner({advanced: 1}) - self._corner(
            {number: 1 for number in at if number < advanced}
        )

    def traffic(self, level: int, space: int) -> Counter[tuple[int, int]]:
        """Accesses of all instances of a level by (children that share a word, such sets)."""
        projection = self.problem.data_spaces[space].projection
        padded = np.array(self.padded[level - 1] if level else [1] * len(self.problem.bounds))
        found: Counter[tuple[int, int]] = Counter()
        held = first_move = None
        before: dict[int, int] = {}
        for at in self._steps(level):
            corner = self._corner(at)
            lengths = np.minimum(padded, np.array(self.problem.bounds) - corner)
            size = projection @ (lengths - 1) + 1
            words = int(np.prod(size))
            if held is not None and level > 0:
                move = projection @ self._move(before, at)
                same = (size == held).all()
                if same and not move.any():
                    words = 0
                elif move.any():
                    first_move = move if first_move is None else first_move
                    if same and (move == first_move).all():
                        words -= int(np.prod(np.maximum(size - np.abs(move), 0)))
            held, before = size, at
            instances = len(self._copies(self._of(level, True, True), at))
            children = self._copies(self._of(level, True, False), at)
            sharing = Counter(tuple(projection @ self._corner(child)) for child in children)
            for multicast, sets in Counter(sharing.values()).items():
                found[multicast, sets] += words * sets * instances
        return +found

    def instances(self, level: int) -> float:
        """Instances of a level that work, on average over all steps."""
        working = [len(self._copies(self._of(level, True, True), at)) for at in self._steps(level)]
        return sum(working) / len(working)
