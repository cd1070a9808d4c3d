"""What keeps mappings from fitting their machine, for a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from hwsim.engines.timeloop.mapper._expected_shares import ExpectedShares
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.nest.loops import Bools, Floats, TileExtents
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


class Fit:
    """Checks candidates of one map space; ``faults`` are all that may be found."""

    def __init__(self, space: MapSpace, shares: ExpectedShares) -> None:
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
        machine = space.machine
        self._spread = [n for n in range(len(machine.levels)) if machine.has_fanout(n)]
        meshes = np.array([machine.fanout(level) for level in self._spread]).reshape(-1, 2)
        self._mesh_columns, self._mesh_rows = meshes.T[:, :, None]
        self._room = _Room(space, shares)
        limited = [machine.levels[level].name for level in self._room.levels]
        #: Numbers of the faults in the order in which they are looked for.
        self._in_order = np.array(
            [
                *(
                    self._numbers[f"{machine.levels[level].name}: fan-out"]
                    for level in self._spread
                ),
                self._numbers["parallelism"],
                *(self._numbers[f"{each.name} kept nowhere"] for each in space.problem.data_spaces),
                *(
                    self._numbers[f"{name}: {kind}"]
                    for name in limited
                    for kind in ("capacity", "least utilisation", "metadata")
                ),
            ]
        )

    def _of_kinds(self, *kinds: FaultKind) -> Bools:
        """Whether a fault is of these kinds, by its number (0 is none)."""
        return np.array([False, *(fault.kind in kinds for fault in self.faults)])

    def check(self, extents: TileExtents, sizes: Floats, keep: Bools) -> Ints:
        """Find the first fault of each candidate: 0, or 1 + a number into :attr:`faults`."""
        columns, rows = extents.columns[self._spread], extents.rows[self._spread]
        used = columns * rows / (self._mesh_columns * self._mesh_rows)
        idle = used.prod(axis=0) < self.space.constraints.least_parallelism
        found = np.concatenate(
            [
                (columns > self._mesh_columns) | (rows > self._mesh_rows),
                idle[None],
                ~keep.any(axis=0),
                self._room.lacking(sizes, keep),
            ]
        )
        first: Ints = self._in_order[found.argmax(axis=0)]
        return np.where(found.any(axis=0), first, 0)

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


class _Room:
    """What the memories of limited capacity, ``levels``, have room for."""

    def __init__(self, space: MapSpace, shares: ExpectedShares) -> None:
        self._shares = shares
        storages = list(enumerate(space.machine.levels))
        #: By level: words, the least of them that is to be used, and bits of metadata.
        self._limits = [
            (level, size, size * storage.min_utilization, storage.effective_metadata_bits)
            for level, storage in storages
            if (size := storage.effective_size) is not None
        ]
        self.levels = [level for level, *_ in self._limits]
        _, words, least, metadata = np.array(self._limits, dtype=np.float64).reshape(-1, 4).T
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

    def lacking(self, sizes: Floats, keep: Bools) -> Bools:
        """Tell what candidates lack room for, or leave unused.

        Parameters
        ----------
        sizes : ndarray of float, shape (data spaces, levels, candidates)
            Points of tiles.
        keep : ndarray of bool, shape (levels, data spaces, candidates)
            What is stored.

        Returns
        -------
        ndarray of bool, shape (3 x levels, candidates)
            Of each limited level whether words are too many, or too few, or metadata too many.
        """
        stored = keep[self.levels].swapaxes(0, 1)
        words = sizes[:, self.levels]
        bits = np.zeros(words.shape[1:])
        for place, number, level in self._places:
            of_tiles = sizes[number, level]
            words[number, place] = self._shares.held(level, number, of_tiles)
            metadata = self._shares.metadata_bits(level, number, of_tiles)
            if metadata is not None:
                bits[place] += np.where(stored[number, place], metadata, 0.0)
        if self._scales:
            words = np.ceil(words * self._bits / self._word_bits)
        used = np.where(stored, words, 0.0).sum(axis=0)
        found = np.stack([used > self._words, used < self._least, bits > self._metadata], axis=1)
        return found.reshape(3 * len(self.levels), keep.shape[-1])


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
