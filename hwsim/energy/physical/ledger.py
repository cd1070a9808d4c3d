"""Collects what is charged, row by row, and the area of each unit."""

from __future__ import annotations

from hwsim.arch.parts.figure import Figure
from hwsim.energy.breakdown import STATIC, EnergyRow

#: Price of what a machine's counters hold but nothing pays for.
FREE = Figure(0.0, "not charged", unit="pJ", formula="0 pJ")


class Ledger:
    """Rows of a breakdown in the making.

    Parameters
    ----------
    cycles : int
        How long the machine runs and leaks.
    clock_hz : float
        At which clock.
    """

    def __init__(self, cycles: int, clock_hz: float) -> None:
        self._cycles = cycles
        self._seconds = cycles / clock_hz
        self.rows: list[EnergyRow] = []
        self.area_by_unit: dict[str, float] = {}

    def charge(
        self,
        unit: str,
        component: str,
        action: str,
        count: float,
        price: Figure,
        operand: str = "",
    ) -> None:
        """Charge an action; one that never happened leaves no row."""
        if count:
            energy = float(count * price.value)
            row = EnergyRow(unit, component, action, count, energy, operand, price.entry, price)
            self.rows.append(row)

    def build(self, unit: str, component: str, instances: int, area: float, leaks: Figure) -> None:
        """Add the area of a component's instances, um2, and their leakage, mW, over the time."""
        self.area_by_unit[unit] = self.area_by_unit.get(unit, 0.0) + float(area)
        energy = float(leaks.value * self._seconds * 1e9)
        count = instances * self._cycles
        price = Figure(
            energy / count if count else 0.0,
            leaks.source,
            unit="pJ",
            entry=leaks.entry,
            formula=f"{leaks.value:.4g} mW ({leaks.formula}) x {self._seconds:.4g} s",
        )
        self.rows.append(EnergyRow(unit, component, STATIC, count, energy, "", leaks.entry, price))
