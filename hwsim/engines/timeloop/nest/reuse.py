"""What a tile costs its parent: the parts of it that change while the loops around it run.

The loops outside a tile move it through its tensor. Between two steps the tile moves by a
translation; what it had before and needs again stays, if the hardware's pattern generator can
follow, which it does as long as the translation is the same as the last one that moved it. When
the direction changes, the whole tile is fetched anew and any next direction is accepted.

With perfect factors the translation when loop ``m`` advances (and the loops inside it start over)
is ``D[m] = v[m] - sum(v[i] for i < m)`` with ``v`` the stride of each loop, taken between its
first and second iteration; all later iterations are taken to cost what the second does. So the
walk is a binary counter, and its total a recursion over loops with the last translation and the
last fetched part as state: a few dozen evaluations instead of the walk of ``2**loops`` steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hwsim.engines.timeloop.nest.multicast import Children
from hwsim.engines.timeloop.terms.problem import Box, volume

Vector = tuple[int, ...]
#: Corner (relative to the tile) and shape of what is fetched: sorted (low, high) of disjoint boxes.
Part = tuple[Vector, tuple[tuple[Vector, Vector], ...]]


@dataclass
class Traffic:
    """What a parent sends to its children.

    Parameters
    ----------
    accesses : dict of (int, int) to [float, float, float]
        For each (children that share a datum, sets of such children): accesses of the parent,
        hops of multicasts and of unicasts, both weighted by accesses.
    link_transfers : float
        Words that children get from their neighbours instead.
    """

    accesses: dict[tuple[int, int], list[float]] = field(default_factory=dict)
    link_transfers: float = 0.0

    @property
    def total(self) -> float:
        """Accesses of the parent."""
        return sum(entry[0] for entry in self.accesses.values())

    @property
    def delivered(self) -> float:
        """Words that arrive at children."""
        return sum(entry[0] * key[0] for key, entry in self.accesses.items())


@dataclass(frozen=True)
class OuterLoop:
    """A temporal loop around a tile: how far one iteration moves it, and how many there are."""

    stride: Vector
    iterations: int


_State = tuple[Vector | None, Part | None]
#: Words of a child (weighted by repetitions) for each way of sharing them.
_Totals = dict[Vector | None, int]


class _Walk:
    """The recursion, for one tile."""

    def __init__(
        self, box: Box, loops: Sequence[OuterLoop], children: Children | None, reuse: bool
    ) -> None:
        self._box = box
        self._children = children if children is not None and children.links_possible else None
        self._reuse = reuse
        self._iterations = [loop.iterations for loop in loops]
        self._translations: list[Vector] = []
        inner = (0,) * len(box)
        for loop in loops:
            here = zip(loop.stride, inner, strict=True)
            self._translations.append(tuple(stride - done for stride, done in here))
            inner = tuple(a + b for a, b in zip(inner, loop.stride, strict=True))
        self._full: Part = ((0,) * len(box), (((0,) * len(box), box),))
        self._parts: dict[Vector, Part] = {}
        self._known: dict[tuple[int, _State], tuple[_Totals, _State]] = {}

    def totals(self) -> _Totals:
        first: _Totals = {None: volume(self._box)}
        rest, _ = self._run(len(self._iterations), (None, self._full))
        return _add(first, rest, 1)

    def _run(self, loops: int, state: _State) -> tuple[_Totals, _State]:
        """Walk the innermost loops once, after the step that brought their first iteration."""
        if loops == 0:
            return {}, state
        key = (loops, state)
        if key not in self._known:
            before, state = self._run(loops - 1, state)
            step, state = self._step(state, self._translations[loops - 1])
            after, state = self._run(loops - 1, state)
            again = self._iterations[loops - 1] - 1
            self._known[key] = _add(_add(before, step, again), after, again), state
        return self._known[key]

    def _step(self, state: _State, move: Vector) -> tuple[_Totals, _State]:
        last_move, last_part = state
        part: Part | None = self._full
        if self._reuse:
            if not any(move):
                part = None
            elif last_move is None or last_move == move:
                part = self._new_part(move)
                last_move = move
            else:
                last_move = None
        if part is None:
            return {}, (last_move, None)
        size = sum(volume([high - low for low, high in zip(*box, strict=True)]) for box in part[1])
        sharing = self._sharing(part, last_part, move) if self._children else None
        return {sharing: size}, (last_move, part if self._children else None)

    def _sharing(self, part: Part, last_part: Part | None, move: Vector) -> Vector | None:
        """Offset at which a child finds the datum with a neighbour, if that saves accesses."""
        if last_part is None or last_part[1] != part[1] or self._children is None:
            return None
        offset = tuple(
            step + new - old for step, new, old in zip(move, part[0], last_part[0], strict=True)
        )
        return offset if self._children.links_save(offset) else None

    def _new_part(self, move: Vector) -> Part:
        if move not in self._parts:
            self._parts[move] = _difference(self._box, move)
        return self._parts[move]


def tile_traffic(
    box: Box,
    loops: Sequence[OuterLoop],
    children: Children | None,
    reuse: bool = True,
) -> Traffic:
    """Find what a tile's parent sends while the loops around the tile run.

    Parameters
    ----------
    box : tuple of int
        Lengths of the tile.
    loops : sequence of OuterLoop
        The temporal loops with more than one iteration around the tile, innermost first.
    children : Children, optional
        The spatial copies of the tile below this parent; none means one.
    reuse : bool
        Whether a tile may keep what it already has.

    Returns
    -------
    Traffic
        Of one instance of the parent.
    """
    totals = _Walk(box, loops, children, reuse).totals()
    traffic = Traffic()
    if children is None:
        traffic.accesses[1, 1] = [float(sum(totals.values())), 0.0, 0.0]
        return traffic
    for offset, words in totals.items():
        groups, linked = children.sharing(offset)
        for group in groups:
            entry = traffic.accesses.setdefault((group.multicast, group.scatter), [0.0, 0.0, 0.0])
            accesses = float(words) * group.scatter
            entry[0] += accesses
            entry[1] += group.hops * accesses / group.scatter
            entry[2] += group.unicast_hops * accesses / group.scatter
        traffic.link_transfers += float(words) * linked
    return traffic


def _add(totals: _Totals, more: _Totals, times: int) -> _Totals:
    result = dict(totals)
    for key, words in more.items():
        result[key] = result.get(key, 0) + words * times
    return result


def _difference(box: Box, move: Vector) -> Part:
    """Cut what a tile that has moved needs beyond what it held: slices, rank by rank."""
    zero = (0,) * len(box)
    if any(abs(step) >= length for step, length in zip(move, box, strict=True)):
        return zero, ((zero, box),)
    low, high = list(zero), list(box)
    slices: list[tuple[Vector, Vector]] = []
    for rank, step in enumerate(move):
        if step > 0:  # the old tile ends before the new one does
            cut = box[rank] - step
            slices.append((_with(low, rank, cut), tuple(high)))
            high[rank] = cut
        elif step < 0:
            slices.append((tuple(low), _with(high, rank, -step)))
            low[rank] = -step
    corner = tuple(min(ends) for ends in zip(*(part[0] for part in slices), strict=True))
    moved = sorted(
        (
            tuple(a - b for a, b in zip(start, corner, strict=True)),
            tuple(a - b for a, b in zip(end, corner, strict=True)),
        )
        for start, end in slices
    )
    return corner, tuple(moved)


def _with(values: list[int], position: int, value: int) -> Vector:
    copy = list(values)
    copy[position] = value
    return tuple(copy)
