"""What keeps mappings from fitting their machine, for a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._expected_shares import ExpectedShares
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.nest.loops import Bools, Floats
from hwsim.engines.timeloop.nest.nest import NestAnalysis
from hwsim.engines.timeloop.terms.problem import Ints

FaultKind = Literal[
    "parallelism",
    "fan-out",
    "capacity",
    "metadata",
    "least utilisation",
    "kept nowhere",
    "unlike multicasts",
]
_OF_LEVELS: tuple[FaultKind, ...] = (
    "fan-out",
    "capacity",
    "metadata",
    "least utilisation",
    "unlike multicasts",
)


@dataclass(frozen=True)
class Fault:
    """A reason why mappings do not fit; ``reason`` is for people, after "20 % ".

    The level is -1 for what is of no storage level.
    """

    kind: FaultKind
    name: str
    reason: str
    level: int = -1


class Placement(NamedTuple):
    """What decides, beside the factors, whether candidates fit; it stays when factors move.

    Parameters
    ----------
    along_x : ndarray of bool, shape (spatial nests, dimensions, candidates)
        Which loops in space lie along X.
    stored : ndarray of bool, shape (data spaces, limited levels, candidates)
        What the levels of limited capacity store.
    nowhere : ndarray of bool, shape (data spaces, candidates)
        What no level stores, of the data spaces that all may bypass.
    """

    along_x: Bools
    stored: Bools
    nowhere: Bools

    def take(self, which: Ints) -> Placement:
        """Pick some candidates."""
        return Placement(*(part.take(which, axis=-1) for part in self))


class Fit:
    """Checks candidates of one map space; ``faults`` are all that may be found."""

    def __init__(self, space: MapSpace, shares: ExpectedShares, nest: NestAnalysis) -> None:
        self.space = space
        self._shares = shares
        least = space.constraints.least_parallelism
        self.faults = [
            Fault(
                "parallelism", "parallelism", f"fall short of the least parallelism of {least:g}"
            ),
            *(
                _of_level(space, kind, level)
                for kind in _OF_LEVELS
                for level in range(len(space.machine.levels))
            ),
            *(
                Fault("kept nowhere", f"{data.name} kept nowhere", f"have {data.name} kept nowhere")
                for data in space.problem.data_spaces
            ),
        ]
        names = [fault.name for fault in self.faults]
        self._numbers = {name: number for number, name in enumerate(names, start=1)}
        self._fan_out = self._of_kinds("fan-out")
        self._tight = self._of_kinds("fan-out", "capacity", "metadata")
        self._tight_level = np.where(self._tight, [0, *(fault.level for fault in self.faults)], 0)
        self._mesh = _Mesh(space)
        self._room = _Room(space, shares)
        self._tiles = _LimitedTiles(space, self._room.levels, nest)
        #: Data spaces that all levels may bypass.
        self._may_be_nowhere = [
            number for number in range(len(space.problem.data_spaces)) if space.may_drop(number)
        ]
        #: Numbers of the faults in the order in which they are looked for; then none.
        self._in_order = np.array(
            [
                *(
                    self._numbers[f"{space.machine.levels[level].name}: fan-out"]
                    for level in self._mesh.levels
                ),
                *([self._numbers["parallelism"]] if least > 0 else []),
                *(
                    self._numbers[f"{space.problem.data_spaces[number].name} kept nowhere"]
                    for number in self._may_be_nowhere
                ),
                *(
                    self._numbers[f"{space.machine.levels[level].name}: {kind}"]
                    for level in self._room.levels
                    for kind in self._room.kinds
                ),
                0,
            ]
        )

    def _of_kinds(self, *kinds: FaultKind) -> Bools:
        """Whether a fault is of these kinds, by its number (0 is none)."""
        return np.array([False, *(fault.kind in kinds for fault in self.faults)])

    def faults_of(self, candidates: Candidates) -> Ints:
        """Find the first fault of each candidate: 0, or 1 + a number into :attr:`faults`."""
        return self.check(candidates.factors, self.placement(candidates))

    def placement(self, candidates: Candidates) -> Placement:
        """Find what stays when factors move."""
        keep = candidates.keep
        nowhere: Bools = ~np.asarray(keep[:, self._may_be_nowhere].any(axis=0))
        stored = keep[self._room.levels].swapaxes(0, 1)
        return Placement(self._mesh.along_x(candidates), stored, nowhere)

    def check(self, factors: Ints, placement: Placement) -> Ints:
        """Find the first fault of each candidate with these factors, as :meth:`faults_of`."""
        factors_of = factors.astype(np.float64)
        columns, rows = self._mesh.taken(factors_of, placement.along_x)
        found = [(columns > self._mesh.columns) | (rows > self._mesh.rows)]
        least = self.space.constraints.least_parallelism
        if least > 0:
            used = columns * rows / self._mesh.instances
            found.append(used.prod(axis=0, keepdims=True) < least)
        found.append(placement.nowhere)
        sizes = self._tiles.sizes(factors_of)
        found.append(self._room.lacking(sizes, placement.stored))
        found.append(np.ones((1, factors.shape[-1]), dtype=bool))
        first: Ints = self._in_order[np.concatenate(found).argmax(axis=0)]
        return first

    def mark_unlike_multicasts(self, fault: Ints, levels: Ints) -> None:
        """Book candidates whose networks cannot split their multicasts: 1 + level, or 0."""
        for number, level in enumerate(self.space.machine.levels, start=1):
            self._mark(fault, levels == number, f"{level.name}: unlike multicasts")

    def fans_out_too_far(self, fault: Ints) -> Bools:
        """Which faults are fan-outs beyond the machine's."""
        return self._fan_out[fault]

    def tight_level(self, fault: Ints) -> tuple[Bools, Ints]:
        """Which faults are those of too large factors, and at which storage level."""
        return self._tight[fault], self._tight_level[fault]

    def _mark(self, fault: Ints, where: Bools, name: str) -> None:
        """Note the first fault of each candidate."""
        if where.any():
            fault[where & (fault == 0)] = self._numbers[name]


class _Mesh:
    """What the loops in space take of the meshes of the ``levels`` that fan out."""

    def __init__(self, space: MapSpace) -> None:
        self._nests = [n for n, nest in enumerate(space.nests) if nest.kind == "spatial"]
        self.levels = [space.nests[number].level for number in self._nests]
        meshes = np.array([space.machine.fanout(level) for level in self.levels]).reshape(-1, 2)
        #: Shape (levels, 1).
        self.columns, self.rows = meshes.T[:, :, None]
        self.instances = self.columns * self.rows
        dimensions = len(space.names)
        self._places = np.arange(dimensions)[:, None]
        self._first_row = dimensions * np.arange(len(self._nests))[:, None, None]

    def along_x(self, candidates: Candidates) -> Bools:
        """Tell which dimensions lie along X: (spatial nests, dimensions, candidates)."""
        order = candidates.order[self._nests]
        found = np.empty(order.shape, dtype=bool)
        count = len(candidates)
        of_dimension = (order + self._first_row) * count + np.arange(count)
        found.put(of_dimension, self._places < candidates.split[self._nests, None])
        return found

    def taken(self, factors: Floats, along_x: Bools) -> tuple[Floats, Floats]:
        """Multiply up what the loops take along X and along Y, shape (levels, candidates)."""
        ends = factors[self._nests]
        columns = np.where(along_x, ends, 1.0).prod(axis=1)
        return columns, ends.prod(axis=1) / columns


class _LimitedTiles:
    """Tiles of some levels, with as few steps as it takes."""

    def __init__(self, space: MapSpace, levels: list[int], nest: NestAnalysis) -> None:
        self._nest = nest
        self._bounds = np.array(space.bounds, dtype=np.float64)[:, None]
        outer = [
            max(n for n, nest in enumerate(space.nests) if nest.level == level) for level in levels
        ]
        #: By nest, the innermost of the levels whose tiles it is inside of.
        self._level = [
            sum(end < nest for end in outer) for nest in range(max(outer, default=-1) + 1)
        ]
        self._levels = len(levels)

    def sizes(self, factors: Floats) -> Floats:
        """Count points, shape (data spaces, levels, candidates)."""
        extents = np.empty((self._levels, *factors.shape[1:]))
        inside: Floats | float = 1.0
        for level, of_nest in zip(self._level, factors, strict=False):
            inside = np.multiply(inside, of_nest, out=extents[level])
        return self._nest.sizes(np.minimum(extents, self._bounds))


class _Room:
    """What the memories of limited capacity, ``levels``, have room for."""

    def __init__(self, space: MapSpace, shares: ExpectedShares) -> None:
        self._shares = shares
        storages = list(enumerate(space.machine.levels))
        #: By level: words, the least of them that is to be used, and bits of metadata.
        limits = [
            (level, size, size * storage.min_utilization, storage.effective_metadata_bits)
            for level, storage in storages
            if (size := storage.effective_size) is not None
        ]
        self.levels = [level for level, *_ in limits]
        _, words, least, metadata = np.array(limits, dtype=np.float64).reshape(-1, 4).T
        self._words, self._least, self._metadata = words[:, None], least[:, None], metadata[:, None]
        names = [data_space.name for data_space in space.problem.data_spaces]
        limited = [space.machine.levels[level] for level in self.levels]
        bits = np.array([[storage.bits_of(name) for storage in limited] for name in names])
        #: Bits of a word of each data space; bits of a level's own.
        self._bits, self._word_bits = bits[:, :, None], np.array([[s.word_bits] for s in limited])
        self._scales = bool((self._bits != self._word_bits).any())
        places = [(place, number) for place in range(len(limited)) for number in range(len(names))]
        self._places = [
            (place, number, self.levels[place])
            for place, number in places
            if shares.looks_at(self.levels[place], number)
        ]
        #: What may be wrong, of each level in turn: nothing falls short of no words.
        self.kinds: list[FaultKind] = ["capacity"]
        if (least > 0).any():
            self.kinds.append("least utilisation")
        if self._places:
            self.kinds.append("metadata")

    def lacking(self, sizes: Floats, stored: Bools) -> Bools:
        """Tell what candidates lack room for, or leave unused.

        Parameters
        ----------
        sizes : ndarray of float, shape (data spaces, levels, candidates)
            Points of tiles; they are turned into words.
        stored : ndarray of bool, of the same shape
            What is stored.

        Returns
        -------
        ndarray of bool, shape (levels x kinds, candidates)
            Which of the ``kinds`` of faults there are.
        """
        words, bits = sizes, np.zeros((len(self.levels), sizes.shape[-1]))
        for place, number, level in self._places:
            points = sizes[number, place]
            held = self._shares.held(level, number, points)
            metadata = self._shares.metadata_bits(level, number, points, held)
            if metadata is not None:
                bits[place] += metadata * stored[number, place]
            words[number, place] = held
        if self._scales:
            words = np.ceil(words * self._bits / self._word_bits)
        used = (words * stored).sum(axis=0)
        found = np.empty((len(self.levels), len(self.kinds), sizes.shape[-1]), dtype=bool)
        for number, kind in enumerate(self.kinds):
            if kind == "capacity":
                np.greater(used, self._words, out=found[:, number])
            elif kind == "least utilisation":
                np.less(used, self._least, out=found[:, number])
            else:
                np.greater(bits, self._metadata, out=found[:, number])
        return found.reshape(found.shape[0] * found.shape[1], found.shape[2])


def _of_level(space: MapSpace, kind: FaultKind, number: int) -> Fault:
    """Word a fault of a storage level with the figure that is exceeded."""
    level = space.machine.levels[number]
    name = level.name
    columns, rows = space.machine.fanout(number)
    reasons = {
        "fan-out": f"exceed the fan-out of {name} ({columns} x {rows})",
        "capacity": f"exceed the capacity of {name} ({level.effective_size} words)",
        "metadata": (
            f"exceed the metadata storage of {name} ({level.effective_metadata_bits} bits)"
        ),
        "least utilisation": f"fall short of the least utilisation of {name} (min_utilization)",
        "unlike multicasts": (
            f"have several multicast factors where {name} needs one (network_type M:N)"
        ),
    }
    return Fault(kind, f"{name}: {kind}", reasons[kind], number)
