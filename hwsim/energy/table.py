"""An energy table: the price of every action, and of being there, component by component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from hwsim.amount import Amount
from hwsim.arch.parts.figure import Figure
from hwsim.energy.breakdown import STATIC, EnergyBreakdown, EnergyRow
from hwsim.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from hwsim.activities import Activities
    from hwsim.activity import Activity
    from hwsim.arch import Arch
    from hwsim.workload.operands import Operands


class ComponentPrices(NamedTuple):
    """What one kind of component costs.

    Parameters
    ----------
    area : Figure or None
        Area of one instance; None where it is not known.
    static : Figure or None
        Energy of one instance in one cycle, whatever it does; None where it is not known.
    actions : mapping of str to Figure
        Energy of one action.
    """

    area: Figure | None
    static: Figure | None
    actions: Mapping[str, Figure]


@dataclass(frozen=True)
class EnergyTable:
    """Prices that hold whatever the architecture; the simplest :class:`EnergyModel`.

    Parameters
    ----------
    name, title : str
        What to ask for, and what to print.
    version : str
        Version of the figures.
    unit, area_unit : str or None
        ``"pJ"`` and ``"um2"``; None if the authors of the figures state no unit.
    unit_text, area_unit_text : str
        The same in words.
    provenance : str
        Where the figures come from, one line.
    components : mapping of str to ComponentPrices
        By component name, or by unit and component (``ReduceNetwork.FIFO``), which goes first.
    node, voltage, clock : str or None
        Technology that the figures hold for, with units (``"28 nm"``), where known.
    path : str or None
        The file, if there is one.
    lines : mapping of str to int
        Where in the file the prices of each component begin, as far as known; for messages.
    """

    name: str
    title: str
    version: str
    unit: str | None
    unit_text: str
    area_unit: str | None
    area_unit_text: str
    provenance: str
    components: Mapping[str, ComponentPrices]
    node: str | None = None
    voltage: str | None = None
    clock: str | None = None
    path: str | None = None
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Title and unit, e.g. ``STONNE's table (the paper's), unit not stated by its authors``."""
        return f"{self.title}, {self.unit_text}"

    def prices_many(self, engine: str) -> bool:
        """Whether layers of an engine can be priced side by side: of any."""
        return True

    def price(
        self,
        activity: Activity | Activities,
        arch: Arch | None = None,
        operands: Operands | None = None,
    ) -> EnergyBreakdown:
        """Price an activity.

        Parameters
        ----------
        activity : Activity or Activities
            Cycles, counts of actions, instances of components; of one layer or of several.
        arch : Arch, optional
            Not needed here: these prices do not depend on it.
        operands : Operands, optional
            Nor on these.

        Returns
        -------
        EnergyBreakdown
            Energies in ``unit``, areas in ``area_unit``.

        Raises
        ------
        InputError
            If the table does not price a component or an action; it never counts as zero.

        Notes
        -----
        As in STONNE's energy script: dynamic energy of an action is count x energy, static energy
        of a component is instances x static energy x cycles, its area instances x area.
        """
        rows = []
        areas: dict[str, float] = {}
        for (unit, component), instances in activity.instances.items():
            prices = self._component(unit, component)
            here = instances * activity.cycles
            if prices.static is not None:
                rows.append(_row((unit, component, STATIC), here, prices.static))
            if prices.area is not None:
                areas[unit] = areas.get(unit, 0.0) + instances * prices.area.value
        # The prices know no operands.
        for (unit, component, action), count in activity.by_action().items():
            prices = self._component(unit, component)
            # Accelergy's names of actions may be those of the engine in lower case.
            figure = prices.actions.get(action, prices.actions.get(action.lower()))
            if figure is None:
                raise InputError(
                    f"{self._place(unit, component)}no price for action {action!r} of component "
                    f"{component!r} in {unit}{did_you_mean(action, prices.actions)}"
                )
            rows.append(_row((unit, component, action), count, figure))
        return EnergyBreakdown(
            rows=tuple(rows),
            area_by_unit=areas,
            table=self.name,
            unit=self.unit,
            area_unit=self.area_unit,
            label=self.label,
            provenance=self.provenance,
        )

    def _component(self, unit: str, component: str) -> ComponentPrices:
        prices = self.components.get(f"{unit}.{component}", self.components.get(component))
        if prices is None:
            raise InputError(
                f"{self._place(unit, component)}no prices for component {component!r} in {unit}"
                f"{did_you_mean(component, self.components)}"
            )
        return prices

    def _place(self, unit: str, component: str) -> str:
        """Word where prices are missing: file, line and key, or the table that is no file."""
        if self.path is None:
            return f"energy table {self.name!r} has "
        if not self.lines:
            return f"{self.path}: "
        # A component that is not there belongs to the list, which begins at its first entry.
        for name in (f"{unit}.{component}", component):
            if name in self.lines:
                return f"{self.path}, line {self.lines[name]}: components.{name}: "
        return f"{self.path}, line {min(self.lines.values())}: components: "


def _row(key: tuple[str, str, str], count: Amount, figure: Figure) -> EnergyRow:
    entry = f"{key[1]}.{key[2]}"
    return EnergyRow(*key, count, count * figure.value, entry=entry, figure=figure)
