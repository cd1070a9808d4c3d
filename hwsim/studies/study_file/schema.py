"""The JSON Schema of study files, for editors."""

from __future__ import annotations

from typing import Any, Final

from hwsim.studies.study_file.document import StudyDocument

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def study_schema() -> dict[str, Any]:
    """Describe the files that :func:`hwsim.studies.study_file.read_study` reads."""
    schema = StudyDocument.model_json_schema(by_alias=True)
    return {"$schema": _DIALECT, **schema, "title": "A study of hwsim"}
