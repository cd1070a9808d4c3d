"""Studies as data: a YAML file, a mapping or options, checked and multiplied into requests."""

from __future__ import annotations

from hwsim.studies.study_file.flags import study_of_flags
from hwsim.studies.study_file.reading import read_study, study_of
from hwsim.studies.study_file.schema import study_schema
from hwsim.studies.study_file.study import Point, Study

__all__ = ["Point", "Study", "read_study", "study_of", "study_of_flags", "study_schema"]
