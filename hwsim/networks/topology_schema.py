"""The JSON Schema of topology files, for editors."""

from __future__ import annotations

from typing import Any

from hwsim.networks.topology import Topology
from hwsim.yaml_schema import json_schema


def topology_schema() -> dict[str, Any]:
    """Describe the files that :func:`hwsim.networks.load_topology` reads, by draft 2020-12."""
    return json_schema(Topology, "A topology of hwsim")
