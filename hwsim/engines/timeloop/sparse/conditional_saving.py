"""Gating and skipping: how often an access to one tensor is saved because others are empty there.

An access to a target is saved if, for every tile of the others that it would meet before the
target's tile is replaced, that tile is empty.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from hwsim.engines.timeloop.density.density import Density
from hwsim.engines.timeloop.sparse._first_updates import first_update_share
from hwsim.engines.timeloop.sparse._intersection import effectual_operations, effectual_share
from hwsim.engines.timeloop.sparse.sparse_tile import LoopExtents, SparseTile, kept_from
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.problem import Box, Problem, volume
from hwsim.engines.timeloop.terms.sparse_spec import Condition, SparseOptimizations
from hwsim.errors import InputError

ActionKind = Literal["gated", "skipped"]
#: What becomes of accesses, in the order in which optimisations are looked at.
_OUTCOME: Final[dict[str, ActionKind]] = {"gating": "gated", "skipping": "skipped"}


@dataclass
class Savings:
    """What is saved where.

    Parameters
    ----------
    kind : dict
        By level and data space: gated or skipped reads.
    probability : dict
        Share of accesses saved.
    spatial : dict
        The same for instances that are left out.
    updated : dict
        Share of results that are updated at all while they first stay; None if not counted.
    """

    kind: dict[tuple[int, int], ActionKind] = field(default_factory=dict)
    probability: dict[tuple[int, int], float] = field(default_factory=dict)
    spatial: dict[tuple[int, int], float] = field(default_factory=dict)
    updated: dict[tuple[int, int], float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class _Impact:
    target: int
    level: int
    probability: float
    occupancy: float
    updated: float | None


def find_savings(
    problem: Problem,
    spaces: list[list[SparseTile]],
    extents: LoopExtents,
    sparse: SparseOptimizations,
    machine: Machine,
) -> Savings:
    """Find how much each gating and skipping saves.

    Of several options the one that saves most energy is taken, of several optimisations of the
    same reads the one that saves more of them.
    """
    savings = Savings()
    for wanted, kind in _OUTCOME.items():
        for level in sorted(sparse.savings):
            for saving in sparse.savings[level]:
                if saving.kind != wanted:
                    continue
                impacts = [
                    _impact(condition, level, problem, spaces, extents, machine)
                    for condition in saving.options
                ]
                best = impacts[0]
                most = 0.0
                for impact in impacts:
                    saved = _energy(impact, problem, machine)
                    if saved >= most:
                        best, most = impact, saved
                place = best.level, best.target
                if savings.probability.get(place, -1.0) < best.probability:
                    savings.kind[place] = kind
                    savings.probability[place] = best.probability
                    savings.updated[place] = best.updated
    return savings


def _energy(impact: _Impact, problem: Problem, machine: Machine) -> float:
    level = machine.levels[impact.level]
    name = problem.data_spaces[impact.target].name
    price = level.energy["random_read"] * level.rows_of_word(name) / level.block_of(name)
    return price * impact.occupancy * impact.probability


def _impact(
    condition: Condition,
    level: int,
    problem: Problem,
    spaces: list[list[SparseTile]],
    extents: LoopExtents,
    machine: Machine,
) -> _Impact:
    target = condition.target
    tiles = spaces[target]
    source = kept_from(tiles, level)
    if source is None:
        raise InputError(
            f"{machine.levels[level].name}: no storage from here outwards keeps "
            f"{problem.data_spaces[target].name}, so its accesses cannot be saved here"
        )
    child = tiles[source].dense.child
    block = machine.levels[source].block_of(problem.data_spaces[target].name)
    meeting = _Meeting(problem, extents, target, source, child, block)
    boxes = {other: meeting.box_of(other) for other in condition.condition_on}
    effectual = _known_share(problem, tiles[source], target, boxes)
    if effectual is None:
        effectual = 1.0
        for other, box in boxes.items():
            if box is not None:
                effectual *= _occupied(problem.densities[other], box, spaces[other])
    ranks_at = tiles[source if child is None else child]
    stored = machine.levels[source]
    metadata_words = stored.default_metadata_word_bits // stored.word_bits
    metadata = sum(rank.metadata + rank.payload for rank in ranks_at.ranks) * metadata_words
    updated = None
    if problem.data_spaces[target].read_write and child is None and extents.divide:
        updated = first_update_share(problem, extents, target, source, condition.condition_on)
    return _Impact(target, source, 1 - effectual, tiles[source].occupancy + metadata, updated)


def _known_share(
    problem: Problem, tile: SparseTile, target: int, boxes: Mapping[int, Box | None]
) -> float | None:
    """Count the share of accesses left where the zeros of two tensors that meet are known."""
    if len(boxes) == 1 and tile.representation is not None:
        ((other, box),) = boxes.items()
        return None if box is None else effectual_share(problem, target, other, box)
    if len(boxes) == 2 and all(box is not None and volume(box) == 1 for box in boxes.values()):
        operations = effectual_operations(problem, *boxes)
        return None if operations is None else operations / problem.operations
    return None


def _occupied(density: Density, box: Box, tiles: list[SparseTile]) -> float:
    """Chance that a tile of another tensor has an entry."""
    occupied = 1 - density.empty(box)
    innermost = kept_from(tiles, 0)
    if innermost is None or volume(box) > 1:  # a larger tile's entries have non-zeros beside them
        return occupied
    return min(occupied * tiles[innermost].entries, 1.0)


class _Meeting:
    """Which tiles of other tensors meet one tile of the target, read from ``source`` by ``child``.

    No child is compute. Savings are of whole blocks of a vector access, in words.
    """

    def __init__(
        self,
        problem: Problem,
        extents: LoopExtents,
        target: int,
        source: int,
        child: int | None,
        block: int,
    ) -> None:
        self._spaces = problem.data_spaces
        self._target = problem.data_spaces[target]
        self._extents = extents
        self._source = source
        self._child = child
        self._block = block
        self._scalar = False
        level, position = self._target_loop()
        self._loop = extents.loops[level][position]
        self._mold: list[int] = extents.extents[level][position].tolist()
        if self._scalar:
            self._mold = [1] * len(self._mold)
        self._relevant = [self._loop]
        self._covered = list(self._mold)
        self._stretch(level, position)

    def _target_loop(self) -> tuple[int, int]:
        """Find the innermost loop that replaces the target's tile."""
        lowest = 0 if self._child is None else self._child + 1
        for level in range(lowest, self._source + 1):
            loops = self._extents.loops[level]
            for position, loop in enumerate(loops):
                replaces = loop.end > 1 and loop.dimension in self._target.dimensions
                if self._child is None:
                    following = loops[position + 1] if position + 1 < len(loops) else None
                    if following is None or not following.spatial:
                        self._scalar = not loop.spatial
                        return level, position
                if replaces:
                    return level, position
        return self._source, len(self._extents.loops[self._source]) - 1

    def _stretch(self, level: int, position: int) -> None:
        """Cover what runs beside the target's tile, or while it stays."""
        waiting = self._loop.spatial and self._child is not None
        for here in range(level, self._source + 1):
            loops = self._extents.loops[here]
            first = position + 1 if here == level else 0
            for loop in loops[first:]:
                if loop.end == 1:
                    continue
                touches = loop.dimension in self._target.dimensions
                waiting = waiting and (loop.spatial or not touches)
                if loop.spatial or waiting:
                    self._covered[loop.dimension] *= loop.end
                    self._relevant.append(loop)

    def box_of(self, other: int) -> tuple[int, ...] | None:
        """Find the tile of another tensor that has to be empty; None if that cannot be built."""
        space = self._spaces[other]
        shared = self._target.dimensions & space.dimensions
        factors: dict[int, float] = {}
        together = 1.0
        met = False
        for loop in [] if self._scalar else self._relevant:
            if self._loop.spatial and met and loop.dimension in space.dimensions:
                return None  # the other tensor would have to be walked against its order
            if loop.dimension in shared:
                factors[loop.dimension] = factors.get(loop.dimension, 1.0) * loop.end
                together *= loop.end
                met = True
        covered = list(self._covered)
        granularity = self._target.size(self._mold)
        blocks = math.ceil(self._block / (granularity / together))
        scale = float(blocks)
        for dimension in sorted(factors):
            effective = factors[dimension] / scale
            covered[dimension] = math.ceil(covered[dimension] / effective)
            scale /= factors[dimension]
        covered[self._loop.dimension] = int(covered[self._loop.dimension] * max(scale, 1.0))
        if self._extents.limit is not None:
            covered = list(map(min, covered, self._extents.limit.tolist()))
        return space.box(covered)
