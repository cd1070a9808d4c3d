"""DRAM traffic of a layer: every value crosses once."""

from __future__ import annotations

from hwsim.energy.physical.chip import Chip
from hwsim.energy.physical.ledger import Ledger
from hwsim.energy.physical.weights import stored_weights
from hwsim.workload.operands import Operands


def charge_dram(ledger: Ledger, operands: Operands, chip: Chip) -> None:
    """Charge weights with mask and signs, input and output feature map.

    Each is moved once, which is the least that any schedule needs; a buffer too small for a layer
    makes it more. The unit of a count is a bit.

    Parameters
    ----------
    ledger : Ledger
        Takes the rows.
    operands : Operands
        The layer's operands.
    chip : Chip
        Kind of DRAM, number formats, storage of the weights; prices.
    """
    technology = chip.technology
    bit = chip.components.dram(technology.dram)
    activation_bits = technology.activations.bits
    name, inputs = technology.dram, operands.inputs
    if operands.of_activations:
        inputs = inputs + operands.weights
    else:
        values, mask = stored_weights(operands, technology)
        ledger.add("DRAM", name, "READ", values, bit, "weights")
        ledger.add("DRAM", name, "READ bit mask", mask, bit, "weights")
        ledger.add("DRAM", name, "READ filter signs", operands.sign_bits, bit, "weights")
    ledger.add("DRAM", name, "READ", inputs * activation_bits, bit, "activations")
    ledger.add("DRAM", name, "WRITE", operands.outputs * activation_bits, bit, "outputs")
