"""The map space: every mapping that the constraints allow, each with a number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._factorization import Factorization, divisors
from hwsim.engines.timeloop.mapper._nest_space import Nest
from hwsim.engines.timeloop.nest.loops import Bools
from hwsim.engines.timeloop.terms.constraints import Constraints, SlotConstraint, SlotKind
from hwsim.engines.timeloop.terms.denials import DENIALS
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LevelMapping
from hwsim.engines.timeloop.terms.problem import Ints, Problem
from hwsim.errors import InputError

#: A prime of this length takes a tenth of a second to know, and a number has 6,000 divisors.
_LONGEST: Final = 2**36


class MapSpace:
    """All mappings of a problem onto a machine, under constraints.

    Parameters
    ----------
    problem : Problem
        What is mapped.
    machine : Machine
        Onto what.
    constraints : Constraints
        What is not free.

    Raises
    ------
    InputError
        If the constraints contradict each other, the problem or the machine.
    """

    def __init__(self, problem: Problem, machine: Machine, constraints: Constraints) -> None:
        self.problem = problem
        self.machine = machine
        self.constraints = constraints
        #: Dimensions longer than 1; the others never iterate.
        self.dimensions = [number for number, bound in enumerate(problem.bounds) if bound > 1]
        self.names = [problem.dimensions[number] for number in self.dimensions]
        self.bounds = [problem.bounds[number] for number in self.dimensions]
        for name, bound in zip(self.names, self.bounds, strict=True):
            if bound > _LONGEST:
                raise InputError(
                    f"mapper: {name} is {bound:,} long; dimensions up to {_LONGEST:,} are factored"
                )
        self.nests = [
            self._nest(level, kind)
            for level in range(len(machine.levels))
            for kind in self._kinds(level)
        ]
        self.limits = [[self._limits(nest, name) for name in self.names] for nest in self.nests]
        self.factorizations = [self._factorization(place) for place in range(len(self.names))]
        self.choices = self._bypass_choices()
        #: What each level is denied; of a mapping without loops.
        self.bare_levels = [self._bare_level(level) for level in range(len(machine.levels))]
        self._check_fanout()

    def _bare_level(self, level: int) -> LevelMapping:
        spaces = len(self.problem.data_spaces)
        denied = {
            denial.name: self.constraints.savings_denied(level, denial.name, spaces)
            for denial in DENIALS
        }
        return LevelMapping((), (), (), **denied)

    def _kinds(self, level: int) -> tuple[SlotKind, ...]:
        return ("spatial", "temporal") if self.machine.has_fanout(level) else ("temporal",)

    def place(self, nest: Nest) -> str:
        """Word a nest."""
        return f"{self.machine.levels[nest.level].name} ({nest.kind})"

    def slot(self, level: int, kind: SlotKind) -> SlotConstraint:
        """Find what is not free of a nest."""
        return self.constraints.slots.get((level, kind), SlotConstraint())

    def _nest(self, level: int, kind: SlotKind) -> Nest:
        slot = self.slot(level, kind)
        listed = [*slot.prefix, *(name for name in slot.only_x if name not in slot.prefix)]
        last = [*(name for name in slot.only_y if name not in slot.suffix), *slot.suffix]
        listed = [name for name in listed if name not in last]
        prefix = tuple(self.names.index(name) for name in listed if name in self.names)
        suffix = tuple(self.names.index(name) for name in last if name in self.names)
        free = tuple(place for place in range(len(self.names)) if place not in {*prefix, *suffix})
        least, most = self._split_limits(slot, level, listed)
        return Nest(level, kind, prefix, free, suffix, least, most)

    def _split_limits(self, slot: SlotConstraint, level: int, listed: list[str]) -> tuple[int, int]:
        """Least and most places along X; trivial dimensions count in the user's split only."""
        columns, rows = self.machine.fanout(level)
        everything = len(self.names)
        if slot.split is not None:
            pinned = sum(name in self.names for name in listed[: slot.split])
            split = pinned + min(max(slot.split - len(listed), 0), everything - pinned)
            return split, split
        if slot.only_x or slot.only_y:
            least = sum(name in self.names for name in slot.only_x)
            most = everything - sum(name in self.names for name in slot.only_y)
            return least, most
        if rows == 1:
            return everything, everything
        if columns == 1:
            return 0, 0
        return 0, everything

    def _limits(self, nest: Nest, name: str) -> set[int]:
        """Factors that a nest may take of a dimension."""
        slot = self.slot(nest.level, nest.kind)
        bound = self.problem.bounds[self.problem.dimensions.index(name)]
        options = set(divisors(bound))
        if name in slot.fixed:
            wanted = slot.fixed[name] or self._rest_that_fits(nest, name)
            if wanted not in options:
                raise InputError(
                    f"constraints: {self.place(nest)} takes {name}={wanted}, which does not divide "
                    f"the problem's {name} of {bound}; the search uses factors that divide"
                )
            options = {wanted}
        least, most = self._range(nest, name)
        left = {factor for factor in options if least <= factor <= most}
        if not left:
            raise InputError(
                f"constraints: no factor of {name} ({bound}) is left for {self.place(nest)}: "
                f"allowed are {_shown(options)}, but at least {least} and at most {most}"
            )
        return left

    def _range(self, nest: Nest, name: str) -> tuple[int, int]:
        """Least and most iterations of a dimension that is not fixed."""
        slot = self.slot(nest.level, nest.kind)
        bound = self.problem.bounds[self.problem.dimensions.index(name)]
        least, most = slot.least.get(name, 1), slot.most.get(name, bound)
        if nest.kind == "spatial":
            most = min(most, max(self.machine.fanout(nest.level)))
        return least, most

    def range_of(self, nest: Nest, name: str) -> tuple[int, int]:
        """Find the least and the most iterations that a nest may have, whether they divide or not.

        Parameters
        ----------
        nest : Nest
            One of :attr:`nests`.
        name : str
            Of a dimension.
        """
        if name in self.slot(nest.level, nest.kind).fixed:
            (fixed,) = self.limits[self.nests.index(nest)][self.names.index(name)]
            return fixed, fixed
        return self._range(nest, name)

    def _rest_that_fits(self, nest: Nest, name: str) -> int:
        """Find what the other fixed factors leave; in space the largest part that has room.

        Other nests take what is left then, if the constraints let them.
        """
        rest = self._rest(name)
        if nest.kind == "temporal":
            return rest
        columns, rows = self.machine.fanout(nest.level)
        slot = self.slot(nest.level, nest.kind)
        room = (
            columns if name in slot.only_x else rows if name in slot.only_y else max(columns, rows)
        )
        return max(part for part in divisors(rest) if part <= room)

    def _rest(self, name: str) -> int:
        """Find what the other fixed factors leave of a dimension."""
        bound = self.problem.bounds[self.problem.dimensions.index(name)]
        others = math.prod(
            slot.fixed[name] or 1 for slot in self.constraints.slots.values() if name in slot.fixed
        )
        return bound // others if bound % others == 0 else bound

    def _factorization(self, place: int) -> Factorization:
        name = self.names[place]
        bound = self.problem.bounds[self.dimensions[place]]
        allowed = [limits[place] for limits in self.limits]
        found = Factorization(bound, allowed)
        if found.count == 0:
            restricted = [
                f"{self.place(nest)} {_shown(options)}"
                for nest, options in zip(self.nests, allowed, strict=True)
                if options != set(divisors(bound))
            ]
            raise InputError(
                f"constraints: no factors of {name} multiply up to {bound}; allowed are "
                f"{'; '.join(restricted)}"
            )
        return found

    def _bypass_choices(self) -> list[tuple[int, int]]:
        """List the levels and data spaces that may be kept or bypassed."""
        outermost = len(self.machine.levels) - 1
        return [
            (level, space)
            for level in range(outermost)
            for space in range(len(self.problem.data_spaces))
            if (level, space) not in self.constraints.keep
        ]

    def may_drop(self, space: int) -> bool:
        """Tell whether every level may bypass a data space.

        Parameters
        ----------
        space : int
            Number of the data space.
        """
        return all(
            (level, space) in self.choices or not self.constraints.keep.get((level, space), True)
            for level in range(len(self.machine.levels))
        )

    def _check_fanout(self) -> None:
        for nest, limits in zip(self.nests, self.limits, strict=True):
            if nest.kind == "spatial":
                least = math.prod(min(options) for options in limits)
                columns, rows = self.machine.fanout(nest.level)
                if least > columns * rows:
                    raise InputError(
                        f"constraints: {self.place(nest)} takes at least {least} instances, but "
                        f"there are {columns} x {rows} (meshX x meshY) below one "
                        f"{self.machine.levels[nest.level].name}"
                    )

    @cached_property
    def radices(self) -> list[int]:
        """How many choices each part of a mapping's number has."""
        return [
            *(found.count for found in self.factorizations),
            *(nest.orders for nest in self.nests),
            *(nest.splits for nest in self.nests if nest.kind == "spatial"),
            *(2 for _ in self.choices),
        ]

    @cached_property
    def size(self) -> int:
        """All mappings, valid or not."""
        return math.prod(self.radices)

    def at(self, numbers: Sequence[int]) -> Candidates:
        """Find the mappings with these numbers.

        Parameters
        ----------
        numbers : sequence of int
            Each at least 0 and below :attr:`size`.
        """
        radices = self.radices
        digits = np.empty((len(radices), len(numbers)), dtype=np.int64)
        for column, number in enumerate(numbers):
            rest = int(number)
            for row, radix in enumerate(radices):
                rest, digits[row, column] = divmod(rest, radix)
        return self.from_digits(digits)

    def sample(self, count: int, random: np.random.Generator) -> Candidates:
        """Draw mappings evenly.

        Parameters
        ----------
        count : int
            How many.
        random : numpy Generator
            Decides.
        """
        return self.from_digits(
            np.array([random.integers(0, radix, count) for radix in self.radices])
        )

    def from_digits(self, digits: Ints) -> Candidates:
        """Make mappings from the parts of their numbers, shape (parts, candidates)."""
        parts = iter(digits)
        count = digits.shape[1]
        shape = (len(self.nests), len(self.names), count)
        factors = np.ones(shape, dtype=np.int64)
        for place, found in enumerate(self.factorizations):
            factors[:, place] = found.at(next(parts))
        order = np.empty(shape, dtype=np.int64)
        for number, nest in enumerate(self.nests):
            order[number] = nest.orders_at(next(parts))
        split = np.zeros((len(self.nests), count), dtype=np.int64)
        for number, nest in enumerate(self.nests):
            if nest.kind == "spatial":
                split[number] = nest.least_split + next(parts)
        keep = self._kept(count)
        for level, space in self.choices:
            keep[level, space] = next(parts) == 0
        return Candidates(factors, order, split, keep)

    def _kept(self, count: int) -> Bools:
        shape = (len(self.machine.levels), len(self.problem.data_spaces), count)
        keep = np.ones(shape, dtype=bool)
        for (level, space), kept in self.constraints.keep.items():
            keep[level, space] = kept
        return keep

    @cached_property
    def lengths(self) -> Ints:
        """Of the dimensions, shape (dimensions, 1)."""
        return np.array(self.bounds, dtype=np.int64)[:, None]

    def divide(self, candidates: Candidates) -> Bools:
        """Tell which of some candidates have no factor that leaves a rest."""
        return candidates.divide(self.lengths)

    def numbers(self, candidates: Candidates) -> list[int]:
        """Find the numbers of mappings whose factors divide: the inverse of :meth:`at`."""
        found = []
        for column in range(len(candidates)):
            digits = [
                way.number(candidates.factors[:, place, column].tolist())
                for place, way in enumerate(self.factorizations)
            ]
            digits += [
                nest.order_number(candidates.order[number, :, column].tolist())
                for number, nest in enumerate(self.nests)
            ]
            digits += [
                int(candidates.split[number, column]) - nest.least_split
                for number, nest in enumerate(self.nests)
                if nest.kind == "spatial"
            ]
            digits += [
                0 if candidates.keep[level, space, column] else 1 for level, space in self.choices
            ]
            total = 0
            for digit, radix in zip(reversed(digits), reversed(self.radices), strict=True):
                total = total * radix + digit
            found.append(total)
        return found


def _shown(options: set[int]) -> str:
    values = sorted(options)
    listed = ", ".join(map(str, values[:8]))
    return f"{listed}, ..." if len(values) > 8 else listed
