"""Adders, multipliers, gates and registers at a node."""

from __future__ import annotations

import copy
import math
from functools import lru_cache
from typing import Final, Literal, Self, get_args

from hwsim.arch.parts import scaling
from hwsim.arch.parts.figure import Figure
from hwsim.arch.parts.published import published, with_range
from hwsim.number_format import NumberFormat

#: Whose integer adders and multipliers.
Arithmetic = Literal["horowitz", "aladdin"]
ARITHMETIC: tuple[Arithmetic, ...] = get_args(Arithmetic)
#: What logic leaks like, and the entry of each.
Transistors = Literal["general", "low-standby"]
_LEAKAGE: Final[dict[Transistors, str]] = {
    "general": "leakage",
    "low-standby": "leakage_low_standby",
}
#: How the entries of their integer operations begin.
_PREFIX = {"horowitz": "int", "aladdin": "aladdin"}


#: Figures that are kept: an entry at one width is one.
_KEPT = 4096


class Logic:
    """Energies, areas and leakage of logic at one node.

    Parameters
    ----------
    node_nm : float
        7 nm to 65 nm.
    voltage_v : float, optional
        Supply; the 0.9 V of the sources when not given.
    arithmetic : {"horowitz", "aladdin"}
        Whose integer adders and multipliers; floating point is always Horowitz'.

    Raises
    ------
    InputError
        For a node or a voltage outside the tables.
    """

    def __init__(
        self, node_nm: float, voltage_v: float | None = None, arithmetic: Arithmetic = "horowitz"
    ) -> None:
        scaling.check_node(node_nm)
        self.node_nm = node_nm
        self.voltage_v = voltage_v
        self._voltage_factor = scaling.voltage_factor(node_nm, voltage_v)
        self._integer = _PREFIX[arithmetic]
        self._leaks = _LEAKAGE["general"]

    def made_of(self, transistors: Transistors) -> Self:
        """Give the same components with logic that leaks like these transistors."""
        made = copy.copy(self)
        made._leaks = _LEAKAGE[transistors]
        return made

    def adder(self, number: NumberFormat) -> Figure:
        """Energy of an addition, pJ."""
        return self._energy(self._adder(number), number.bits)

    def multiplier(self, a: NumberFormat, b: NumberFormat) -> Figure:
        """Energy of a multiplication, pJ; a float of the wider width if either is a float."""
        return self._energy(*self._multiplier(a, b))

    def gate(self, bits: int) -> Figure:
        """Energy of one two-input gate a bit, pJ: an AND, an XOR, a multiplexer."""
        return self._energy("gate", bits)

    def register(self, bits: int) -> Figure:
        """Energy of storing and reading a value in a register, its clock included, pJ."""
        return self._energy("register", bits)

    def clock(self, bits: float) -> Figure:
        """Energy of clocking registers that are there for one cycle, used or not, pJ.

        Their share of the clock network and of control; what a write takes is the register's.
        """
        return self._energy("clock_control", bits)

    def register_file(self, words: int, bits: int) -> Figure:
        """Energy of an access to a file of registers, pJ: one register and a multiplexer tree."""
        figure = self.register(bits)
        levels = math.ceil(math.log2(max(words, 2)))
        tree = self.gate(bits).value * levels
        return figure.times(
            1 + tree / figure.value, f"and {levels} levels of gates to choose of {words}"
        )

    def adder_area(self, number: NumberFormat) -> Figure:
        """Area of an adder, um2."""
        return self._area(self._adder(number), number.bits)

    def multiplier_area(self, a: NumberFormat, b: NumberFormat) -> Figure:
        """Area of a multiplier, um2."""
        return self._area(*self._multiplier(a, b))

    def register_area(self, bits: float) -> Figure:
        """Area of a register, um2."""
        return self._area("register", bits)

    def gate_area(self, bits: float) -> Figure:
        """Area of one two-input gate a bit, um2."""
        return self._area("gate", bits)

    def leakage(self, area_um2: float) -> Figure:
        """Leakage power of logic by its area, mW."""
        row = published("logic", self._leaks, "power_density", 1)
        from_nm = row.node_nm or self.node_nm
        energy = scaling.energy_factor(from_nm, self.node_nm)
        density = row.value * energy / scaling.area_factor(from_nm, self.node_nm)
        density *= self._leakage_factor
        return Figure(
            density * area_um2 * 1e-6,  # from nW to mW
            row.source,
            unit="mW",
            entry=self._leaks,
            formula=f"{density:.3g} nW/um2 x {area_um2:.4g} um2",
        )

    @property
    def _leakage_factor(self) -> float:
        """Scale a leakage power, linear in the supply, from the reference voltage."""
        return (self.voltage_v or scaling.REFERENCE_VOLTAGE) / scaling.REFERENCE_VOLTAGE

    def _adder(self, number: NumberFormat) -> str:
        return "float_add" if number.is_float else f"{self._integer}_add"

    def _multiplier(self, a: NumberFormat, b: NumberFormat) -> tuple[str, float]:
        if a.is_float or b.is_float:
            widths = [each.bits for each in (a, b) if each.is_float]
            return "float_multiply", max(widths)
        return f"{self._integer}_multiply", math.sqrt(a.bits * b.bits)

    def _energy(self, entry: str, bits: float) -> Figure:
        return self._at_voltage(_energy(self.node_nm, entry, bits))

    def _area(self, entry: str, bits: float) -> Figure:
        return _area(self.node_nm, entry, bits)

    def _at_voltage(self, figure: Figure) -> Figure:
        if self._voltage_factor == 1.0:
            return figure
        return figure.times(self._voltage_factor, f"0.9 V to {self.voltage_v:g} V")


@lru_cache(maxsize=_KEPT)
def _energy(node_nm: float, entry: str, bits: float) -> Figure:
    """Scale the energy of an entry; a layer's prices ask for the same ones again and again."""
    row = published("logic", entry, "energy", bits)
    figure = Figure(row.value, row.source, unit="pJ", entry=entry, formula=row.formula)
    if row.node_nm is not None and row.node_nm != node_nm:
        factor = scaling.energy_factor(row.node_nm, node_nm)
        figure = figure.times(factor, f"{row.node_nm:g} nm to {node_nm:g} nm")
    return with_range(figure, "logic")


@lru_cache(maxsize=_KEPT)
def _area(node_nm: float, entry: str, bits: float) -> Figure:
    """Scale the area of an entry."""
    row = published("logic", entry, "area", bits)
    figure = Figure(row.value, row.source, unit="um2", entry=entry, formula=row.formula)
    if row.node_nm is None or row.node_nm == node_nm:
        return figure
    factor = scaling.area_factor(row.node_nm, node_nm)
    return figure.times(factor, f"{row.node_nm:g} nm to {node_nm:g} nm")
