"""What engines count, and what the activities of one engine on one machine have in common."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

#: Whose data an action handles; an action that handles nobody's (a configuration) says ``""``.
WEIGHTS: Final = "weights"
ACTIVATIONS: Final = "activations"
#: Activations that are read although nobody waits for them: no weight meets them.
UNUSED_ACTIVATIONS: Final = "unused activations"
PARTIAL_SUMS: Final = "partial sums"
OUTPUTS: Final = "outputs"
OPERANDS: Final = (WEIGHTS, ACTIVATIONS, UNUSED_ACTIVATIONS, PARTIAL_SUMS, OUTPUTS, "")

#: (unit, component), e.g. ``("MSNetwork", "MULTIPLIER")``.
ComponentKey = tuple[str, str]


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


@dataclass(frozen=True, eq=False)
class ActivityKeys:
    """What the activities of one engine on one machine have in common.

    Parameters
    ----------
    engine : str
        Which engine found them.
    instances : tuple
        How many of each component the machine has.
    counts, levels : tuple of ActionKey
        What is counted, and what is spread over levels.
    told_apart : tuple of (ActionKey, ActionKey)
        The reads of activations that nobody waits for, and beside each the others there.
    """

    engine: str
    instances: tuple[tuple[ComponentKey, int], ...]
    counts: tuple[ActionKey, ...]
    levels: tuple[ActionKey, ...]
    told_apart: tuple[tuple[ActionKey, ActionKey], ...]

    def __reduce__(self) -> tuple[Any, ...]:
        """Be found among those of the process that it comes to."""
        return keys_of, (self.engine, self.instances, self.counts, self.levels)


@lru_cache(maxsize=256)
def keys_of(
    engine: str,
    instances: tuple[tuple[ComponentKey, int], ...],
    counts: tuple[ActionKey, ...],
    levels: tuple[ActionKey, ...],
) -> ActivityKeys:
    """Make one of its parts; equal ones are one object, unless there are very many."""
    told_apart = tuple(
        (key, key._replace(operand=ACTIVATIONS))
        for key in counts
        if key.operand == UNUSED_ACTIVATIONS
    )
    return ActivityKeys(engine, instances, counts, levels, told_apart)
