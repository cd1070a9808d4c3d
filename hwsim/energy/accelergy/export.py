"""Write the architecture and the action counts that the ``accelergy`` command reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from hwsim.activity import ActionKey, ComponentKey
from hwsim.arch import Arch
from hwsim.energy.accelergy._components import accelergy_components
from hwsim.energy.accelergy.reference_tables import LEAK

_VERSION = 0.4
#: The root of every component's path.
ROOT = "chip"


def write_accelergy(
    folder: Path,
    arch: Arch,
    instances: Mapping[ComponentKey, int],
    counts: Mapping[ActionKey, float] | None = None,
    cycles: int = 0,
) -> list[Path]:
    """Write ``architecture.yaml`` and, given counts, ``action_counts.yaml``.

    Parameters
    ----------
    folder : Path
        Exists.
    arch : Arch
        With a technology.
    instances : mapping
        Of an activity, by (unit, component).
    counts : mapping, optional
        Of an activity, by (unit, component, action), summed over layers where there are several.
    cycles : int
        For the leakage.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    InputError
        If a component is not known in Accelergy's terms.
    """
    documents = {"architecture.yaml": {"architecture": architecture(arch, instances)}}
    if counts is not None:
        document = {"action_counts": action_counts(arch, instances, counts, cycles)}
        documents["action_counts.yaml"] = document
    for name, document in documents.items():
        (folder / name).write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return [folder / name for name in documents]


def architecture(arch: Arch, instances: Mapping[ComponentKey, int]) -> dict[str, Any]:
    """Describe the machine: a subtree for each unit, a local component for each kind."""
    components = accelergy_components(arch, instances)
    units: dict[str, list[dict[str, Any]]] = {}
    for (unit, name), component in components.items():
        actions = sorted({action for action, _ in component.actions.values()} | {LEAK})
        units.setdefault(unit, []).append(
            {
                "name": _ranged(name, instances[unit, name]),
                "class": component.kind,
                "attributes": dict(component.attributes),
                "required_actions": actions,
            }
        )
    technology = arch.technology
    assert technology is not None  # accelergy_components has refused an arch without one
    shared = {
        "technology": f"{technology.node_nm:g}nm",
        "global_cycle_seconds": 1 / technology.clock_hz,
    }
    subtree = [{"name": unit, "local": local} for unit, local in units.items()]
    return {
        "version": _VERSION,
        "subtree": [{"name": ROOT, "attributes": shared, "subtree": subtree}],
    }


def action_counts(
    arch: Arch,
    instances: Mapping[ComponentKey, int],
    counts: Mapping[ActionKey, float],
    cycles: int,
) -> dict[str, Any]:
    """Count Accelergy's actions.

    Raises
    ------
    InputError
        If something happened that Accelergy's component has no action for.
    """
    local = []
    for (unit, name), component in accelergy_components(arch, instances).items():
        totals: dict[str, float] = {LEAK: instances[unit, name] * cycles} if cycles else {}
        for (of_unit, of_name, action, _), count in counts.items():
            if (of_unit, of_name) != (unit, name):
                continue
            component.refuse_unknown(unit, name, action, count)
            if action in component.actions:
                theirs, times = component.actions[action]
                totals[theirs] = totals.get(theirs, 0) + count * times
        path = f"{ROOT}.{unit}.{_ranged(name, instances[unit, name])}"
        rows = [{"name": action, "counts": _plain(count)} for action, count in totals.items()]
        local.append({"name": path, "action_counts": rows})
    return {"version": _VERSION, "local": local}


def _ranged(name: str, instances: int) -> str:
    return name if instances == 1 else f"{name}[0..{instances - 1}]"


def _plain(count: float) -> int | float:
    return int(count) if float(count).is_integer() else float(count)
