"""Activity, the one currency between engines and energy models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from hwsim.errors import InputError, named_reason

#: Whose data an action handles; an action that handles nobody's (a configuration) says ``""``.
WEIGHTS: Final = "weights"
ACTIVATIONS: Final = "activations"
PARTIAL_SUMS: Final = "partial sums"
OUTPUTS: Final = "outputs"
OPERANDS: Final = (WEIGHTS, ACTIVATIONS, PARTIAL_SUMS, OUTPUTS, "")

#: (unit, component), e.g. ``("MSNetwork", "MULTIPLIER")``.
ComponentKey = tuple[str, str]
_VERSION: Final = 1


class ActionKey(NamedTuple):
    """What is counted, e.g. ``ActionKey("GlobalBuffer", "GLOBALBUFFER", "READ", "weights")``.

    Parameters
    ----------
    unit, component, action : str
        Where, of what, and what it did, in the engine's terms.
    operand : str
        Whose data: one of :data:`OPERANDS`.
    """

    unit: str
    component: str
    action: str
    operand: str = ""


@dataclass(frozen=True)
class Activity:
    """What a workload made a machine do.

    Parameters
    ----------
    engine : str
        Which engine found it.
    cycles : int
        Total cycles.
    counts : mapping of ActionKey to number
        How often each action happened for each operand, summed over all instances of the
        component. Whole numbers, unless an engine works with expected values. A key of three is
        taken as an action that handles nobody's data.
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

    def __post_init__(self) -> None:
        counts = {ActionKey(*key): count for key, count in self.counts.items()}
        object.__setattr__(self, "counts", counts)

    def by_action(self) -> dict[tuple[str, str, str], float]:
        """Sum the counts over operands, as STONNE's own counters do.

        Returns
        -------
        dict
            ``{(unit, component, action): count}``, in the order of ``counts``.
        """
        totals: dict[tuple[str, str, str], float] = {}
        for (unit, component, action, _), count in self.counts.items():
            key = (unit, component, action)
            totals[key] = totals.get(key, 0) + count
        return totals

    def to_json(self) -> str:
        """Write it as one JSON document; :meth:`from_json` gives an equal activity."""
        return json.dumps(
            {
                "activity": _VERSION,
                "engine": self.engine,
                "cycles": _plain(self.cycles),
                "counts": [[*key, _plain(count)] for key, count in self.counts.items()],
                "instances": [[*key, _plain(number)] for key, number in self.instances.items()],
                "macs": _plain(self.macs),
                "effectual_macs": _plain(self.effectual_macs),
                "utilization": _plain(self.utilization),
                "statistics": {key: _plain(value) for key, value in self.statistics.items()},
            },
            allow_nan=False,
        )

    @classmethod
    def from_json(cls, text: str) -> Activity:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        InputError
            If the text is no such document.
        """
        try:
            document = json.loads(text)
            if document["activity"] != _VERSION:
                raise InputError(
                    f"activity of version {document['activity']!r}: this hwsim reads version "
                    f"{_VERSION}; use the hwsim that wrote it"
                )
            return cls(
                engine=document["engine"],
                cycles=document["cycles"],
                counts={
                    ActionKey(unit, component, action, operand): count
                    for unit, component, action, operand, count in document["counts"]
                },
                instances={
                    (unit, component): number for unit, component, number in document["instances"]
                },
                macs=document["macs"],
                effectual_macs=document["effectual_macs"],
                utilization=document["utilization"],
                statistics=document["statistics"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"no activity of hwsim: {named_reason(error)}") from error


def _plain(value: Any) -> Any:
    """Give JSON a Python number where an engine left numpy's."""
    return value.item() if hasattr(value, "item") else value
