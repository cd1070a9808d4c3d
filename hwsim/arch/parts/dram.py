"""DRAM beside the chip: energy by kind and bits, whatever node and voltage the chip has."""

from __future__ import annotations

from hwsim.arch.parts.figure import Figure
from hwsim.arch.parts.published import published, with_range


def dram(kind: str, bits: float = 1) -> Figure:
    """Price moving bits from or to DRAM.

    Parameters
    ----------
    kind : str
        A kind of DRAM, e.g. ``"LPDDR4"``.
    bits : float
        Bits moved.

    Returns
    -------
    Figure
        In pJ, device and interface.

    Raises
    ------
    InputError
        If no figure of the kind is known; says which are.
    """
    row = published("dram", kind, "energy", bits)
    figure = Figure(row.value, row.source, unit="pJ", entry=kind, formula=row.formula)
    return with_range(figure, "dram")
