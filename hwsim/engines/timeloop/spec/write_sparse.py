"""Writing ``sparse_optimizations``: the inverse of :mod:`hwsim.engines.timeloop.spec.sparse`."""

from __future__ import annotations

from typing import Any

from hwsim.engines.timeloop.spec.sparse import widened
from hwsim.engines.timeloop.terms.formats import RankFormat, Representation
from hwsim.engines.timeloop.terms.machine import Machine, StorageLevel
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import Saving, SparseOptimizations
from hwsim.errors import InputError


def sparse_document(
    problem: Problem, machine: Machine, sparse: SparseOptimizations, version: float = 0.3
) -> dict[str, Any] | None:
    """Write sparse optimisations, outermost level first.

    Parameters
    ----------
    problem, machine
        Whose data spaces and levels are named.
    sparse : SparseOptimizations
        What is written.
    version : float
        Of the layout: 0.3 or 0.4.

    Returns
    -------
    dict or None
        With the root key ``sparse_optimizations``; None if the design lists none at all.
    """
    if not sparse.listed:
        return None
    targets = []
    for number in reversed(range(len(machine.levels))):
        target = _target(number, problem, machine, sparse)
        if len(target) > 1:
            targets.append(target)
    if sparse.compute_gates or sparse.compute_skips:
        kinds = [("gating", sparse.compute_gates), ("skipping", sparse.compute_skips)]
        listed = [{"type": kind} for kind, wanted in kinds if wanted]
        targets.append({"name": machine.compute.name, "compute_optimization": listed})
    if sparse.any and not targets:  # listed, but nothing in it
        targets.append({"name": machine.levels[0].name, "action_optimization": []})
    if version == 0.4:
        targets = [{"target": target.pop("name"), **target} for target in targets]
    return {"sparse_optimizations": {"version": version, "targets": targets}}


def _target(
    number: int, problem: Problem, machine: Machine, sparse: SparseOptimizations
) -> dict[str, Any]:
    level = machine.levels[number]
    target: dict[str, Any] = {"name": level.name}
    compressed = [
        {
            "name": space.name,
            **_representation(sparse.representations[number, place], level, problem),
        }
        for place, space in enumerate(problem.data_spaces)
        if (number, place) in sparse.representations
    ]
    if compressed:
        target["representation_format"] = {"data_spaces": compressed}
    if savings := sparse.savings.get(number):
        target["action_optimization"] = [_saving(saving, problem) for saving in savings]
    return target


def _representation(
    representation: Representation, level: StorageLevel, problem: Problem
) -> dict[str, Any]:
    ranks = [_rank(rank, level, problem) for rank in reversed(representation.ranks)]
    if representation.inner_to_outer:  # the other order is the default; v0.4 has no key for it
        return {"rank_application_order": "inner_to_outer", "ranks": ranks}
    return {"ranks": ranks}


def _rank(rank: RankFormat, level: StorageLevel, problem: Problem) -> dict[str, Any]:
    found: dict[str, Any] = {"format": rank.name.upper()}
    metadata = _asked_for(rank.metadata_bits, level, unset=rank.name != "b")
    payload = _asked_for(rank.payload_bits, level, unset=True)
    if metadata is not None:
        found["metadata_word_bits"] = metadata
    if payload is not None:
        found["payload_word_bits"] = payload
    if rank.flattened:
        found["flattened_rankIDs"] = [
            [problem.dimensions[dimension] for dimension in sorted(group)]
            for group in rank.flattened
        ]
    return found


def _asked_for(bits: int, level: StorageLevel, unset: bool) -> int | None:
    """Find the width to ask for so that readers, who widen it, come to ``bits``."""
    for wanted in (bits, bits // 2):
        if widened(wanted, level.metadata_width) == bits:
            return wanted
    if unset and bits == level.default_metadata_word_bits:
        return None
    raise InputError(
        f"{level.name}: units of {bits} bits cannot be written for a metadata storage of "
        f"{level.metadata_width} bits"
    )


def _saving(saving: Saving, problem: Problem) -> dict[str, Any]:
    names = [space.name for space in problem.data_spaces]
    return {
        "type": saving.kind,
        "options": [
            {
                "target": names[option.target],
                "condition_on": [names[other] for other in option.condition_on],
            }
            for option in saving.options
        ],
    }
