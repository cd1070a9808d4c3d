"""DRAM traffic of a layer: every value crosses once."""

from __future__ import annotations

from hwsim.arch.parts import Components
from hwsim.arch.technology import Technology
from hwsim.energy.physical.ledger import Ledger
from hwsim.energy.physical.weights import stored_weights
from hwsim.workload.operands import Operands


def charge_dram(
    ledger: Ledger, operands: Operands, technology: Technology, components: Components
) -> None:
    """Charge weights with mask and signs, input and output feature map.

    Each is moved once, which is the least that any schedule needs; a buffer too small for a layer
    makes it more. The unit of a count is a bit.

    Parameters
    ----------
    ledger : Ledger
        Takes the rows.
    operands : Operands
        The layer's operands.
    technology : Technology
        Kind of DRAM, number formats, storage of the weights.
    components : Components
        Prices.
    """
    bit = components.dram(technology.dram)
    values, mask, _ = stored_weights(operands, technology)
    activation_bits = technology.activations.bits
    name = technology.dram
    ledger.charge("DRAM", name, "READ", values, bit, "weights")
    ledger.charge("DRAM", name, "READ bit mask", mask, bit, "weights")
    ledger.charge("DRAM", name, "READ filter signs", operands.sign_bits, bit, "weights")
    ledger.charge("DRAM", name, "READ", operands.inputs * activation_bits, bit, "activations")
    ledger.charge("DRAM", name, "WRITE", operands.outputs * activation_bits, bit, "outputs")
