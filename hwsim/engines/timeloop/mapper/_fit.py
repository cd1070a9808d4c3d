"""What keeps mappings from fitting their machine, for a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from hwsim.engines.timeloop.mapper._expected_shares import ExpectedShares
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.nest.loops import Bools, Floats, TileExtents
from hwsim.engines.timeloop.terms.machine import StorageLevel
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
        self._fan_out = self._levels_of("fan-out")
        self._tight = np.maximum(self._fan_out, self._levels_of("capacity", "metadata"))

    def _levels_of(self, *kinds: FaultKind) -> Ints:
        """Level by number of a fault (0 is none), -1 for faults of other kinds."""
        levels = [fault.level if fault.kind in kinds else -1 for fault in self.faults]
        return np.array([-1, *levels])

    def check(self, extents: TileExtents, sizes: Floats, keep: Bools) -> Ints:
        """Find the first fault of each candidate: 0, or 1 + a number into :attr:`faults`."""
        fault = np.zeros(keep.shape[-1], dtype=np.int64)
        self._check_fanout(extents, fault)
        nowhere = np.asarray(~keep.any(axis=0))
        for number, data_space in enumerate(self.space.problem.data_spaces):
            self._mark(fault, nowhere[number], f"{data_space.name} kept nowhere")
        for level, storage in enumerate(self.space.machine.levels):
            if storage.effective_size is not None:
                self._check_capacity(level, storage, sizes[:, level], keep[level], fault)
                self._check_metadata(level, storage, sizes[:, level], keep[level], fault)
        return fault

    def mark_unlike_multicasts(self, fault: Ints, levels: Ints) -> None:
        """Book candidates whose networks cannot split their multicasts: 1 + level, or 0."""
        for number, level in enumerate(self.space.machine.levels, start=1):
            self._mark(fault, levels == number, f"{level.name}: unlike multicasts")

    def fans_out_too_far(self, fault: Ints) -> Bools:
        """Which faults are fan-outs beyond the machine's."""
        return np.greater_equal(self._fan_out[fault], 0)

    def tight_level(self, fault: Ints) -> tuple[Bools, Ints]:
        """Which faults are those of too large factors, and at which storage level."""
        level = self._tight[fault]
        return np.greater_equal(level, 0), np.maximum(level, 0)

    def _mark(self, fault: Ints, where: Bools, name: str) -> None:
        """Note the first fault of each candidate."""
        if where.any():
            fault[where & (fault == 0)] = self._numbers[name]

    def _check_fanout(self, extents: TileExtents, fault: Ints) -> None:
        machine = self.space.machine
        used = np.ones(len(fault))
        for level, storage in enumerate(machine.levels):
            if not machine.has_fanout(level):
                continue
            there = machine.fanout(level)
            columns, rows = extents.columns[level], extents.rows[level]
            too_many = (columns > there[0]) | (rows > there[1])
            self._mark(fault, too_many, f"{storage.name}: fan-out")
            used = used * (columns * rows / (there[0] * there[1]))
        idle = np.less(used, self.space.constraints.least_parallelism)
        self._mark(fault, idle, "parallelism")

    def _check_capacity(
        self, level: int, storage: StorageLevel, sizes: Floats, keep: Bools, fault: Ints
    ) -> None:
        assert storage.effective_size is not None
        used = np.zeros(len(fault))
        for number, data_space in enumerate(self.space.problem.data_spaces):
            if not keep[number].any():
                continue
            words = self._shares.held(level, number, sizes[number])
            if storage.bits_of(data_space.name) != storage.word_bits:
                words = storage.scaled(words, data_space.name)
            used += np.where(keep[number], words, 0.0)
        self._mark(fault, used > storage.effective_size, f"{storage.name}: capacity")
        if storage.min_utilization:
            least = storage.effective_size * storage.min_utilization
            self._mark(fault, used < least, f"{storage.name}: least utilisation")

    def _check_metadata(
        self, level: int, storage: StorageLevel, sizes: Floats, keep: Bools, fault: Ints
    ) -> None:
        bits = np.zeros(len(fault))
        for number, of_space in enumerate(sizes):
            if not keep[number].any():
                continue
            own = self._shares.metadata_bits(level, number, of_space)
            if own is not None:
                bits = bits + np.where(keep[number], own, 0.0)
        too_many = bits > storage.effective_metadata_bits
        self._mark(fault, too_many, f"{storage.name}: metadata")


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
