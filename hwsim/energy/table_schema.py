"""The JSON Schema of energy tables, for editors."""

from __future__ import annotations

from typing import Any

from hwsim.energy._schema import TableSpec
from hwsim.yaml_schema import json_schema


def table_schema() -> dict[str, Any]:
    """Describe the files that :func:`hwsim.load_energy_table` reads, but for those of Accelergy."""
    return json_schema(TableSpec, "An energy table of hwsim")
