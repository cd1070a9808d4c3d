"""Figures of components at a node: what machines and energy models are built from."""

from __future__ import annotations

from hwsim.arch.parts.dram import dram
from hwsim.arch.parts.figure import Figure
from hwsim.arch.parts.logic import Logic
from hwsim.arch.parts.sram import Sram, read_sram_table, sram, supply
from hwsim.arch.parts.wire import wire


class Components(Logic):
    """Energies, areas and leakage of components at one node, from hwsim's own tables.

    Parameters
    ----------
    node_nm : float
        7 nm to 65 nm.
    voltage_v : float, optional
        Supply; that of each source when not given: 0.9 V for logic and wires, CACTI's own for SRAM.
        Not for DRAM.
    arithmetic : {"horowitz", "aladdin"}
        Whose integer adders and multipliers; floating point is always Horowitz'.

    Raises
    ------
    InputError
        For a node or a voltage outside the tables.
    """

    def wire(self, bits: int, length_mm: float) -> Figure:
        """Energy of sending a value along a wire, pJ; the capacitance of a mm knows no node."""
        return wire(bits, length_mm, self.voltage_v)

    def dram(self, kind: str, bits: float = 1) -> Figure:
        """Energy of moving bits from or to DRAM, pJ."""
        return dram(kind, bits)

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
        figure = Figure(
            memory.leakage_mw,
            self._sram_source,
            unit="mW",
            entry="sram_leakage",
            formula=f"leakage of {memory.how} at {self.node_nm:g} nm",
        )
        return self._sram_at_voltage(figure, 1)

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
        return self._sram_at_voltage(figure, 2)

    def _sram_at_voltage(self, figure: Figure, exponent: int) -> Figure:
        """Scale from the supply of the table, which is not that of the sources of logic."""
        if self.voltage_v is None:
            return figure
        own = supply(self.node_nm)
        why = f"{own:.3g} V to {self.voltage_v:g} V"
        return figure.times(
            (self.voltage_v / own) ** exponent, f"({why}) squared" if exponent == 2 else why
        )
