"""Nest analysis where factors do not divide: the loops are walked.

The last iteration of a loop may be shorter, so a tile's neighbours differ and no closed form
holds. As Timeloop does, a loop runs its first iterations and the last ones, and one in between
stands for the rest; of side-by-side copies the first runs and the others are its translations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from hwsim.engines.timeloop.nest._boxes import Box, Boxes, Point, motion, subtract, volume, volumes
from hwsim.engines.timeloop.nest._walked_children import (
    Needs,
    WalkedChildren,
    WalkedTraffic,
)
from hwsim.engines.timeloop.nest._walked_loops import (
    fanout_and_use,
    innermost_rests,
    walked_loops,
)
from hwsim.engines.timeloop.nest.loops import Floats
from hwsim.engines.timeloop.nest.nest import NestRows
from hwsim.engines.timeloop.nest.traffic import Traffic
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem


@dataclass
class _State:
    """What is known of the tile of a loop, for each data space."""

    held: list[Box | None]
    motion: list[Point | None]
    largest: list[int]
    traffic: list[WalkedTraffic]
    last_needs: dict[int, Needs] = field(default_factory=dict)

    @classmethod
    def new(cls, spaces: int) -> _State:
        return cls(
            [None] * spaces, [None] * spaces, [0] * spaces, [WalkedTraffic() for _ in range(spaces)]
        )


def walk_nest(problem: Problem, mapping: LoopMapping, machine: Machine) -> NestRows:
    """Find tile sizes and traffic for a mapping with factors that leave a rest.

    Parameters
    ----------
    problem, mapping, machine
        As for :func:`hwsim.engines.timeloop.nest.nest.analyse`.
    """
    walk = _NestWalk(problem, mapping, machine)
    walk.run()
    return walk.result()


class _NestWalk:
    def __init__(self, problem: Problem, mapping: LoopMapping, machine: Machine) -> None:
        self._problem = problem
        self._spaces = problem.data_spaces
        self._mapping = mapping
        self._machine = machine
        self._levels = walked_loops(mapping, len(problem.dimensions))
        self._absolute = [np.abs(space.projection) for space in self._spaces]
        self._rest_at = innermost_rests(self._levels)
        self._indices = [0] * len(self._levels)
        self._place = [0] * len(problem.dimensions)
        self._states = [_State.new(len(self._spaces)) for _ in self._levels]
        self._operations: dict[int, float] = {}  # of each unit of the innermost loops
        self._epochs = 1
        self._children: dict[tuple[int, int], WalkedChildren] = {}

    def run(self) -> None:
        self._needs(len(self._levels) - 1)

    def _is_last(self, outside: int, dimension: int) -> bool:
        """Whether all loops over a dimension from a level outwards run their last iteration."""
        for number in range(outside, len(self._levels)):
            loop = self._levels[number].loop
            if loop.dimension == dimension and self._indices[number] + 1 < loop.residual:
                return False
        return True

    def _iterations(self, number: int) -> int:
        loop = self._levels[number].loop
        return loop.residual if self._is_last(number + 1, loop.dimension) else loop.end

    def _needs(self, number: int) -> Needs:
        """Run a loop nest once; returns what its tile needs beyond what it holds."""
        level = self._levels[number]
        state = self._states[number]
        if level.loop.spatial:
            self._run_space(number, state)
        else:
            self._run_time(number, state)
        needs: Needs = []
        if level.boundary or level.master:
            boxes = self._tile(number)
            for space, box in enumerate(boxes):
                state.largest[space] = max(state.largest[space], volume(box))
        if level.boundary:
            denied = self._mapping.levels[level.storage].no_temporal_reuse
            for space, box in enumerate(boxes):
                needs.append((box,) if denied[space] else _advance(state, space, box))
        return needs

    def _tile(self, number: int) -> list[Box]:
        level = self._levels[number]
        lengths = [
            (level.last if self._is_last(number + 1, dimension) else level.whole)[dimension]
            for dimension in range(len(self._problem.dimensions))
        ]
        steps = np.array(lengths) - 1
        place = np.array(self._place)
        found = []
        for space, absolute in zip(self._spaces, self._absolute, strict=True):
            low = space.projection @ place + np.minimum(space.projection, 0) @ steps
            found.append((tuple(low.tolist()), tuple((low + absolute @ steps + 1).tolist())))
        return found

    def _run_time(self, number: int, state: _State) -> None:
        level = self._levels[number]
        iterations = self._iterations(number)
        if number == 0:
            words = iterations * self._epochs
            self._operations[0] = self._operations.get(0, 0.0) + words
            for traffic in state.traffic:
                traffic.count((1, 1), float(words), 0.0, 0.0)
            return
        loop = level.loop
        below = self._rest_at.get(loop.dimension, number) < number
        run_last = below and self._is_last(number + 1, loop.dimension)
        run_before_last = run_last and loop.end != loop.residual
        saved = self._place[loop.dimension]
        self._indices[number] = 0

        def step(times: int) -> list[int]:
            epochs, self._epochs = self._epochs, self._epochs * times
            needs = self._needs(number - 1)
            self._epochs = epochs
            self._place[loop.dimension] += level.step * times
            self._indices[number] += times
            return [volumes(boxes) for boxes in needs]

        rounds = [(step(1), 1)]
        middle = iterations - 1 - int(run_last) - int(run_before_last)
        if middle >= 1:
            rounds.append((step(middle), middle))
        ends = int(run_before_last and iterations >= 3) + int(run_last and iterations >= 2)
        for end in range(ends):
            size = step(1)
            # What follows the rounds in between counts as one of them, as in Timeloop.
            rounds.append((rounds[-1][0] if end == 0 and middle >= 1 else size, 1))
        self._place[loop.dimension] = saved
        if self._levels[number - 1].boundary:
            for space, traffic in enumerate(state.traffic):
                words = sum(size[space] * times for size, times in rounds)
                traffic.count((1, 1), float(words * self._epochs), 0.0, 0.0)

    def _run_space(self, number: int, state: _State) -> None:
        needs: dict[int, Needs] = {}
        self._fill(number, needs, 0, False)
        here = self._mapping.levels[self._levels[number].storage]
        children = self._children_of(number)
        order = sorted(needs)
        for space in range(len(self._spaces)):
            children.deliver(
                {index: needs[index][space] for index in order},
                {index: found[space] for index, found in state.last_needs.items()},
                self._epochs,
                state.traffic[space],
                alone=here.no_multicast[space],
                links=not here.no_link_transfer[space],
            )
        if not all(here.no_link_transfer):
            state.last_needs = needs

    def _children_of(self, number: int) -> WalkedChildren:
        mesh = self._mesh(number)
        if mesh not in self._children:
            self._children[mesh] = WalkedChildren(*mesh)
        return self._children[mesh]

    def _mesh(self, number: int) -> tuple[int, int]:
        fanout_x, fanout_y = self._machine.fanout(self._levels[number].storage)
        columns = rows = 1
        while number >= 0 and self._levels[number].loop.spatial:
            loop = self._levels[number].loop
            columns *= loop.end if loop.kind == "x" else 1
            rows *= loop.end if loop.kind == "y" else 1
            number -= 1
        return max(columns, fanout_x), max(rows, fanout_y)

    def _fill(self, number: int, needs: dict[int, Needs], base: int, copied: bool) -> None:
        """Collect what each copy needs: the first runs, the others are its translations."""
        level = self._levels[number]
        dimension = level.loop.dimension
        iterations = self._iterations(number)
        base *= iterations
        saved = self._place[dimension]
        inner_spatial = number > 0 and self._levels[number - 1].loop.spatial
        for index in range(iterations):
            self._indices[number] = index
            if inner_spatial:
                self._fill(number - 1, needs, base + index, copied or index > 0)
            elif number == 0:
                place = base + index
                needs[place] = [(box,) for box in self._points()]
                self._operations[place] = self._operations.get(place, 0.0) + self._epochs
            elif copied or index > 0:
                needs[base + index] = self._translate(needs[0])
            else:
                needs[0] = self._needs(number - 1)
                self._first_place = list(self._place)
            self._place[dimension] += level.step
        self._place[dimension] = saved

    def _points(self) -> list[Box]:
        """Coordinates of a single operation."""
        point = [0] * len(self._problem.dimensions)
        for level, index in zip(self._levels, self._indices, strict=True):
            point[level.loop.dimension] += level.step * index
        found = []
        for space in self._spaces:
            low = tuple((space.projection @ np.array(point)).tolist())
            found.append((low, tuple(value + 1 for value in low)))
        return found

    def _translate(self, needs: Needs) -> Needs:
        moved = np.array(self._place) - np.array(self._first_place)
        found: Needs = []
        for space, boxes in zip(self._spaces, needs, strict=True):
            by = (space.projection @ moved).tolist()
            found.append(
                tuple(
                    (
                        tuple(a + b for a, b in zip(low, by, strict=True)),
                        tuple(a + b for a, b in zip(high, by, strict=True)),
                    )
                    for low, high in boxes
                )
            )
        return found

    def result(self) -> NestRows:
        """Collect what was found of each level: a batch of one mapping."""
        fanout, used = fanout_and_use(self._levels, len(self._mapping.levels), self._problem)
        sizes: list[list[Floats]] = [[] for _ in self._spaces]
        spread: list[list[Floats]] = [[] for _ in self._spaces]
        traffic: list[list[Traffic]] = [[] for _ in self._spaces]
        for storage in range(len(self._mapping.levels)):
            numbers = [n for n, level in enumerate(self._levels) if level.storage == storage]
            master = next((n for n in numbers if self._levels[n].master), numbers[0])
            outermost, innermost = self._states[numbers[-1]], self._states[master]
            for space in range(len(self._spaces)):
                sizes[space].append(_row(outermost.largest[space]))
                spread[space].append(_row(innermost.largest[space]))
                sent = innermost.traffic[space]
                traffic[space].append(Traffic.of_one(sent.ways, sent.links))
        operations = list(self._operations.values())
        temporal = math.prod(level.loop.end for level in self._levels if not level.loop.spatial)
        return NestRows(
            sizes=np.array(sizes),
            spread=np.array(spread),
            traffic=traffic,
            instances=np.array([_row(int(value)) for value in used]),
            fanout=np.array([_row(value) for value in fanout]),
            compute_instances=_row(int(used[0] * fanout[0])),
            operations=_row(sum(operations) / len(operations)),
            iterations=_row(temporal),
        )


def _advance(state: _State, space: int, box: Box) -> Boxes:
    """Move a tile on; returns what it needs anew."""
    held, known = state.held[space], state.motion[space]
    state.held[space] = box
    if held is None:
        return (box,)
    moved = motion(held, box)
    if any(moved):
        if known is not None and moved != known:
            state.motion[space] = None
            return (box,)
        state.motion[space] = moved
    return tuple(subtract(box, held))


def _row(value: float) -> Floats:
    return np.array([value], dtype=np.float64)
