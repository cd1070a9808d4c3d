"""How far the weights of a layer can shorten its time: the limit of every ratio of cycles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any, Final

from hwsim.errors import InputError

#: Engines that work with expected values round densities to millionths, as Timeloop does.
_ROUNDING: Final = 1e-6


@dataclass(frozen=True)
class Pace:
    """What a layer's time depends on on one machine, however well it is mapped.

    Parameters
    ----------
    operations : float
        Share of the operations that take time, of those of the layer without zeros, 0 to 1; where
        weights are taken bit by bit, of those that its widest weights would take.
    memories : float, optional
        The least share that zeros and narrower weights can leave of the time of any memory, 0 to
        1; None where the slack alone is the limit.
    slack : float
        Cycles over those of the operations alone, 1 or more: what is lost to waiting for
        memories, or to units that the layer does not fill.
    zeros : str
        What the machine does with zero weights, for people.
    waiting : str
        What the slack is made of, for people; empty where there is none.
    waits : float, optional
        Share of the cycles in which units wait for words of memories or ports, 0 to 1; None where
        the engine does not say.
    waits_for : str
        What they wait for then, for people: the memory that sets the pace.

    Raises
    ------
    InputError
        If a share or the slack is none.
    """

    operations: float
    memories: float | None = None
    slack: float = 1.0
    zeros: str = ""
    waiting: str = ""
    waits: float | None = None
    waits_for: str = ""

    def __post_init__(self) -> None:
        shares = ("operations", self.operations), ("memories", self.memories), ("waits", self.waits)
        for name, share in shares:
            known = share is not None or name == "operations"
            if known and not _between(0, share, 1):
                raise InputError(f"pace: {name} should be a share, 0 to 1. Got {share!r}")
        if not _between(1, self.slack, math.inf) or math.isinf(self.slack):
            raise InputError(f"pace: slack should be a number, 1 or more. Got {self.slack!r}")


def ratio_limit(baseline: Pace, pace: Pace) -> float:
    """Find how many times the cycles of one form of a layer another form can need at most.

    On one mapping a layer takes its operations' time or the slowest memory's. The other form has
    at least its share of both, so the ratio is at most the slack of the first over the share of
    operations, and at most one over the share of memories' time.

    Parameters
    ----------
    baseline, pace : Pace
        Of the form with the more cycles, as a rule the dense one, and of the other.

    Returns
    -------
    float
        Infinite where nothing of the other form takes time.
    """
    limit = _over(baseline.slack * baseline.operations, pace.operations)
    if baseline.memories is None or pace.memories is None:
        return limit
    return min(limit, _over(baseline.memories, pace.memories))


def peak_limit(
    baseline_cycles: float, pace: Pace, macs: float, units: int, activations: float
) -> float:
    """Find how many times the cycles of a machine another one's can be at most, by its peak.

    No mapping is shared between machines, so that of the other one only its peak is sure: each of
    its units does an operation a cycle.

    Parameters
    ----------
    baseline_cycles : float
        Of the machine with the more cycles, as a rule the dense one.
    pace : Pace
        Of the layer on the other machine.
    macs : float
        Operations of the layer without zeros.
    units : int
        Of the other machine.
    activations : float
        Share of the activations that are not zero, whose operations may take no time either.
    """
    return _over(baseline_cycles * units, pace.operations * activations * macs)


def limit_reason(baseline: Pace, pace: Pace) -> str:
    """Say where :func:`ratio_limit` comes from, for people."""
    waiting = baseline.waiting if baseline.slack > 1 else ""
    return "; ".join(filter(None, (pace.zeros, waiting)))


def exceeds(baseline_cycles: float, cycles: float, limit: float) -> bool:
    """Tell whether a ratio of cycles is beyond its limit, by more than rounding explains.

    Cycles are rounded up to whole ones, and densities to millionths.
    """
    return baseline_cycles - 1 > limit * (1 + _ROUNDING * limit) * cycles


def _between(least: float, value: Any, most: float) -> bool:
    # Nearly all are floats, and to ask a class of numbers takes longer than to compare them.
    if type(value) is not float and not isinstance(value, Real):
        return False
    return bool(least <= value <= most)  # type: ignore[operator]


def _over(dividend: float, divisor: float) -> float:
    return dividend / divisor if divisor else math.inf
