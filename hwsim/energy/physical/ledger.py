"""Collects what is charged, row by row, and sees that everything counted is."""

from __future__ import annotations

from typing import cast

from hwsim.activities import Activities
from hwsim.activity import ActionKey, Activity
from hwsim.amount import Amount, anywhere, over, real, told
from hwsim.arch.parts.figure import Figure
from hwsim.energy.breakdown import CLOCK, STATIC, EnergyRow
from hwsim.errors import InputError

#: Counts are sums of floats where an engine expects; what is left by rounding is no count.
_ROUNDING = 1e-9


class Ledger:
    """Rows of a breakdown in the making: of one layer, or of several side by side.

    Parameters
    ----------
    activity : Activity or Activities
        Whose counts have to be paid for; of several, every number here is an array.
    clock_hz : float
        At which clock the machine runs and leaks.
    """

    def __init__(self, activity: Activity | Activities, clock_hz: float) -> None:
        self.activity = cast(Activity, activity)
        self._seconds: Amount = activity.cycles / clock_hz
        self._seconds_told = told(self._seconds)
        self._unpaid: dict[ActionKey, Amount] = {
            key: count for key, count in activity.counts.items() if anywhere(count)
        }
        self.rows: list[EnergyRow] = []
        self.included: dict[ActionKey, str] = {}
        self.area_by_unit: dict[str, float] = {}

    def charge(
        self,
        key: ActionKey,
        price: Figure,
        *,
        count: Amount | None = None,
        label: str | None = None,
        operand: str | None = None,
    ) -> None:
        """Charge a counted action, or a part of its count.

        Parameters
        ----------
        key : ActionKey
            What is counted.
        price : Figure
            Energy of one count, pJ.
        count : float, optional
            How many of the counts are paid for; all that are left when not given.
        label : str, optional
            What the row calls it; the action's name when not given.
        operand : str, optional
            Whose data the row says it is; the key's when not given.
        """
        left = self._unpaid.get(key, 0)
        paid = left if count is None else count
        self._unpaid[key] = left - paid
        self._row(
            key, label or key.action, paid, price, key.operand if operand is None else operand
        )

    def include(self, key: ActionKey, why: str) -> None:
        """Declare that what is left of a count costs nothing of its own, and say why."""
        if anywhere(self._unpaid.pop(key, 0)):
            self.included[key] = why

    def add(
        self,
        unit: str,
        component: str,
        action: str,
        count: Amount,
        price: Figure,
        operand: str = "",
    ) -> None:
        """Charge what no engine counts, such as the traffic of DRAM."""
        self._row(ActionKey(unit, component, action, operand), action, count, price, operand)

    def build(self, unit: str, component: str, instances: int, area: float, leaks: Figure) -> None:
        """Add the area of a component's instances, um2, and their leakage, mW, over the time."""
        self.area_by_unit[unit] = self.area_by_unit.get(unit, 0.0) + float(area)
        energy = real(leaks.value * self._seconds * 1e9)
        count = instances * self.activity.cycles
        price = Figure(
            over(energy, count, 0.0),
            leaks.source,
            unit="pJ",
            entry=leaks.entry,
            formula=f"{leaks.value:.4g} mW ({leaks.formula}) x {self._seconds_told} s",
        )
        self.rows.append(EnergyRow(unit, component, STATIC, count, energy, "", leaks.entry, price))

    def clock(self, unit: str, component: str, bits: float, price: Figure) -> None:
        """Charge the clock of a component's registers, so many bits, in every cycle."""
        self.add(unit, component, CLOCK, bits * self.activity.cycles, price)

    def close(self, model: str) -> None:
        """See that every count has been paid for, once.

        Raises
        ------
        InputError
            If one has not, or was charged more often than it happened; names the action.
        """
        for key, left in self._unpaid.items():
            counted = self.activity.counts.get(key, 0)
            if anywhere(abs(left) > _ROUNDING * counted):
                whose = f" of {key.operand}" if key.operand else ""
                raise InputError(
                    f"energy model {model!r}: no price for action {key.action!r}{whose} of "
                    f"component {key.component!r} in {key.unit} "
                    f"({told(left, 'g')} of {told(counted, 'g')} counted)"
                )

    def _row(self, key: ActionKey, label: str, count: Amount, price: Figure, operand: str) -> None:
        """Keep what happened; what never did leaves no row."""
        if anywhere(count):
            energy = real(count * price.value)
            row = key.unit, key.component, label, count, energy, operand, price.entry, price
            self.rows.append(EnergyRow(*row, happened=count != 0))
