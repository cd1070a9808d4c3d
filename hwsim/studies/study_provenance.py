"""What a study rests on: networks with hashes, machines, engines, prices, versions."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from typing import Any

from hwsim.energy import EnergyModel
from hwsim.networks.uncounted import described
from hwsim.studies.cells import Cell
from hwsim.version import __version__


def provenance(
    cells: Sequence[Cell], prices: Sequence[EnergyModel], command: str | None
) -> dict[str, Any]:
    """Collect what is needed to understand and to repeat a study, ready for JSON.

    Parameters
    ----------
    cells : sequence of Cell
        What is evaluated.
    prices : sequence of EnergyModel
        What prices it.
    command : str or None
        What was typed.
    """
    networks = {each.plan.key: each.plan for each in cells}
    machines = {each.machine.arch.fingerprint(): each.machine for each in cells}
    models = {model.label: model for model in prices}
    return {
        "hwsim": __version__,
        "python": platform.python_version(),
        "command": command,
        "networks": [
            {
                "name": plan.network.name,
                "file": plan.network.path,
                "sha256": plan.network.sha256,
                "topology": plan.network.topology,
                "provenance": plan.network.provenance,
                "uncounted": described(plan.network.uncounted),
                "notes": list(plan.network.notes),
            }
            for plan in networks.values()
        ],
        "machines": [
            {
                "arch": machine.arch.label,
                "file": machine.arch.path,
                "fingerprint": machine.arch.fingerprint(),
                "source": machine.arch.spec.source,
                "engine": machine.engine.name,
                "engine_version": machine.engine.version,
            }
            for machine in machines.values()
        ],
        "energy_tables": [
            {"table": model.name, "label": model.label, "provenance": model.provenance}
            for model in models.values()
        ],
    }
