"""The JSON Schema of topology files, for editors."""

from __future__ import annotations

from typing import Any, Final

from hwsim.networks.topology import Topology

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def topology_schema() -> dict[str, Any]:
    """Describe the files that :func:`hwsim.networks.load_topology` reads, by draft 2020-12."""
    return {"$schema": _DIALECT, **Topology.model_json_schema()}
