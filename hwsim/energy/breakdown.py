"""Where the energy and the area of a workload go."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np

from hwsim.activity import ActionKey
from hwsim.amount import added, least_and_most
from hwsim.arch.parts.figure import Figure
from hwsim.errors import InputError

#: Sums over layers and products with times stay finite.
_LARGEST = 1e100
#: The action name under which rows carry static energy.
STATIC = "static"
#: The action name of rows of clock and control: bits of registers x cycles.
CLOCK = "clock"
#: What takes energy while time passes, whatever happens.
PASSING = (STATIC, CLOCK)
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class EnergyRow:
    """One line of a breakdown.

    ``action`` is ``"static"`` for leakage, and ``count`` then instances x cycles; it is
    ``"clock"`` for clock and control, and ``count`` then bits of registers x cycles.
    ``energy`` is in the breakdown's unit. ``operand`` says whose data it moves (``weights``,
    ``activations``, ``partial sums``, ``outputs``), where the model knows; ``entry`` which entry
    of the prices decides it. ``figure`` is the price of one count with source and formula.

    Of several layers side by side ``count`` and ``energy`` are arrays, shape (layers,), and
    ``happened`` says which of the layers have such a row; in the others both are 0.
    """

    unit: str
    component: str
    action: str
    count: float
    energy: float
    operand: str = ""
    entry: str = ""
    figure: Figure | None = field(default=None, compare=False, repr=False)
    happened: bool = field(default=True, compare=False, repr=False)


@dataclass(frozen=True)
class EnergyBreakdown:
    """Energy by unit, component and action, area by unit, and whose prices they rest on.

    Of one layer, or of several side by side: energies are arrays then, shape (layers,).

    Parameters
    ----------
    rows : tuple of EnergyRow
        One for each priced action, and one for the static energy of each component.
    area_by_unit : mapping of str to float
        Area of each unit of the machine, in ``area_unit``; empty if the prices state none.
    table : str
        Name of the table or model.
    unit, area_unit : str or None
        Unit of energies (``"pJ"``) and of areas (``"um2"``); None if its authors state none.
    label : str
        Title and unit in words, to print beside every figure.
    provenance : str
        Where the prices come from, one line.
    included : mapping of ActionKey to str
        What was counted and costs nothing of its own, and why: the pop of a queue is part of its
        push.
    """

    rows: tuple[EnergyRow, ...]
    area_by_unit: Mapping[str, float]
    table: str
    unit: str | None
    area_unit: str | None
    label: str
    provenance: str
    included: Mapping[ActionKey, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what would end in infinite or negative results; a table's own file is checked."""
        energies = np.concatenate([np.ravel(row.energy) for row in self.rows] or [np.zeros(1)])
        if not (energies.min() >= 0 and energies.max() <= _LARGEST):
            self._refuse_energy()
        for unit, area in self.area_by_unit.items():
            if not 0 <= area <= _LARGEST:
                raise InputError(
                    f"energy table {self.table!r}: {unit}: an area should be from 0 to "
                    f"{_LARGEST:g}. Got {area:g}"
                )

    def _refuse_energy(self) -> None:
        """Name the first row whose energy is out of bounds."""
        for row in self.rows:
            least, most = least_and_most(row.energy)
            if not (least >= 0 and most <= _LARGEST):
                wrong = most if least >= 0 else least
                raise InputError(
                    f"energy table {self.table!r}: {row.unit} {row.component} {row.action}: an "
                    f"energy should be from 0 to {_LARGEST:g}. Got {wrong:g}"
                )

    @cached_property
    def by_unit(self) -> dict[str, dict[str, float]]:
        """``{unit: {"static", "dynamic", "area"}}``, in ``unit`` and ``area_unit``."""
        units = {
            unit: {"static": 0.0, "dynamic": 0.0, "area": area}
            for unit, area in self.area_by_unit.items()
        }
        for row in self.rows:
            unit = units.setdefault(row.unit, {"static": 0.0, "dynamic": 0.0, "area": 0.0})
            part = "static" if row.action in PASSING else "dynamic"
            unit[part] = unit[part] + row.energy
        return units

    @property
    def by_component(self) -> dict[tuple[str, str], float]:
        """``{(unit, component): energy}``, static and dynamic together, in ``unit``."""
        return self._summed(lambda row: (row.unit, row.component))

    @property
    def static(self) -> float:
        """Energy that passes while time passes, whatever happens: leakage and clock."""
        static: float = added(unit["static"] for unit in self.by_unit.values())
        return static

    @property
    def dynamic(self) -> float:
        """Energy of the actions."""
        dynamic: float = added(unit["dynamic"] for unit in self.by_unit.values())
        return dynamic

    @property
    def total(self) -> float:
        """Static and dynamic energy."""
        return self.static + self.dynamic

    @property
    def area(self) -> float | None:
        """Area of the machine, in ``area_unit``; None if the prices state none."""
        return sum(self.area_by_unit.values()) if self.area_by_unit else None

    @property
    def by_operand(self) -> dict[str, float]:
        """``{operand: energy}``, in ``unit``; what moves no operand's data is under ``""``."""
        return self._summed(lambda row: row.operand)

    def _summed(self, key: Callable[[EnergyRow], _Key]) -> dict[_Key, float]:
        energies: dict[_Key, float] = {}
        for row in self.rows:
            energies[key(row)] = energies.get(key(row), 0.0) + row.energy
        return energies

    def explain(self) -> list[dict[str, object]]:
        """Say for every priced row how its energy came about.

        Returns
        -------
        list of dict
            ``unit``, ``component``, ``action``, ``operand``, ``count``, ``energy``, ``entry``,
            ``price`` (energy of one count), ``formula`` and ``source``.
        """
        return [
            {
                "unit": row.unit,
                "component": row.component,
                "action": row.action,
                "operand": row.operand,
                "count": row.count,
                "energy": row.energy,
                "entry": row.entry,
                "price": row.figure.value,
                "formula": row.figure.formula,
                "source": row.figure.source,
            }
            for row in self.rows
            if row.figure is not None
        ]

    def to_dict(self) -> dict[str, object]:
        """Return the figures alone, in the form of STONNE's energy script.

        Returns
        -------
        dict
            ``{"components": {unit: {"static", "dynamic", "area"}}, "static", "dynamic", "area",
            "total"}``.
        """
        return {
            "components": {unit: dict(figures) for unit, figures in self.by_unit.items()},
            "static": self.static,
            "dynamic": self.dynamic,
            "area": self.area,
            "total": self.total,
        }
