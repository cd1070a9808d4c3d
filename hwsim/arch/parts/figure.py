"""A number with its unit, its source, and how it came about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hwsim.amount import Amount, anywhere, over, told


class Figure(NamedTuple):
    """A number with its source.

    Parameters
    ----------
    value : float
        In ``unit``, or where that is None in the unit of the table; finite, not negative. Of
        several layers side by side it may be an array, shape (layers,).
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

    def times(self, factor: Amount, why: str) -> Figure:
        """Multiply by a factor and say so in the formula."""
        formula = f"{self.formula} x {told(factor)} ({why})"
        return self._replace(value=self.value * factor, formula=formula)

    @classmethod
    def mean(cls, parts: Sequence[tuple[Amount, Figure]], what: str) -> Figure:
        """Average figures of one entry by how often each counts.

        Parameters
        ----------
        parts : sequence of (float, Figure)
            Counts and their figures, at least one; counts of several layers are arrays.
        what : str
            What differs between them, for the formula.

        Returns
        -------
        Figure
            The first one where nothing counts.
        """
        first = parts[0][1]
        total: Amount = 0
        weighed: Amount = 0
        values = []
        for count, figure in parts:
            if anywhere(count):
                total = total + count
                weighed = weighed + count * figure.value
                values.append(figure.value)
        mean = over(weighed, total, first.value)
        values = values or [first.value]
        formula = f"mean of {min(values):.4g} to {max(values):.4g} {first.unit} over {what}"
        spread = (first.low, first.high)
        return Figure(mean, first.source, None, first.unit, first.entry, formula, *spread)
