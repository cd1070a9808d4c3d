"""Checks: whether what a study expects is true of what it finds."""

from __future__ import annotations

from hwsim.studies.checks.check_study import check_study
from hwsim.studies.checks.finding import CheckResult, Finding

__all__ = ["CheckResult", "Finding", "check_study"]
