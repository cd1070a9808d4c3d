"""Words of a row that wait for their turn: the register that holds them, and what selects one.

A row that holds more words than there are operations below to take them in one cycle is read once
and used for several cycles. It is held in a register of its width, and a tree of multiplexers takes
the word of the cycle. On its way in each word is put into such a register until the row is full.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hwsim.activity import ActionKey
from hwsim.arch.parts import Components
from hwsim.energy.physical.ledger import Ledger
from hwsim.engines.timeloop.terms.machine import Machine, StorageLevel
from hwsim.engines.timeloop.terms.operands import count_key


@dataclass(frozen=True)
class HeldWords:
    """What holding the words of a data space at a storage level takes.

    Parameters
    ----------
    level : StorageLevel
        The level.
    space : str
        The data space.
    words : int
        Words of a row.
    components : Components
        Prices.
    """

    level: StorageLevel
    space: str
    words: int
    components: Components

    @classmethod
    def of(
        cls, machine: Machine, level: StorageLevel, space: str, components: Components
    ) -> HeldWords | None:
        """Take them where there are any: DRAM moves whole rows to memories that hold rows."""
        words = level.block_of(space)
        taken_at_once = words * level.mesh.instances <= machine.compute.mesh.instances
        return None if level.dram or taken_at_once else cls(level, space, words, components)

    def charge(self, ledger: Ledger, action: str, rows: ActionKey, whose: str) -> None:
        """Charge the rows' register and the words' way out of or into it.

        Parameters
        ----------
        ledger : Ledger
            Has the counts of rows and of words.
        action : str
            E.g. ``read``.
        rows : ActionKey
            What counts the rows.
        whose : str
            The operand.
        """
        part, bits = self.components, self.level.bits_of(self.space)
        words = count_key(self.level.name, self.space, f"{action}s")
        if action != "read":
            ledger.charge(words, part.register(bits), label=f"{action}s: gather", operand=whose)
            return
        counted = ledger.activity.counts.get(rows, 0)
        hold = part.register(self.level.width)
        ledger.add(self.level.name, self.space, "reads: hold", counted, hold, whose)
        levels = math.ceil(math.log2(self.words))
        select = part.gate(bits).times(levels, f"levels to choose of {self.words}")
        ledger.charge(words, select, label="reads: select", operand=whose)
