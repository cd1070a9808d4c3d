"""Activity, the one currency between engines and energy tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: (unit, component, action), e.g. ``("MSNetwork", "MULTIPLIER", "MULTIPLICATION")``.
ActionKey = tuple[str, str, str]
#: (unit, component), e.g. ``("MSNetwork", "MULTIPLIER")``.
ComponentKey = tuple[str, str]


@dataclass(frozen=True)
class Activity:
    """What a workload made a machine do.

    Parameters
    ----------
    engine : str
        Which engine found it.
    cycles : int
        Total cycles.
    counts : mapping of (unit, component, action) to number
        How often each action happened, summed over all instances of the component. Whole
        numbers, unless an engine works with expected values.
    instances : mapping of (unit, component) to int
        How many of a component the unit has; static energy and area are charged once each.
    macs : int
        Multiply-accumulates of the dense problem.
    effectual_macs : int
        Multiply-accumulates with a non-zero weight.
    utilization : float
        Multiplications done over multiplier slots (multipliers x cycles), 0 to 1.
    statistics : mapping
        The engine's own totals under its own labels (for SIGMA STONNE's ``sdmemory`` ones).
    """

    engine: str
    cycles: int
    counts: Mapping[ActionKey, float]
    instances: Mapping[ComponentKey, int]
    macs: int
    effectual_macs: int
    utilization: float
    statistics: Mapping[str, float | str] = field(default_factory=dict)
