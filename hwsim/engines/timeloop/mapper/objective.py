"""What the search minimises, and how long it may take."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from hwsim.errors import InputError, did_you_mean
from hwsim.plausible import PROGRAM_S

#: Objectives and their units.
OBJECTIVES: Final = {"energy": "pJ", "delay": "cycles", "edp": "pJ x cycles"}
_BUDGET: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?(?:e[0-9]+)?)\s*(s|m|h)?")
#: More are tried by nobody; and no time of years.
_MOST_MAPPINGS: Final = 10**12
_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0}


Amount = TypeVar("Amount", float, npt.NDArray[np.float64])


def objective_value(name: str, cycles: Amount, energy: Amount) -> Amount:
    """``energy`` (pJ), ``delay`` (cycles) or ``edp`` (pJ x cycles) of one mapping or a batch."""
    if name == "energy":
        return energy
    return cycles if name == "delay" else energy * cycles


@dataclass(frozen=True)
class Budget:
    """When to stop.

    Parameters
    ----------
    candidates : int or None
        After so many scored mappings.
    seconds : float
        Without a number of candidates, after so long.
    """

    candidates: int | None = None
    seconds: float = math.inf


def check_objective(name: str) -> None:
    """Refuse what is no objective.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in OBJECTIVES:
        raise InputError(f"unknown objective {name!r}{did_you_mean(name, OBJECTIVES)}")


def read_budget(text: str | float | Budget) -> Budget:
    """Read ``10000`` (candidates) or ``30s``, ``5m``, ``1h`` (time).

    Raises
    ------
    InputError
        For anything else.
    """
    if isinstance(text, Budget):
        return text
    match = _BUDGET.fullmatch(str(text).strip())
    amount = float(match[1]) if match else 0.0
    if match and match[2] and 0 < amount * _SECONDS[match[2]] <= PROGRAM_S.most:
        return Budget(seconds=amount * _SECONDS[match[2]])
    if match and not match[2] and 1 <= amount <= _MOST_MAPPINGS and amount == int(amount):
        return Budget(candidates=int(amount))
    raise InputError(
        f"budget {text!r}: expected a number of mappings such as 10000, or a time such as 30s or 5m"
    )
