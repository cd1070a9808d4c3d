"""Figures of components at a node: what energy models are built from."""

from __future__ import annotations

import math
from typing import Literal

from hwsim.arch.parts import scaling
from hwsim.arch.parts.figure import Figure
from hwsim.arch.parts.published import Published, literature_range, published
from hwsim.arch.parts.sram import Sram, read_sram_table, sram
from hwsim.number_format import NumberFormat

#: Whose integer adders and multipliers.
Arithmetic = Literal["horowitz", "aladdin"]
ARITHMETIC = ("horowitz", "aladdin")
_PREFIX = {"horowitz": "int", "aladdin": "aladdin"}


class Components:
    """Energies, areas and leakage of components at one node, from hwsim's own tables.

    Parameters
    ----------
    node_nm : float
        7 nm to 65 nm.
    voltage_v : float, optional
        Supply; the 0.9 V of the sources when not given. Not for DRAM.
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
        self._voltage_v = voltage_v
        self._voltage_factor = scaling.voltage_factor(node_nm, voltage_v)
        self._integer = _PREFIX[arithmetic]

    def adder(self, number: NumberFormat) -> Figure:
        """Energy of an addition, pJ."""
        entry = "float_add" if number.is_float else f"{self._integer}_add"
        return self._energy(entry, number.bits)

    def multiplier(self, a: NumberFormat, b: NumberFormat) -> Figure:
        """Energy of a multiplication, pJ; a float of the wider width if either is a float."""
        return self._energy(*self._multiplier(a, b))

    def gate(self, bits: int) -> Figure:
        """Energy of one two-input gate a bit, pJ: an AND, an XOR, a multiplexer."""
        return self._energy("gate", bits)

    def register(self, bits: int) -> Figure:
        """Energy of storing and reading a value in a register, its clock included, pJ."""
        return self._energy("register", bits)

    def register_file(self, words: int, bits: int) -> Figure:
        """Energy of an access to a file of registers, pJ: one register and a multiplexer tree."""
        figure = self.register(bits)
        levels = math.ceil(math.log2(max(words, 2)))
        tree = self.gate(bits).value * levels
        return figure.times(
            1 + tree / figure.value, f"and {levels} levels of gates to choose of {words}"
        )

    def wire(self, bits: int, length_mm: float) -> Figure:
        """Energy of sending a value along a wire, pJ; the capacitance of a mm knows no node."""
        row = published("wire", "energy_per_mm", bits)
        figure = Figure(row.value, row.source, unit="pJ", entry="wire", formula=row.formula)
        if self._voltage_v is not None:
            square = (self._voltage_v / scaling.REFERENCE_VOLTAGE) ** 2
            figure = figure.times(square, f"(0.9 V to {self._voltage_v:g} V) squared")
        return _ranged(figure.times(length_mm, "mm"), "wire")

    def dram(self, kind: str, bits: float = 1) -> Figure:
        """Energy of moving bits from or to DRAM, pJ."""
        row = published(kind, "energy", bits)
        return _ranged(
            Figure(row.value, row.source, unit="pJ", entry=kind, formula=row.formula), kind
        )

    def sram_read(self, capacity_bytes: float, width_bits: int) -> Figure:
        """Energy of reading a whole width, pJ."""
        memory = self._sram(capacity_bytes, width_bits)
        return self._sram_figure("sram_read", memory.read_pj, memory, width_bits)

    def sram_write(self, capacity_bytes: float, width_bits: int) -> Figure:
        """Energy of writing a whole width, pJ."""
        memory = self._sram(capacity_bytes, width_bits)
        return self._sram_figure("sram_write", memory.write_pj, memory, width_bits)

    def sram_leakage(self, capacity_bytes: float, width_bits: int) -> Figure:
        """Leakage power, mW."""
        memory = self._sram(capacity_bytes, width_bits)
        factor = (self._voltage_v or scaling.REFERENCE_VOLTAGE) / scaling.REFERENCE_VOLTAGE
        return Figure(
            memory.leakage_mw * factor,
            self._sram_source,
            unit="mW",
            entry="sram_leakage",
            formula=f"leakage of {memory.how} at {self.node_nm:g} nm",
        )

    def sram_area(self, capacity_bytes: float, width_bits: int) -> Figure:
        """Area, um2."""
        memory = self._sram(capacity_bytes, width_bits)
        return Figure(
            memory.area_um2,
            self._sram_source,
            unit="um2",
            entry="sram_area",
            formula=f"area of {memory.how} at {self.node_nm:g} nm",
        )

    def adder_area(self, number: NumberFormat) -> Figure:
        """Area of an adder, um2."""
        entry = "float_add" if number.is_float else f"{self._integer}_add"
        return self._area(entry, number.bits)

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
        row = published("leakage", "power_density", 1)
        from_nm = row.node_nm or self.node_nm
        energy = scaling.energy_factor(from_nm, self.node_nm)
        density = row.value * energy / scaling.area_factor(from_nm, self.node_nm)
        factor = (self._voltage_v or scaling.REFERENCE_VOLTAGE) / scaling.REFERENCE_VOLTAGE
        return Figure(
            density * factor * area_um2 * 1e-6,
            row.source,
            unit="mW",
            entry="leakage",
            formula=f"{density * factor:.3g} nW/um2 x {area_um2:.4g} um2",
        )

    def _multiplier(self, a: NumberFormat, b: NumberFormat) -> tuple[str, float]:
        if a.is_float or b.is_float:
            widths = [each.bits for each in (a, b) if each.is_float]
            return "float_multiply", max(widths)
        return f"{self._integer}_multiply", math.sqrt(a.bits * b.bits)

    def _energy(self, entry: str, bits: float) -> Figure:
        return self._scaled(entry, published(entry, "energy", bits))

    def _area(self, entry: str, bits: float) -> Figure:
        row = published(entry, "area", bits)
        figure = Figure(row.value, row.source, unit="um2", entry=entry, formula=row.formula)
        if row.node_nm is None or row.node_nm == self.node_nm:
            return figure
        factor = scaling.area_factor(row.node_nm, self.node_nm)
        return figure.times(factor, f"{row.node_nm:g} nm to {self.node_nm:g} nm")

    def _scaled(self, entry: str, row: Published) -> Figure:
        figure = Figure(row.value, row.source, unit="pJ", entry=entry, formula=row.formula)
        if row.node_nm is not None and row.node_nm != self.node_nm:
            factor = scaling.energy_factor(row.node_nm, self.node_nm)
            figure = figure.times(factor, f"{row.node_nm:g} nm to {self.node_nm:g} nm")
        return _ranged(self._at_voltage(figure), entry)

    def _at_voltage(self, figure: Figure) -> Figure:
        if self._voltage_factor == 1.0:
            return figure
        return figure.times(self._voltage_factor, f"0.9 V to {self._voltage_v:g} V")

    @property
    def _sram_source(self) -> str:
        return read_sram_table().source

    def _sram(self, capacity_bytes: float, width_bits: int) -> Sram:
        return sram(capacity_bytes, width_bits, self.node_nm)

    def _sram_figure(self, entry: str, value: float, memory: Sram, width_bits: int) -> Figure:
        spread = read_sram_table().range
        figure = Figure(
            value,
            self._sram_source,
            bits=width_bits,
            unit="pJ",
            entry=entry,
            formula=f"{value:.4g} pJ, {memory.how} at {self.node_nm:g} nm",
            low=spread.low,
            high=spread.high,
        )
        return self._at_voltage(figure)


def _ranged(figure: Figure, entry: str) -> Figure:
    spread = literature_range(entry)
    if spread is None:
        return figure
    return Figure(
        figure.value,
        figure.source,
        unit=figure.unit,
        entry=figure.entry,
        formula=figure.formula,
        low=spread.low,
        high=spread.high,
    )
