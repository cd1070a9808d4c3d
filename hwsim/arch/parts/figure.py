"""A number with its unit, its source, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Figure:
    """A number with its source.

    Parameters
    ----------
    value : float
        In ``unit``, or where that is None in the unit of the table; finite, not negative.
    source : str
        Paper, file or tool, in words.
    bits : int, optional
        Bit width that it holds for, where the source says so.
    unit : str, optional
        ``pJ``, ``um2`` or ``mW``.
    entry : str
        The entry of the component tables that decides it, e.g. ``int_multiply``.
    formula : str
        How it was computed from the entry, with the numbers.
    low, high : float, optional
        What other sources give for the entry, as factors of this one.
    """

    value: float
    source: str
    bits: int | None = None
    unit: str | None = None
    entry: str = ""
    formula: str = ""
    low: float | None = None
    high: float | None = None

    def times(self, factor: float, why: str) -> Figure:
        """Multiply by a factor and say so in the formula."""
        return replace(
            self, value=self.value * factor, formula=f"{self.formula} x {factor:.4g} ({why})"
        )
