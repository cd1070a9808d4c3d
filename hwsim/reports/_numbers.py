"""How figures are written for people: percentages, ratios, energies with one scale a table."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

#: Units of energy that hwsim knows, by powers of a thousand from the picojoule up.
_JOULES = ("pJ", "nJ", "uJ", "mJ", "J")


def percent(share: float, digits: int = 1) -> str:
    """Write a share of 0 to 1 as a percentage, a dash for that of nothing."""
    if not math.isfinite(share):
        return "-"
    return f"{100 * share:.{digits}f}%"


def count(number: int, name: str) -> str:
    """Write how many there are: ``1 layer``, ``21 layers``."""
    return f"{number} {name}{'' if number == 1 else 's'}"


def ratio(value: float) -> str:
    """Write a ratio with two decimals, a dash for none or one to nothing."""
    return f"{value:.2f}" if math.isfinite(value) else "-"


def against(value: float, below: str, above: str, what: str) -> str:
    """Say how many times less or more something is than the baseline.

    Parameters
    ----------
    value : float
        Baseline over it.
    below, above, what : str
        ``less``, ``more``, ``energy``.
    """
    if value == 1:
        return f"the same {what}"
    times = f"{max(value, 1 / value):.2f}"
    if times == "1.00":  # twice nothing to tell apart: as a percentage, or as good as the same
        change = percent(abs(1 / value - 1), 2)
        return f"{change} {below if value > 1 else above} {what}".replace("0.00%", "under 0.01%")
    return f"{times}x {below if value > 1 else above} {what}"


def significant(value: float, digits: int = 4) -> str:
    """Write a number with about as many significant digits, thousands set apart; or a dash."""
    if not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(decimals, digits)}f}"


def interval(low: float, high: float) -> str:
    """Write an interval with three significant digits, a dash where its ends are not known."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "-"
    return f"{significant(low, 3)}-{significant(high, 3)}"


class EnergyScale(NamedTuple):
    """One scale for the energies of a table or a plot, so that its numbers compare by eye.

    ``label`` says what energy / ``divisor`` counts: ``nJ``, or ``10^6`` of a table without unit.
    """

    divisor: float
    label: str

    @classmethod
    def of(cls, energies: Iterable[float], unit: str | None, below: float = 1e5) -> EnergyScale:
        """Choose the scale on which the largest energy stays below a bound: five digits."""
        largest = max(energies, default=0.0)
        steps = 0
        while largest >= below * 1000**steps:
            steps += 1
        if unit in _JOULES:
            steps = min(steps, len(_JOULES) - 1 - _JOULES.index(unit))
            return cls(1000.0**steps, _JOULES[_JOULES.index(unit) + steps])
        power = f"10^{3 * steps}" if steps else ""
        return cls(1000.0**steps, " ".join(filter(None, (power, unit))) or "table's unit")

    def show(self, energy: float) -> str:
        """Write an energy on this scale."""
        return significant(energy / self.divisor)
