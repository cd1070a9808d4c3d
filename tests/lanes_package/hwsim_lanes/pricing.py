"""The lanes in joules."""

from __future__ import annotations

from hwsim_lanes.engine import BUFFER, GROUP, MULTIPLICATION

from hwsim.activity import ACTIVATIONS, OUTPUTS, WEIGHTS, ActionKey
from hwsim.energy.physical.chip import Chip
from hwsim.energy.physical.ledger import Ledger
from hwsim.energy.physical.weights import multiplication
from hwsim.workload import Operands

_ROW_BITS = 64


def charge_lanes(ledger: Ledger, operands: Operands, chip: Chip) -> None:
    """Charge products, subtractions, and rows of the buffer."""
    part, technology = chip.components, chip.technology
    ledger.charge(MULTIPLICATION, multiplication(operands, technology, part))
    ledger.charge(GROUP, part.adder(technology.partial_sums))
    reading = part.sram_read(technology.buffer_bytes, _ROW_BITS)
    writing = part.sram_write(technology.buffer_bytes, _ROW_BITS)
    for operand in (WEIGHTS, ACTIVATIONS):
        ledger.charge(ActionKey(*BUFFER, "READ", operand), reading)
    ledger.charge(ActionKey(*BUFFER, "WRITE", OUTPUTS), writing)
