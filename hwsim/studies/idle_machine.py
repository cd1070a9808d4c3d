"""Warnings of layers that leave most of a machine idle."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from hwsim.studies.layer_task import Outcome

#: Share of a machine below which a layer's figures say little of the machine.
LEAST_UTILIZATION: Final = 0.2


def idle_warnings(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Name the layers that use less than a fifth of the machine, and why.

    Parameters
    ----------
    outcomes : iterable of Outcome
        Of a run.

    Returns
    -------
    list of dict
        For each reason ``layers``, ``schemes``, ``utilization`` (the least, 0 to 1) and ``reason``,
        a text by the engine; of an engine that gives none, how large the layer is.
    """
    found: dict[str, dict[str, Any]] = {}
    for outcome in outcomes:
        activity = outcome.activity
        if activity.utilization >= LEAST_UTILIZATION:
            continue
        reason = str(activity.statistics.get("idle", "")) or _by_size(outcome)
        entry = found.setdefault(
            reason, {"layers": [], "schemes": [], "utilization": 1.0, "reason": reason}
        )
        for name, value in (("layers", outcome.task.layer), ("schemes", outcome.task.scheme)):
            if value not in entry[name]:
                entry[name].append(value)
        entry["utilization"] = min(entry["utilization"], activity.utilization)
    return list(found.values())


def _by_size(outcome: Outcome) -> str:
    task = outcome.task
    groups = "" if task.groups == 1 else f", {task.groups} groups"
    return (
        f"the engine {outcome.activity.engine} does not say why; each of the {task.M} x {task.K} "
        f"weights (M x K{groups}) is used {task.N} times (N)"
    )
