"""JSON Schemas of the YAML files that people write, from the declarations that also read them."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydantic import BaseModel

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
#: What editors that use the YAML language server look for in the first line of a file.
_HINT: Final = "# yaml-language-server: $schema={}"
_SECTION: Final = re.compile(
    r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", re.MULTILINE | re.DOTALL
)
_ENTRY: Final = re.compile(r"^(\S[^\n:]*?) : [^\n]*\n((?:[ \n][^\n]*\n?)+)", re.MULTILINE)


def json_schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    """Describe the files of a model, by draft 2020-12.

    Parameters
    ----------
    model : type of BaseModel
        What a whole file holds.
    title : str
        What such a file is called.
    """
    return {"$schema": _DIALECT, **model.model_json_schema(by_alias=True), "title": title}


def editor_hint(schema: str) -> str:
    """Word the first line of a file so that editors complete and check it by a schema.

    Parameters
    ----------
    schema : str
        Its file, relative to the one that it describes, or its address.
    """
    return _HINT.format(schema)


def explained(schema: dict[str, Any], section: type[BaseModel]) -> dict[str, Any]:
    """Give the schema of a section, and each of its keys, what the docstring says of them."""
    summary = inspect.cleandoc(section.__doc__ or "").partition("\n\n")[0]
    schema["description"] = " ".join(summary.split())
    of_keys: dict[str, str] = {}
    for each in reversed(section.__mro__):
        of_keys.update(_of_keys(inspect.cleandoc(each.__doc__ or "")))
    for name, field in section.model_fields.items():
        key = schema.get("properties", {}).get(field.alias or name)
        if key is not None and name in of_keys:
            key.setdefault("description", of_keys[name])
    return schema


def _of_keys(docstring: str) -> dict[str, str]:
    """Take the section Parameters of a NumPy docstring apart."""
    found: dict[str, str] = {}
    for section in _SECTION.findall(docstring):
        for names, text in _ENTRY.findall(section):
            found.update(dict.fromkeys(names.split(", "), " ".join(text.split())))
    return found
