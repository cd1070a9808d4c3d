"""Requirements on a sweep, for continuous integration: ``energy_ratio>=1.9@0.65``."""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwsim.errors import InputError, did_you_mean
from hwsim.plain_number import plain_float
from hwsim.studies.levels import parse_levels

if TYPE_CHECKING:
    import pandas as pd

_COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_FORM = re.compile(r"\s*(\w+)\s*(>=|<=|>|<)\s*([^@\s]+)\s*(?:@\s*(\S+)\s*)?")


@dataclass(frozen=True)
class Requirement:
    """A bound on one figure of a sweep.

    Parameters
    ----------
    text : str
        As it was given.
    metric : str
        A column of the sweep's table.
    comparison : str
        ``>=``, ``<=``, ``>`` or ``<``.
    bound : float
        In the metric's unit.
    level : float or None
        The sparsity level it is about; None for every level.
    """

    text: str
    metric: str
    comparison: str
    bound: float
    level: float | None

    def violations(self, table: pd.DataFrame) -> list[str]:
        """Say where it does not hold.

        Parameters
        ----------
        table : DataFrame
            One row a level, with the columns ``sparsity`` and the metric.

        Returns
        -------
        list of str
            A line for each level at which it fails; empty when it holds.
        """
        rows = table if self.level is None else table[table["sparsity"] == self.level]
        holds = _COMPARE[self.comparison]
        return [
            f"{self.text}: {self.metric} is {value:.4g} at sparsity {level:g}"
            for level, value in zip(rows["sparsity"], rows[self.metric], strict=True)
            if not holds(value, self.bound)
        ]


def parse_requirement(text: str, metrics: tuple[str, ...]) -> Requirement:
    """Read a requirement of the form ``METRIC>=VALUE@LEVEL``.

    Parameters
    ----------
    text : str
        Without ``@LEVEL`` it is about every level of the sweep.
    metrics : tuple of str
        The figures that a requirement can be about.

    Returns
    -------
    Requirement
        What was read.

    Raises
    ------
    InputError
        If the form, the metric, the value or the level is not one.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise InputError(
            f"requirement {text!r}: expected METRIC>=VALUE@SPARSITY, e.g. energy_ratio>=1.9@0.65"
        )
    metric, comparison, value, level = match.groups()
    if metric not in metrics:
        raise InputError(
            f"requirement {text!r}: unknown metric {metric!r}{did_you_mean(metric, metrics)}"
        )
    try:
        bound = plain_float(value)
    except ValueError:
        bound = math.nan
    if not math.isfinite(bound):
        raise InputError(f"requirement {text!r}: {value!r} is not a number")
    levels = parse_levels(level) if level is not None else (None,)
    if len(levels) != 1:
        raise InputError(f"requirement {text!r}: expected one sparsity level after @")
    return Requirement(text.strip(), metric, comparison, bound, levels[0])
