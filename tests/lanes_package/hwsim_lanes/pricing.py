"""The lanes in joules."""

from __future__ import annotations

from hwsim_lanes.engine import BUFFER, GROUP, MULTIPLICATION

from hwsim.activity import ACTIVATIONS, OUTPUTS, WEIGHTS, ActionKey
from hwsim.arch.multiplier import multiplier_area
from hwsim.energy.physical.chip import Chip
from hwsim.energy.physical.ledger import Ledger
from hwsim.energy.physical.weights import multiplication
from hwsim.workload import Operands

_ROW_BITS = 64


def charge_lanes(ledger: Ledger, operands: Operands, chip: Chip) -> None:
    """Charge products, subtractions, rows of the buffer; the adder is part of the buffer's port."""
    part, technology = chip.components, chip.technology
    ledger.charge(MULTIPLICATION, multiplication(operands, technology, part))
    ledger.charge(GROUP, part.adder(technology.partial_sums))
    reading = part.sram_read(technology.buffer_bytes, _ROW_BITS)
    writing = part.sram_write(technology.buffer_bytes, _ROW_BITS)
    for operand in (WEIGHTS, ACTIVATIONS):
        ledger.charge(ActionKey(*BUFFER, "READ", operand), reading)
    ledger.charge(ActionKey(*BUFFER, "WRITE", OUTPUTS), writing)
    lanes = chip.arch["lanes"]
    area = lanes * multiplier_area(technology, part).value
    ledger.build(*MULTIPLICATION[:2], lanes, area, part.leakage(area))
    buffer = part.sram_area(technology.buffer_bytes, _ROW_BITS).value
    ledger.build(*BUFFER, 1, buffer, part.sram_leakage(technology.buffer_bytes, _ROW_BITS))
