"""Data spaces of layers, and whose data each is in the common activity."""

from __future__ import annotations

from typing import Final

from hwsim.activity import ACTIVATIONS, PARTIAL_SUMS, WEIGHTS, ActionKey

#: The data spaces of a layer's problem; other problems name theirs as they like.
OPERAND_OF: Final = {"Weights": WEIGHTS, "Inputs": ACTIVATIONS, "Outputs": PARTIAL_SUMS}


def count_key(level: str, component: str, action: str) -> ActionKey:
    """Name a count of a level: of a data space, or of a unit such as ``MAC`` that is nobody's."""
    return ActionKey(level, component, action, OPERAND_OF.get(component, ""))
