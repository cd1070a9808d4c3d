"""Wires on the chip: energy by bits and length."""

from __future__ import annotations

from functools import lru_cache

from hwsim.arch.parts.figure import Figure
from hwsim.arch.parts.published import published, with_range
from hwsim.arch.parts.scaling import REFERENCE_VOLTAGE

#: Figures that are kept: a machine has few widths.
_KEPT = 1024


def wire(bits: float, length_mm: float, voltage_v: float | None = None) -> Figure:
    """Price sending a value along a wire.

    Parameters
    ----------
    bits : float
        Bits sent.
    length_mm : float
        How far, mm.
    voltage_v : float, optional
        Supply, V; the 0.9 V of the source when not given.

    Returns
    -------
    Figure
        In pJ. No node: the capacitance of a mm is the same at any (Keckler et al. 2011).
    """
    return _of_a_mm(bits, voltage_v).times(length_mm, "mm")


@lru_cache(maxsize=_KEPT)
def _of_a_mm(bits: float, voltage_v: float | None) -> Figure:
    row = published("wire", "wire", "energy_per_mm", bits)
    figure = Figure(row.value, row.source, unit="pJ", entry="wire", formula=row.formula)
    if voltage_v is not None:
        square = (voltage_v / REFERENCE_VOLTAGE) ** 2
        figure = figure.times(square, f"(0.9 V to {voltage_v:g} V) squared")
    return with_range(figure, "wire")
