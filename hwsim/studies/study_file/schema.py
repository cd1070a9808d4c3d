"""The JSON Schema of study files, for editors."""

from __future__ import annotations

from typing import Any

from hwsim.studies.study_file.document import StudyDocument
from hwsim.yaml_schema import json_schema


def study_schema() -> dict[str, Any]:
    """Describe the files that :func:`hwsim.studies.study_file.read_study` reads."""
    return json_schema(StudyDocument, "A study of hwsim")
