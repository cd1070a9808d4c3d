"""Expectations: what has to be true of a study, as a text that is parsed and never executed."""

from __future__ import annotations

from hwsim.studies.expectations.conditions import Condition
from hwsim.studies.expectations.expectation import Bound, Expectation, Layers
from hwsim.studies.expectations.measures import Measure
from hwsim.studies.expectations.parser import parse_conditions, parse_expectation
from hwsim.studies.expectations.subjects import Subject, subjects_of

__all__ = [
    "Bound",
    "Condition",
    "Expectation",
    "Layers",
    "Measure",
    "Subject",
    "parse_conditions",
    "parse_expectation",
    "subjects_of",
]
