"""Nest analysis where factors do not divide: the loops are walked.

The last iteration of a loop may be shorter, so a tile's neighbours differ and no closed form
holds. As Timeloop does, a loop runs its first iterations and the last ones, and one in between
stands for the rest; of side-by-side copies the first runs and the others are its translations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from hwsim.engines.timeloop.nest.multicast import Children
from hwsim.engines.timeloop.nest.nest import LevelTraffic, NestAnalysis
from hwsim.engines.timeloop.nest.reuse import Traffic
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.errors import InputError

Point = tuple[int, ...]
#: Lowest and highest corner (exclusive).
_Box = tuple[Point, Point]
_Boxes = tuple[_Box, ...]
#: What a step needs, for each data space.
_Needs = list[_Boxes]


@dataclass
class _Level:
    """A loop of the nest."""

    loop: Loop
    storage: int
    step: int
    boundary: bool = False
    master: bool = False


@dataclass
class _State:
    """What is known of a tile at one place, for each data space."""

    held: list[_Boxes]
    motion: list[Point | None]
    largest: list[int]
    traffic: list[Traffic]
    last_needs: dict[int, _Needs] = field(default_factory=dict)


def analyse_residual(problem: Problem, mapping: LoopMapping, machine: Machine) -> NestAnalysis:
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
        self._levels = _nest_levels(mapping)
        self._absolute = [np.abs(space.projection) for space in self._spaces]
        self._molds()
        self._indices = [0] * len(self._levels)
        self._place = [0] * len(problem.dimensions)
        self._states: list[dict[Point, _State]] = [{} for _ in self._levels]
        self._operations: dict[Point, float] = {}
        self._stamp: list[int] = []
        self._epochs = 1
        self._known_hops: dict[tuple[Point, int, int], tuple[float, float]] = {}

    def _molds(self) -> None:
        count = len(self._problem.dimensions)
        whole, last = [1] * count, [1] * count
        self._whole: list[Point] = []
        self._last: list[Point] = []
        self._imperfect_at: dict[int, int] = {}
        for level in self._levels:
            dimension = level.loop.dimension
            last[dimension] += whole[dimension] * (level.loop.residual - 1)
            whole[dimension] *= level.loop.end
            self._whole.append(tuple(whole))
            self._last.append(tuple(last))
        for number in range(len(self._levels) - 1, -1, -1):
            loop = self._levels[number].loop
            if loop.end != loop.residual:
                self._imperfect_at[loop.dimension] = number

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

    def _state(self, number: int) -> _State:
        count = len(self._spaces)
        key = tuple(self._stamp[:-1])
        states = self._states[number]
        if key not in states:
            states[key] = _State(
                [()] * count, [None] * count, [0] * count, [Traffic() for _ in range(count)]
            )
        return states[key]

    def _needs(self, number: int) -> _Needs:
        """Run a loop nest once; returns what its tile needs beyond what it holds."""
        level = self._levels[number]
        if level.boundary:
            self._stamp.append(0)
        state = self._state(number)
        if level.loop.spatial:
            self._run_space(number, state)
        else:
            self._run_time(number, state)
        needs: _Needs = []
        if level.boundary or level.master:
            boxes = self._tile(number)
            for space, box in enumerate(boxes):
                state.largest[space] = max(state.largest[space], _volume(box))
        if level.boundary:
            denied = self._mapping.levels[level.storage].no_temporal_reuse
            for space, box in enumerate(boxes):
                needs.append((box,) if denied[space] else _advance(state, space, box))
            self._stamp.pop()
        return needs

    def _tile(self, number: int) -> list[_Box]:
        lengths = [
            (self._last if self._is_last(number + 1, dimension) else self._whole)[number][dimension]
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
            place = tuple(self._stamp[:-1])
            self._operations[place] = self._operations.get(place, 0.0) + words
            for traffic in state.traffic:
                _count(traffic, (1, 1), float(words), 0.0, 0.0)
            return
        loop = level.loop
        below = self._imperfect_at.get(loop.dimension, number) < number
        run_last = below and self._is_last(number + 1, loop.dimension)
        run_before_last = run_last and loop.end != loop.residual
        sizes: list[list[int]] = []
        scales: list[int] = []
        saved = self._place[loop.dimension]
        self._indices[number] = 0

        def step(times: int) -> list[int]:
            epochs, self._epochs = self._epochs, self._epochs * times
            needs = self._needs(number - 1) if number else []
            self._epochs = epochs
            self._place[loop.dimension] += level.step * times
            self._indices[number] += times
            return [sum(map(_volume, boxes)) for boxes in needs]

        sizes.append(self._with_epochs(step, 1))
        scales.append(1)
        middle = iterations - 1 - int(run_last) - int(run_before_last)
        if middle >= 1:
            sizes.append(self._with_epochs(step, middle))
            scales.append(middle)
        if run_before_last and iterations >= 3:
            size = self._with_epochs(step, 1)
            if iterations >= 4:
                scales[-1] += 1
            else:
                sizes.append(size)
                scales.append(1)
        if run_last and iterations >= 2:
            size = self._with_epochs(step, 1)
            if not run_before_last and iterations >= 3:
                scales[-1] += 1
            else:
                sizes.append(size)
                scales.append(1)
        self._place[loop.dimension] = saved
        if self._levels[number - 1].boundary:
            for space, traffic in enumerate(state.traffic):
                words = sum(size[space] * scale for size, scale in zip(sizes, scales, strict=True))
                _count(traffic, (1, 1), float(words * self._epochs), 0.0, 0.0)

    @staticmethod
    def _with_epochs(step: object, times: int) -> list[int]:
        assert callable(step)
        result = step(times)
        assert isinstance(result, list)
        return result

    def _run_space(self, number: int, state: _State) -> None:
        needs: dict[int, _Needs] = {}
        self._fill(number, needs, 0, False)
        level = self._levels[number]
        here = self._mapping.levels[level.storage]
        columns, rows = self._mesh(number)
        order = sorted(needs)
        for space in range(len(self._spaces)):
            groups = _sharing(
                {index: needs[index][space] for index in order}, here.no_multicast[space]
            )
            if not here.no_link_transfer[space]:
                linked = _linked(needs, state.last_needs, space, columns, rows)
                if linked:
                    rest = {i: needs[i][space] for i in order if i not in linked}
                    with_links = _sharing(rest, here.no_multicast[space])
                    if _parent_words(with_links) < _parent_words(groups):
                        groups = with_links
                        words = sum(sum(map(_volume, needs[i][space])) for i in linked)
                        state.traffic[space].link_transfers += float(words * self._epochs)
            self._deliver(state.traffic[space], groups, columns, rows)
        if not all(here.no_link_transfer):
            state.last_needs = needs

    def _mesh(self, number: int) -> tuple[int, int]:
        fanout_x, fanout_y = self._machine.fanout(self._levels[number].storage)
        columns = rows = 1
        while number >= 0 and self._levels[number].loop.spatial:
            loop = self._levels[number].loop
            columns *= loop.end if loop.kind == "x" else 1
            rows *= loop.end if loop.kind == "y" else 1
            number -= 1
        return max(columns, fanout_x), max(rows, fanout_y)

    def _fill(self, number: int, needs: dict[int, _Needs], base: int, copied: bool) -> None:
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
                needs[place] = [((box[0], box[1]),) for box in self._points()]
                stamp = (*self._stamp[:-1], place)
                self._operations[stamp] = self._operations.get(stamp, 0.0) + self._epochs
            elif copied or index > 0:
                needs[base + index] = self._translate(needs[0])
            else:
                self._stamp[-1] = 0
                needs[0] = self._needs(number - 1)
                self._first_place = list(self._place)
            self._place[dimension] += level.step
        self._place[dimension] = saved

    def _points(self) -> list[_Box]:
        """Coordinates of a single operation."""
        point = [0] * len(self._problem.dimensions)
        for level, index in zip(self._levels, self._indices, strict=True):
            point[level.loop.dimension] += level.step * index
        found = []
        for space in self._spaces:
            low = tuple((space.projection @ np.array(point)).tolist())
            found.append((low, tuple(value + 1 for value in low)))
        return found

    def _translate(self, needs: _Needs) -> _Needs:
        moved = np.array(self._place) - np.array(self._first_place)
        found: _Needs = []
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

    def _deliver(
        self, traffic: Traffic, groups: list[tuple[int, list[int]]], columns: int, rows: int
    ) -> None:
        by_factor: dict[int, list[tuple[int, list[int]]]] = {}
        for words, members in groups:
            if words:
                by_factor.setdefault(len(members), []).append((words, members))
        for factor, sets in by_factor.items():
            accesses = float(sum(words for words, _ in sets) * self._epochs)
            hops = unicast = 0.0
            for _, members in sets:
                together, apart = self._hops(tuple(members), columns, rows)
                hops += together
                unicast += apart
            scatter = len(sets)
            _count(
                traffic,
                (factor, scatter),
                accesses,
                hops * accesses / scatter,
                unicast * accesses / scatter,
            )

    def _hops(self, members: Point, columns: int, rows: int) -> tuple[float, float]:
        """Count the hops to a set of children that share their data, together and one by one."""
        key = members, columns, rows
        if key not in self._known_hops:
            index = np.array(members, dtype=np.int64)
            one_set = Children(np.zeros((int(index.max()) + 1, 1), np.int64), columns, rows)
            (group,) = one_set.served(index)
            self._known_hops[key] = group.hops, group.unicast_hops
        return self._known_hops[key]

    def result(self) -> NestAnalysis:
        mapping, count = self._mapping, len(self._spaces)
        fanout, used = self._fanout_and_use()
        levels: list[list[LevelTraffic]] = []
        for storage in range(len(mapping.levels)):
            numbers = [n for n, level in enumerate(self._levels) if level.storage == storage]
            outermost = self._averages(numbers[-1])
            master = next((n for n in numbers if self._levels[n].master), None)
            innermost = numbers[0] if master is None else master
            inner = self._averages(innermost)
            levels.append(
                [
                    LevelTraffic(int(outermost[space][0]), inner[space][0], inner[space][1])
                    for space in range(count)
                ]
            )
        operations = list(self._operations.values())
        temporal = math.prod(level.loop.end for level in self._levels if not level.loop.spatial)
        return NestAnalysis(
            levels,
            [int(value) for value in used],
            fanout,
            int(used[0] * fanout[0]),
            sum(operations) / len(operations),
            temporal,
        )

    def _averages(self, number: int) -> list[tuple[float, Traffic]]:
        states = list(self._states[number].values())
        found = []
        for space in range(len(self._spaces)):
            largest = sum(state.largest[space] for state in states) // len(states)
            traffic = Traffic()
            for state in states:
                for key, entry in state.traffic[space].accesses.items():
                    _count(traffic, key, *(value / len(states) for value in entry))
                traffic.link_transfers += state.traffic[space].link_transfers / len(states)
            found.append((float(largest), traffic))
        return found

    def _fanout_and_use(self) -> tuple[list[int], list[float]]:
        """Children of each storage level, and instances in use on average."""
        count = len(self._mapping.levels)
        fanout, used = [1] * count, [1.0] * count
        product = 1.0
        for storage in range(count - 1, -1, -1):
            used[storage] = product
            for number in range(len(self._levels) - 1, -1, -1):
                level = self._levels[number]
                if level.storage != storage or not level.loop.spatial:
                    continue
                loop = level.loop
                fanout[storage] *= loop.end
                outer = self._outer_iterations(number)
                if loop.end == loop.residual:
                    product *= loop.end
                elif outer is None:
                    name = self._problem.dimensions[loop.dimension]
                    raise InputError(
                        f"mapping: the spatial factor {loop.end},{loop.residual} of {name} has no "
                        f"loop over {name} outside it that the rest could belong to"
                    )
                else:
                    product *= (loop.residual + loop.end * (outer - 1)) / outer
        return fanout, used

    def _outer_iterations(self, number: int) -> float | None:
        size = 1.0
        found = False
        for outer in range(len(self._levels) - 1, number, -1):
            loop = self._levels[outer].loop
            if loop.dimension == self._levels[number].loop.dimension:
                size = loop.residual + loop.end * (size - 1)
                found = True
        return size if found else None


def _nest_levels(mapping: LoopMapping) -> list[_Level]:
    """List the loops that iterate, innermost first; a level without any gets a trivial one."""
    levels: list[_Level] = []
    steps: dict[int, int] = {}
    for storage, here in enumerate(mapping.levels):
        before = len(levels)
        for loop in here.loops:
            if loop.end > 1:
                levels.append(_Level(loop, storage, steps.get(loop.dimension, 1)))
                steps[loop.dimension] = steps.get(loop.dimension, 1) * loop.end
        if all(level.loop.spatial for level in levels[before:]):
            dimension = here.temporal[-1].dimension
            levels.append(_Level(Loop(dimension, 1, 1, "time"), storage, steps.get(dimension, 1)))
        levels[-1].boundary = True
    for inner, outer in zip(levels, [*levels[1:], None], strict=True):
        inner.master = inner.loop.spatial and (outer is None or not outer.loop.spatial)
    return levels


def _advance(state: _State, space: int, box: _Box) -> _Boxes:
    """Move a tile on; returns what it needs anew."""
    held = state.held[space]
    motion = None
    if held:
        motion = _motion(held[0], box)
    still = motion is None or not any(motion)
    known = state.motion[space]
    state.held[space] = (box,)
    if still or known is None or motion == known:
        if not still and known is None:
            state.motion[space] = motion
        needed: _Boxes = (box,)
        for old in held:
            needed = tuple(part for new in needed for part in _subtract(new, old))
        return needed
    state.motion[space] = None
    return (box,)


def _motion(old: _Box, new: _Box) -> Point:
    """Find the translation of the centre, rounded as C does."""
    found = []
    for rank in range(len(old[0])):
        before = old[0][rank] + (old[1][rank] - 1 - old[0][rank]) / 2
        after = new[0][rank] + (new[1][rank] - 1 - new[0][rank]) / 2
        difference = after - before
        found.append(math.floor(abs(difference) + 0.5) * (1 if difference >= 0 else -1))
    return tuple(found)


def _subtract(new: _Box, old: _Box) -> list[_Box]:
    ranks = range(len(new[0]))
    if any(new[1][r] <= old[0][r] or old[1][r] <= new[0][r] for r in ranks):
        return [new]
    low, high = list(new[0]), list(new[1])
    parts = []
    for rank in ranks:
        if low[rank] < old[0][rank]:
            end = list(high)
            end[rank] = old[0][rank]
            parts.append((tuple(low), tuple(end)))
            low[rank] = old[0][rank]
        if old[1][rank] < high[rank]:
            start = list(low)
            start[rank] = old[1][rank]
            parts.append((tuple(start), tuple(high)))
            high[rank] = old[1][rank]
    return parts


def _sharing(needs: dict[int, _Boxes], alone: bool) -> list[tuple[int, list[int]]]:
    """Words, and the copies that need exactly the same."""
    if alone:
        return [(sum(map(_volume, boxes)), [index]) for index, boxes in needs.items()]
    groups: dict[frozenset[_Box], list[int]] = {}
    for index, boxes in needs.items():
        groups.setdefault(frozenset(boxes), []).append(index)
    return [(sum(map(_volume, boxes)), members) for boxes, members in groups.items()]


def _linked(
    needs: dict[int, _Needs], last: dict[int, _Needs], space: int, columns: int, rows: int
) -> set[int]:
    found = set()
    for index, boxes in needs.items():
        if not boxes[space]:
            continue
        row, column = divmod(index, columns)
        neighbours = [
            index - columns if row > 0 else None,
            index + columns if row < rows - 1 else None,
            index - 1 if column > 0 else None,
            index + 1 if column < columns - 1 else None,
        ]
        for other in neighbours:
            if other in last and frozenset(last[other][space]) == frozenset(boxes[space]):
                found.add(index)
    return found


def _parent_words(groups: Sequence[tuple[int, list[int]]]) -> int:
    return sum(words for words, _ in groups)


def _volume(box: _Box) -> int:
    return math.prod(high - low for low, high in zip(*box, strict=True))


def _count(
    traffic: Traffic, key: tuple[int, int], accesses: float, hops: float, unicast: float
) -> None:
    entry = traffic.accesses.setdefault(key, [0.0, 0.0, 0.0])
    entry[0] += accesses
    entry[1] += hops
    entry[2] += unicast
