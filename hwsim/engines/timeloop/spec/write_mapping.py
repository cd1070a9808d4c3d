"""Writing ``mapping``: the inverse of :mod:`hwsim.engines.timeloop.spec.mapping`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hwsim.engines.timeloop.spec.write_architecture import Layout, grid_name
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LevelMapping, Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem


def mapping_document(
    problem: Problem, machine: Machine, mapping: LoopMapping, layout: Layout = "v0.3"
) -> dict[str, Any]:
    """Write a mapping as Timeloop's directives, outermost level first.

    Parameters
    ----------
    problem, machine
        What is mapped, and onto what.
    mapping : LoopMapping
        With all dimensions in every loop nest.
    layout : {"v0.3", "v0.4"}
        For the programs themselves, or for the Python front end.

    Returns
    -------
    dict
        With the root key ``mapping``.
    """
    names = [space.name for space in problem.data_spaces]
    directives: list[dict[str, Any]] = []
    for number in reversed(range(len(machine.levels))):
        level, target = mapping.levels[number], machine.levels[number].name
        directives.append(_stored(level, target, names))
        directives.append(
            {"target": target, "type": "temporal", **_loops(level.temporal, problem)}
            | _denied(
                names,
                no_temporal_reuse=level.no_temporal_reuse,
                rmw_first_update=level.rmw_first_update,
            )
        )
        if machine.has_fanout(number):
            # In v0.4 space is mapped at the container that multiplies what lies inside.
            inner = machine.levels[number - 1].name if number else machine.compute.name
            spatial_target = grid_name(inner) if layout == "v0.4" else target
            directives.append(
                {"target": spatial_target, "type": "spatial", **_loops(level.spatial, problem)}
                | {"split": sum(loop.kind == "x" for loop in level.spatial)}
                | _denied(
                    names, no_reuse=level.no_multicast, no_link_transfer=level.no_link_transfer
                )
            )
    if layout == "v0.4":
        directives = [_for_front_end(directive) for directive in directives]
    return {"mapping": directives}


def _for_front_end(directive: dict[str, Any]) -> dict[str, Any]:
    """Turn texts into lists and name things as v0.4 does."""
    found = dict(directive)
    if found["type"] == "bypass":
        found["type"] = "dataspace"
    else:
        found["factors"] = found["factors"].split(" ")
        found["permutation"] = list(found["permutation"])
    if "no_temporal_reuse" in found:
        found["no_reuse"] = found.pop("no_temporal_reuse")
    return found


def _stored(level: LevelMapping, target: str, names: Sequence[str]) -> dict[str, Any]:
    return {
        "target": target,
        "type": "bypass",
        "keep": [name for name, kept in zip(names, level.keep, strict=True) if kept],
        "bypass": [name for name, kept in zip(names, level.keep, strict=True) if not kept],
    } | _denied(names, no_coalesce=level.no_coalesce)


def _loops(loops: Sequence[Loop], problem: Problem) -> dict[str, str]:
    """Factors in the problem's order; the permutation is written innermost first."""
    by_dimension = {loop.dimension: loop for loop in loops}
    factors = []
    for number, name in enumerate(problem.dimensions):
        loop = by_dimension.get(number)
        factor = "1" if loop is None else str(loop.end)
        if loop is not None and loop.residual != loop.end:
            factor += f",{loop.residual}"
        factors.append(f"{name}={factor}")
    order = "".join(problem.dimensions[loop.dimension] for loop in loops)
    return {"factors": " ".join(factors), "permutation": order}


def _denied(names: Sequence[str], **savings: tuple[bool, ...]) -> dict[str, list[str]]:
    found = {
        key: [name for name, is_denied in zip(names, denied, strict=True) if is_denied]
        for key, denied in savings.items()
    }
    return {key: listed for key, listed in found.items() if listed}
