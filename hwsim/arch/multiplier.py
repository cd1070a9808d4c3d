"""What a unit that multiplies weights and activations is made of."""

from __future__ import annotations

from hwsim.arch.parts import Components
from hwsim.arch.parts.figure import Figure
from hwsim.arch.technology import Technology


def gated_bits(technology: Technology) -> int:
    """Count the gates of a unit that multiplies by no number; 0 for one that does.

    A sign flips the activation: an XOR a bit, its carry enters the adder that follows; of a float
    it flips one bit. A mask takes an AND a bit, a ternary weight both.
    """
    activations = technology.activations
    flipped = 1 if activations.is_float else activations.bits
    return {
        "number": 0,
        "sign": flipped,
        "mask": activations.bits,
        "ternary": flipped + activations.bits,
    }[technology.multiplier]


def multiplier_area(technology: Technology, components: Components) -> Figure:
    """Area of what multiplies a weight and an activation, um2.

    Parameters
    ----------
    technology : Technology
        Formats, and what the units multiply by.
    components : Components
        Areas of a multiplier and a gate at the node.
    """
    if gates := gated_bits(technology):
        return components.gate_area(gates)
    return components.multiplier_area(technology.weights, technology.activations)
