"""From candidates back to mappings: as the engine's loops, and in Timeloop's own YAML form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._nest_space import Nest
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.terms.constraints import SlotKind
from hwsim.engines.timeloop.terms.denials import DENIALS
from hwsim.engines.timeloop.terms.mapping import Kind, Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import Ints

#: Most loops of most mappings are the same few, and never change.
_loop: Final = lru_cache(maxsize=4096)(Loop)


def loop_mapping(space: MapSpace, candidates: Candidates, which: int) -> LoopMapping:
    """One of the candidates as the engine takes it."""
    return next(loop_mappings(space, candidates.take(slice(which, which + 1))))


def loop_mappings(space: MapSpace, candidates: Candidates) -> Iterator[LoopMapping]:
    """All of the candidates as the engine takes them, in their order."""
    orders = [_NestOrder.of(space, nest) for nest in space.nests]
    parts = (*_factors(space, candidates), candidates.order, candidates.split, candidates.keep)
    for ends, lasts, active, split, keep in zip(
        *(np.moveaxis(part, -1, 0).tolist() for part in parts), strict=True
    ):
        loops: list[dict[SlotKind, tuple[Loop, ...]]] = [{} for _ in space.bare_levels]
        for number, nest in enumerate(space.nests):
            order = orders[number].of_candidate(active[number])
            factors = ends[number], lasts[number]
            if nest.kind == "temporal":
                found = _loops(order, *factors, "time")
            else:
                along_x = orders[number].along_x(order, active[number], split[number])
                found = _loops(order[:along_x], *factors, "x")
                found += _loops(order[along_x:], *factors, "y")
            loops[nest.level][nest.kind] = found
        mapping = LoopMapping(
            tuple(
                replace(
                    bare,
                    spatial=inside.get("spatial", ()),
                    temporal=inside["temporal"],
                    keep=tuple(kept),
                )
                for bare, inside, kept in zip(space.bare_levels, loops, keep, strict=True)
            )
        )
        yield mapping if mapping.perfect else replace(mapping, rests="counted")


def _loops(
    order: Sequence[int], ends: Sequence[int], lasts: Sequence[int], kind: Kind
) -> tuple[Loop, ...]:
    return tuple([_loop(each, ends[each], lasts[each], kind) for each in order])


def _factors(space: MapSpace, candidates: Candidates) -> tuple[Ints, Ints]:
    """Give the iterations of all loops, and those of the last time round.

    Of shape (nests, dimensions of the problem, candidates).
    """
    nests, _, count = candidates.factors.shape
    ends = np.ones((nests, len(space.problem.dimensions), count), dtype=np.int64)
    ends[:, space.dimensions] = candidates.factors
    lasts = np.empty_like(ends)
    left = np.array(space.problem.bounds, dtype=np.int64)[:, None]
    for number, end in enumerate(ends):
        lasts[number] = (left - 1) % end + 1
        left = -(-left // end)
    return ends, lasts


@dataclass(frozen=True)
class _NestOrder:
    """What the order of a nest's loops has in common for all candidates.

    Parameters
    ----------
    walked : sequence of int
        Dimensions longer than 1, by their number in the problem.
    prefix, suffix : tuple of int
        Dimensions that constraints put innermost and outermost.
    trivial : tuple of int
        Dimensions of length 1 that they put nowhere.
    split : int or None
        How many lie along X, where that is fixed.
    """

    walked: Sequence[int]
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    trivial: tuple[int, ...]
    split: int | None

    @classmethod
    def of(cls, space: MapSpace, nest: Nest) -> _NestOrder:
        slot, number = space.slot(nest.level, nest.kind), space.problem.dimensions.index
        prefix, suffix = tuple(map(number, slot.prefix)), tuple(map(number, slot.suffix))
        trivial = tuple(
            each
            for each, bound in enumerate(space.problem.bounds)
            if bound == 1 and each not in (*prefix, *suffix)
        )
        return cls(space.dimensions, prefix, suffix, trivial, slot.split)

    def of_candidate(self, active: Sequence[int]) -> list[int]:
        """All dimensions, innermost first, of a candidate that has the active ones in such order.

        Dimensions of length 1 go where the constraints put them, else outermost.
        """
        pinned = (*self.prefix, *self.suffix)
        walked = [self.walked[place] for place in active]
        middle = [each for each in walked if each not in pinned]
        return [*self.prefix, *middle, *self.trivial, *self.suffix]

    def along_x(self, order: Sequence[int], active: Sequence[int], split: int) -> int:
        """How many of all dimensions lie along X, where so many of the active ones do."""
        if self.split is not None:
            return self.split
        along_x = {self.walked[place] for place in active[:split]}
        return max([place for place, each in enumerate(order, 1) if each in along_x], default=0)


def mapping_document(space: MapSpace, candidates: Candidates, which: int = 0) -> dict[str, Any]:
    """One of the candidates as Timeloop's ``mapping`` document, outermost level first."""
    directives: list[dict[str, Any]] = []
    names = [data_space.name for data_space in space.problem.data_spaces]
    chosen = candidates.take(slice(which, which + 1))
    factors = _factors(space, chosen)
    for level in reversed(range(len(space.machine.levels))):
        target = space.machine.levels[level].name
        kept = chosen.keep[level, :, 0]
        directives.append(
            {
                "target": target,
                "type": "datatype",
                "keep": [name for name, there in zip(names, kept, strict=True) if there],
                "bypass": [name for name, there in zip(names, kept, strict=True) if not there],
            }
        )
        for number, nest in reversed(list(enumerate(space.nests))):
            if nest.level == level:
                directives.append(_directive(space, number, chosen, factors, target))
        _write_denials(space, level, directives)
    return {"mapping": directives}


def _directive(
    space: MapSpace, number: int, chosen: Candidates, factors: tuple[Ints, Ints], target: str
) -> dict[str, Any]:
    """Write the loops of one nest of the only candidate."""
    nest = space.nests[number]
    orders, active = _NestOrder.of(space, nest), chosen.order[number, :, 0].tolist()
    order = orders.of_candidate(active)
    names = space.problem.dimensions
    ends, lasts = (part[number, :, 0].tolist() for part in factors)
    found: dict[str, Any] = {
        "target": target,
        "type": nest.kind,
        "factors": " ".join(
            f"{name}={_factor_text(end, last)}"
            for name, end, last in zip(names, ends, lasts, strict=True)
        ),
        "permutation": "".join(names[each] for each in order),
    }
    if nest.kind == "spatial":
        found["split"] = orders.along_x(order, active, int(chosen.split[number, 0]))
    return found


def _factor_text(end: int, last: int) -> str:
    return str(end) if end == last else f"{end},{last}"


def _write_denials(space: MapSpace, level: int, directives: list[dict[str, Any]]) -> None:
    """Add the savings that constraints deny to the directives of a level."""
    names = [data_space.name for data_space in space.problem.data_spaces]
    for denial in DENIALS:
        kind = "datatype" if denial.kind == "dataspace" else denial.kind
        denied = space.constraints.denied.get((level, denial.name))
        if denied:
            target = space.machine.levels[level].name
            for directive in directives:
                if directive["target"] == target and directive["type"] == kind:
                    directive[denial.key] = [names[space_number] for space_number in sorted(denied)]
