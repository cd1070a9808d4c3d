"""The JSON Schema of machines, for editors."""

from __future__ import annotations

from typing import Any, Final

from hwsim.arch.spec import ArchSpec
from hwsim.yaml_schema import json_schema

_SECTIONS: Final = "#/$defs/"
_ALONE: Final = "Alone"


def arch_schema() -> dict[str, Any]:
    """Describe the files that :func:`hwsim.load_arch` reads, by draft 2020-12.

    A file that extends another one may leave out what it takes from there, inside sections too, so
    that keys are required only of a file that stands alone.
    """
    schema = json_schema(ArchSpec, "A machine of hwsim")
    dialect, sections = schema.pop("$schema"), schema.pop("$defs")
    alone = {name + _ALONE: _required(section) for name, section in sections.items()}
    return {
        "$schema": dialect,
        "$defs": {**_optional(sections), **alone, _ALONE: _required(schema)},
        **_optional(schema),
        "if": {"not": {"required": ["extends"]}},
        "then": {"$ref": f"{_SECTIONS}{_ALONE}"},
    }


def _optional(schema: Any) -> Any:
    """Let every key be left out."""
    if isinstance(schema, list):
        return [_optional(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _optional(each)
        for key, each in schema.items()
        if not (key == "required" and isinstance(each, list))
    }


def _required(schema: Any) -> Any:
    """Have what a schema refers to be whole as well."""
    if isinstance(schema, list):
        return [_required(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: f"{each}{_ALONE}" if key == "$ref" else _required(each) for key, each in schema.items()
    }
