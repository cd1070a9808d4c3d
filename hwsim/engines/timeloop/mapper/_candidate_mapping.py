"""From candidates back to mappings: as the engine's loops, and in Timeloop's own YAML form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._nest_space import Nest
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.terms.constraints import SlotKind
from hwsim.engines.timeloop.terms.denials import DENIALS
from hwsim.engines.timeloop.terms.mapping import Kind, Loop, LoopMapping


def loop_mapping(space: MapSpace, candidates: Candidates, which: int) -> LoopMapping:
    """One of the candidates as the engine takes it."""
    levels = []
    for level, bare in enumerate(space.bare_levels):
        loops: dict[SlotKind, tuple[Loop, ...]] = {
            nest.kind: _loops(space, nest, candidates, number, which)
            for number, nest in enumerate(space.nests)
            if nest.level == level
        }
        levels.append(
            replace(
                bare,
                spatial=loops.get("spatial", ()),
                temporal=loops["temporal"],
                keep=tuple(candidates.keep[level, :, which].tolist()),
            )
        )
    mapping = LoopMapping(tuple(levels))
    return mapping if mapping.perfect else replace(mapping, rests="counted")


def _loops(
    space: MapSpace, nest: Nest, candidates: Candidates, number: int, which: int
) -> tuple[Loop, ...]:
    names, split = _order(space, nest, candidates, number, which)
    factors = _factors(space, candidates, number, which)
    loops = []
    for place, name in enumerate(names):
        kind: Kind = "time" if nest.kind == "temporal" else "x" if place < split else "y"
        end, last = factors.get(name, (1, 1))
        loops.append(Loop(space.problem.dimensions.index(name), end, last, kind))
    return tuple(loops)


def _factors(
    space: MapSpace, candidates: Candidates, number: int, which: int
) -> dict[str, tuple[int, int]]:
    """Give the iterations of a nest's loops, and those of the last time round."""
    found = {}
    factors = candidates.factors[: number + 1, :, which].T.tolist()
    for name, bound, of_name in zip(space.names, space.bounds, factors, strict=True):
        left = bound
        for factor in of_name[:-1]:
            left = -(-left // factor)
        found[name] = of_name[-1], (left - 1) % of_name[-1] + 1
    return found


def _order(
    space: MapSpace, nest: Nest, candidates: Candidates, number: int, which: int
) -> tuple[list[str], int]:
    """All dimensions, innermost first, and how many lie along X.

    Dimensions of length 1 go where the constraints put them, else outermost.
    """
    active = [space.names[place] for place in candidates.order[number, :, which].tolist()]
    slot = space.slot(nest.level, nest.kind)
    split = int(candidates.split[number, which])
    trivial = [name for name in space.problem.dimensions if name not in space.names]
    pinned = {*slot.prefix, *slot.suffix}
    middle = [name for name in (*active, *trivial) if name not in pinned]
    names = [*slot.prefix, *middle, *slot.suffix]
    if slot.split is not None:
        return names, slot.split
    along_x = set(active[:split])
    last = max((place + 1 for place, name in enumerate(names) if name in along_x), default=0)
    return names, last


def mapping_document(space: MapSpace, candidates: Candidates, which: int = 0) -> dict[str, Any]:
    """One of the candidates as Timeloop's ``mapping`` document, outermost level first."""
    directives: list[dict[str, Any]] = []
    names = [data_space.name for data_space in space.problem.data_spaces]
    for level in reversed(range(len(space.machine.levels))):
        target = space.machine.levels[level].name
        kept = candidates.keep[level, :, which]
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
                directives.append(_directive(space, nest, candidates, number, which, target))
        _write_denials(space, level, directives)
    return {"mapping": directives}


def _directive(
    space: MapSpace, nest: Nest, candidates: Candidates, number: int, which: int, target: str
) -> dict[str, Any]:
    order, split = _order(space, nest, candidates, number, which)
    factors = _factors(space, candidates, number, which)
    found: dict[str, Any] = {
        "target": target,
        "type": nest.kind,
        "factors": " ".join(
            f"{name}={_factor_text(*factors.get(name, (1, 1)))}"
            for name in space.problem.dimensions
        ),
        "permutation": "".join(order),
    }
    if nest.kind == "spatial":
        found["split"] = split
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
