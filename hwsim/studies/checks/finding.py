"""What a check finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from hwsim.studies.checks.baseline import write_baseline
from hwsim.studies.checks.figures import PointFigures
from hwsim.studies.expectations import Expectation

State = Literal["holds", "fails", "error", "new"]
#: As tables list them: what needs somebody first.
STATES: Final[tuple[State, ...]] = ("error", "fails", "new", "holds")


@dataclass(frozen=True)
class Finding:
    """An expectation of one point, or of one of its layers.

    Parameters
    ----------
    expectation : Expectation
        What is expected.
    where : str
        Of which point, in words.
    state : {"holds", "fails", "error", "new"}
        ``error``: it cannot be evaluated; ``new``: the baseline has no such point, as declared.
    value, bound : float or None
        Both in ``unit``; None if not known.
    unit : str
        ``""`` for none.
    reason : str
        Why it cannot be evaluated, or need not be.
    """

    expectation: Expectation
    where: str
    state: State
    value: float | None = None
    bound: float | None = None
    unit: str = ""
    reason: str = ""

    @property
    def margin(self) -> float | None:
        """How far the value is from failing, as a share of the bound; below 0 where it fails."""
        if self.value is None or self.bound is None:
            return None
        return self.expectation.margin(self.value, self.bound)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "expectation": self.expectation.text,
            "place": self.expectation.place,
            "where": self.where,
            "state": self.state,
            "value": self.value,
            "bound": self.bound,
            "unit": self.unit,
            "margin": self.margin,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class CheckResult:
    """The findings of a check.

    Parameters
    ----------
    study : str
        Its name.
    date : str
        When it ran, ISO 8601, UTC.
    findings : tuple of Finding
        In the order of the expectations and of the points.
    notes : tuple of str
        What is to be known of them.
    provenance : mapping
        What the figures rest on.
    figures : tuple of PointFigures
        Of every point.
    """

    study: str
    date: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    provenance: Mapping[str, Any]
    figures: tuple[PointFigures, ...] = ()

    def save_baseline(self, path: str | Path) -> None:
        """Write the figures as the baseline of other checks.

        Raises
        ------
        InputError
            If a layer is not done, or the file cannot be written; nothing is left half-written.
        """
        write_baseline(path, self.study, self.date, self.provenance, self.figures)

    def count(self, state: State) -> int:
        """Count the findings of a state."""
        return sum(each.state == state for each in self.findings)

    @property
    def by_urgency(self) -> Sequence[Finding]:
        """The findings, those that need somebody first."""
        return sorted(self.findings, key=lambda each: STATES.index(each.state))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "study": self.study,
            "date": self.date,
            "states": {state: self.count(state) for state in STATES},
            "findings": [each.to_dict() for each in self.findings],
            "notes": list(self.notes),
            "provenance": dict(self.provenance),
        }
