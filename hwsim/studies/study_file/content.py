"""From the raw content of a study file to its document, and from there to plain JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from hwsim.errors import did_you_mean
from hwsim.studies.study_file.document import ModelSection, NetworkOptions, StudyDocument
from hwsim.studies.study_file.problems import Problems
from hwsim.yaml_file import faults

_FIELDS: Final = StudyDocument.model_fields
#: Keys of the file: its own, then those that a network may have for itself.
KEYS: Final = tuple(
    _FIELDS[name].alias or name
    for name in sorted(_FIELDS, key=lambda name: name in NetworkOptions.model_fields)
)
#: Axes that every study has, whether it says so or not.
_ALWAYS: Final = ("arch", "scheme")


def document_of(data: Mapping[str, Any], problems: Problems) -> StudyDocument:
    """Check what kind of value stands under every key.

    Raises
    ------
    InputError
        If any is of another kind: of all of them at once, for what the study means cannot be told
        from the others.
    """
    known = {key: value for key, value in data.items() if key in KEYS}
    for key in data:
        if key not in known:
            problems.add((key,), f"unknown key {key!r}{did_you_mean(str(key), KEYS)}", ())
    try:
        document = StudyDocument.model_validate(known)
    except ValidationError as error:
        for fault in faults(error):
            problems.add(fault.key, fault.problem, fault.name)
    problems.refuse()
    return document


def plain_spec(
    document: StudyDocument, name: str, levels: Sequence[float], seeds: Sequence[int]
) -> dict[str, Any]:
    """Write a document as plain JSON: what it says, lists as lists, levels as numbers."""
    said = document.model_dump(by_alias=True, mode="json", exclude_defaults=True)
    said["study"] = name
    said["model"] = [_plain_model(section) for section in document.model]
    for axis in _ALWAYS:
        said[axis] = getattr(document, axis)
    if document.sparsity is not None:
        method = document.sparsity.method
        said["sparsity"] = {"levels": list(levels), **({"method": method} if method else {})}
    if seeds:
        said["seed"] = list(seeds)
    return {key: said[key] for key in KEYS if key in said}


def _plain_model(section: ModelSection) -> str | dict[str, Any]:
    said = section.model_dump(mode="json", exclude_unset=True)
    return section.file if said.keys() == {"file"} else said
