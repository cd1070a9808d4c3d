"""What a result rests on: inputs with hashes, versions, parameters, provenance."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import distribution
from typing import Any

from hwsim.arch import Arch
from hwsim.energy import EnergyBreakdown, EnergyModel, EnergyTable
from hwsim.networks import Network
from hwsim.networks.uncounted import described
from hwsim.schemes.description import LayerRow
from hwsim.schemes.quantized import QuantizedNetwork
from hwsim.version import __version__

_LIBRARIES = ("numpy", "pandas")


def build_manifest(
    network: Network,
    arch: Arch,
    energy: Sequence[EnergyModel],
    schemes: Sequence[dict[str, Any]],
    breakdowns: Sequence[EnergyBreakdown],
) -> dict[str, Any]:
    """Collect what is needed to understand and to repeat a run, ready for JSON.

    Of the network only the chosen layers; one of ``breakdowns``, of any layer, for each of the
    prices, since they know the area of the machine. ``command`` is for a caller that has one.
    """
    tables = [
        {
            "table": model.name,
            "label": model.label,
            "unit": model.unit,
            "provenance": model.provenance,
            "uses_technology": not isinstance(model, EnergyTable),
            "area": breakdown.area,
            "area_unit": breakdown.area_unit,
        }
        for model, breakdown in zip(energy, breakdowns, strict=True)
    ]
    technology = arch.spec.technology
    return {
        "hwsim": __version__,
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": None,
        "network": {
            "name": network.name,
            "file": network.path,
            "sha256": network.sha256,
            "topology": network.topology,
            "provenance": network.provenance,
            "layers": [layer.name for layer in network.layers],
            "skipped": network.skipped,
            "uncounted": described(network.uncounted),
            "ordered": network.ordered,
            "notes": list(network.notes),
        },
        "arch": {
            "name": arch.name,
            "title": arch.title,
            "file": arch.path,
            "engine": arch.engine,
            "source": arch.spec.source,
            "notes": [arch.note] if arch.note else [],
            "parameters": {
                name: {"value": value, "unit": arch.spec.parameters[name].unit}
                for name, value in arch.parameters.items()
            },
            "options": dict(arch.options),
            "overrides": dict(arch.overrides),
            "technology": None if technology is None else technology.model_dump(exclude_none=True),
            "area": tables[0]["area"],
            "area_unit": tables[0]["area_unit"],
        },
        "schemes": list(schemes),
        "energy": tables[0],
        "energy_tables": tables,
        "several_energy_tables": len(tables) > 1,
    }


def _version(package: str) -> str:
    """Read the version of a package; ``metadata.version`` reads all else that it says, too."""
    installed = distribution(package)
    found = re.search(r"^Version: (.+)$", installed.read_text("METADATA") or "", re.MULTILINE)
    return found[1] if found else installed.version


def scheme_entry(
    label: str, quantized: QuantizedNetwork, rows: Sequence[LayerRow]
) -> dict[str, Any]:
    """Describe one scheme of a run: the layers it changed, how often weights came to be how.

    Parameters
    ----------
    label : str
        What the run calls the scheme.
    quantized : QuantizedNetwork
        The network under it.
    rows : sequence of dict
        What :func:`hwsim.schemes.describe` says of its layers.
    """
    changed = [row for row in rows if row["scheme"] != "dense" or row["origin"] != "as given"]
    origins = [row["origin"] for row in changed or rows]
    return {
        "label": label,
        "scheme": quantized.scheme,
        "parameters": dict(quantized.parameters),
        "layers": [row["layer"] for row in changed],
        "origins": {origin: origins.count(origin) for origin in dict.fromkeys(origins)},
        "notes": list(quantized.notes),
    }


def manifest_text(manifest: dict[str, Any]) -> str:
    """Write a manifest as the text of ``manifest.json``."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    # The bytes of a file name that are no text become escapes, which JSON has for them.
    return text.encode("utf-8", "backslashreplace").decode()
