"""What the coding of a weight means for the datapath and for the memory."""

from __future__ import annotations

from hwsim.amount import Amount, chosen
from hwsim.arch.parts import Components
from hwsim.arch.parts.figure import Figure
from hwsim.arch.technology import Technology
from hwsim.number_format import NumberFormat
from hwsim.workload.operands import Operands


def machine_format(operands: Operands, technology: Technology) -> NumberFormat:
    """Choose the format in which weights are used: their own, but at most the machine's.

    Activations that take their place keep theirs.
    """
    if operands.of_activations:
        return technology.activations
    return technology.weight_format(operands.weight_bits)


def multiplication(operands: Operands, technology: Technology, components: Components) -> Figure:
    """Price a weight times an activation, pJ.

    A number is multiplied. A sign flips the activation: an XOR a bit, the carry of two's
    complement enters the adder that follows; a float flips its sign bit only. A weight of 0 or 1
    gates it: an AND a bit. A ternary weight does both.
    """
    activations = technology.activations
    flipped = 1 if activations.is_float else activations.bits
    if operands.coding == "value":
        return components.multiplier(machine_format(operands, technology), activations)
    if operands.coding == "sign":
        return components.gate(flipped)
    if operands.coding == "zero":
        return components.gate(activations.bits)
    return components.gate(flipped + activations.bits)


def product_bits(operands: Operands, technology: Technology) -> int:
    """Width of a product on its way into the reduction."""
    sums, activations = technology.partial_sums, technology.activations
    if sums.is_float or activations.is_float:
        return sums.bits
    factor = machine_format(operands, technology).bits if operands.coding == "value" else 1
    return min(activations.bits + factor, sums.bits)


def widest_product_bits(technology: Technology) -> int:
    """Width of the widest product that the machine is built for.

    A weight that is no number leaves the activation's bits, and one for the sign of its negative.
    """
    sums, activations, weights = (
        technology.partial_sums,
        technology.activations,
        technology.weights,
    )
    if sums.is_float or activations.is_float or weights.is_float:
        return sums.bits
    factor = weights.bits if technology.multiplier == "number" else 1
    return min(activations.bits + factor, sums.bits)


def stored_weights(operands: Operands, technology: Technology) -> tuple[Amount, Amount]:
    """Count the bits that hold a layer's weights in memory.

    Parameters
    ----------
    operands : Operands
        The layer, or several side by side.
    technology : Technology
        Says whether with a bit mask.

    Returns
    -------
    (float, float)
        Bits of values, and bits of the mask, 0 without one. Under a mask a ternary weight needs
        only its sign, a signed-binary one nothing more.
    """
    bits = machine_format(operands, technology).bits
    dense = operands.weights * bits * 1.0
    beside_mask = {"value": bits, "sign": 1, "ternary": 1, "zero": 0}[operands.coding]
    masked = operands.effectual_weights * beside_mask * 1.0
    masks: Amount = technology.weight_storage == "bitmask"
    if technology.weight_storage == "smallest":
        masks = masked + operands.weights < dense
    return chosen(masks, masked, dense), chosen(masks, operands.weights * 1.0, 0.0)
