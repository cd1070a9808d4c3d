"""Writing ``mapspace_constraints`` and ``mapper`` for ``timeloop-mapper``."""

from __future__ import annotations

from typing import Any, Final

from hwsim.arch import Arch
from hwsim.engines.timeloop.evaluation import Evaluation
from hwsim.engines.timeloop.layers.layer_machine import design_inputs, design_of
from hwsim.engines.timeloop.spec.constraints import read_constraints
from hwsim.engines.timeloop.spec.write_architecture import Layout
from hwsim.engines.timeloop.terms.constraints import Constraints, SlotConstraint
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.problem import Problem

#: Timeloop's name of each objective.
_METRICS: Final = {"energy": "energy", "delay": "delay", "edp": "edp"}
_DENIALS: Final = (
    ("spatial", "no_multicast", "no_reuse"),
    ("spatial", "no_link_transfer", "no_link_transfer"),
    ("temporal", "no_temporal_reuse", "no_temporal_reuse"),
    ("temporal", "rmw_first_update", "rmw_first_update"),
)


def constraint_documents(
    arch: Arch, evaluation: Evaluation, layout: Layout = "v0.3"
) -> dict[str, dict[str, Any]]:
    """Write what the mappings of a layer may do, and how they are to be searched.

    Parameters
    ----------
    arch : Arch
        Whose design has the constraints.
    evaluation : Evaluation
        Of the layer.
    layout : {"v0.3", "v0.4"}
        For the program itself, or for the Python front end.

    Returns
    -------
    dict of str to dict
        ``constraints.yaml`` and ``mapper.yaml``.
    """
    design, _ = design_of(arch)
    problem, machine = evaluation.problem, evaluation.machine
    constraints = read_constraints(design_inputs(arch), problem, machine)
    targets = constraint_targets(problem, machine, constraints, layout)
    mapper: dict[str, Any] = {
        "optimization_metrics": [_METRICS[design.search.objective]],
        "search_size": design.search.budget,
        "algorithm": "random_pruned",
        "num_threads": 1,
        "victory_condition": 0,
    }
    if layout == "v0.4":
        return {
            "constraints.yaml": {"constraints": {"version": 0.4, "targets": targets}},
            "mapper.yaml": {"mapper": {"version": 0.4, **mapper}},
        }
    return {
        "constraints.yaml": {"mapspace_constraints": {"version": 0.3, "targets": targets}},
        "mapper.yaml": {"mapper": mapper},
    }


def constraint_targets(
    problem: Problem, machine: Machine, constraints: Constraints, layout: Layout = "v0.3"
) -> list[dict[str, Any]]:
    """List constraints by storage level and kind, outermost level first."""
    targets: list[dict[str, Any]] = []
    names = [space.name for space in problem.data_spaces]
    for level in reversed(range(len(machine.levels))):
        target = machine.levels[level].name
        kept = {names[s]: k for (of, s), k in constraints.keep.items() if of == level}
        if kept:
            targets.append(
                {
                    "target": target,
                    "type": "dataspace" if layout == "v0.4" else "bypass",
                    "keep": [name for name, is_kept in kept.items() if is_kept],
                    "bypass": [name for name, is_kept in kept.items() if not is_kept],
                }
            )
        for kind in ("temporal", "spatial"):
            slot = next(
                (slot for place, slot in constraints.slots.items() if place == (level, kind)), None
            )
            found = {} if slot is None else _slot(slot, problem, layout)
            for of_kind, what, key in _DENIALS:
                denied = constraints.denied.get((level, what))
                if of_kind == kind and denied:
                    found[key] = [names[number] for number in sorted(denied)]
            if found:
                targets.append({"target": target, "type": kind, **found})
    return targets


def _slot(slot: SlotConstraint, problem: Problem, layout: Layout) -> dict[str, Any]:
    factors = [
        f"{name}{sign}{value}"
        for sign, values in (("=", slot.fixed), ("<=", slot.most), (">=", slot.least))
        for name, value in values.items()
    ]
    found: dict[str, Any] = {}
    if factors:
        found["factors"] = factors if layout == "v0.4" else " ".join(factors)
    order = list(slot.prefix)
    if slot.suffix:  # Timeloop pins dimensions from the innermost on, so all have to be named
        pinned = {*slot.prefix, *slot.suffix}
        order += [name for name in problem.dimensions if name not in pinned] + slot.suffix
    if order:
        found["permutation"] = order if layout == "v0.4" else "".join(order)
    if slot.split is not None:
        found["split"] = slot.split
    return found
