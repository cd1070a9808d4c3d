"""How the findings of a check are worded, in a terminal and in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hwsim.reports._numbers import EnergyScale, percent, significant

if TYPE_CHECKING:
    from hwsim.studies.checks import CheckResult, Finding

_COUNTED: Final = {
    "error": "cannot be evaluated",
    "fails": "failed",
    "new": "new",
    "holds": "held",
}
#: Below this a number is written with its power of ten.
_SMALL: Final = 1e-3


def value_words(finding: Finding) -> str:
    """Write the value with its unit; a dash for none."""
    return _quantity(finding, finding.value)


def bound_words(finding: Finding) -> str:
    """Write comparison and bound, on the scale of the value."""
    if finding.bound is None:
        return "-"
    return f"{finding.expectation.comparison} {_quantity(finding, finding.bound)}"


def margin_words(finding: Finding) -> str:
    """Write the margin as a percentage; a dash for none."""
    return "-" if finding.margin is None else percent(finding.margin, 2)


def counts(result: CheckResult) -> str:
    """Write how many findings there are of each state."""
    from hwsim.studies.checks.finding import STATES

    words = [f"{result.count(state)} {_COUNTED[state]}" for state in STATES if result.count(state)]
    return ", ".join(words) or "nothing is expected"


def _quantity(finding: Finding, number: float | None) -> str:
    if number is None:
        return "-"
    unit = finding.unit
    if unit == "pJ":  # of a table: as people read energies
        known = [each for each in (finding.value, finding.bound) if each is not None]
        scale = EnergyScale.of(known, unit)
        number, unit = number / scale.divisor, scale.label
    text = f"{number:.4g}" if abs(number) < _SMALL else significant(number)
    return f"{text} {unit}".rstrip()
