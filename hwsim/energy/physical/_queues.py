"""Queues between the networks and the units that they serve, such as the PEs."""

from __future__ import annotations

from typing import Final

from hwsim.energy.physical.chip import Chip
from hwsim.energy.physical.ledger import Ledger
from hwsim.engines.timeloop.layers.layer_machine import OperandBits, queues_of
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.operands import OPERAND_OF, count_key

_COMPONENT: Final = "QUEUE"


def charge_queues(ledger: Ledger, machine: Machine, used: OperandBits, chip: Chip) -> None:
    """Charge the clock of all queues, and the words that pass: into the units, and sums out again.

    Parameters
    ----------
    ledger : Ledger
        Has the counts of words.
    machine : Machine
        The levels.
    used : OperandBits
        Widths of the layer's words.
    chip : Chip
        Prices. Nothing is charged where its design states no queues.
    """
    names = [level.name for level in machine.levels]
    stated = queues_of(chip.arch, names)
    if stated is None:
        return
    unit, bits = stated
    outermost = names.index(unit)
    parts, counts = chip.components, ledger.activity.counts
    instances = machine.levels[outermost].mesh.instances
    for space, operand in OPERAND_OF.items():
        come = (counts.get(count_key(name, space, "fills"), 0) for name in names[outermost::-1])
        words = next((number for number in come if number), 0)
        for name in names[outermost + 1 : outermost + 2]:
            words += counts.get(count_key(name, space, "updates"), 0)
        ledger.add(
            unit, _COMPONENT, "write", words, parts.register(used.by_data_space[space]), operand
        )
    area = parts.register_area(bits).value * instances
    ledger.build(unit, _COMPONENT, instances, area, parts.leakage(area))
    ledger.clock(unit, _COMPONENT, instances * bits, parts.clock(1))
