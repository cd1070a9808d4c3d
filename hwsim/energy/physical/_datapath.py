"""Registers of a compute unit: operands, sum, and what stands between the stages of a pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.energy.physical.chip import Chip
from hwsim.energy.physical.ledger import Ledger
from hwsim.engines.timeloop.layers.layer_machine import OperandBits, datapath_of


@dataclass(frozen=True)
class Datapath:
    """The registers of a compute unit, and what an operation writes of them.

    Parameters
    ----------
    built : int
        Bits that are there, clocked in every cycle.
    written : int
        Bits that an operation writes; 0 where that is part of the accesses to memories.
    """

    built: int
    written: int

    @classmethod
    def of(cls, chip: Chip, used: OperandBits) -> Datapath:
        """Take what the design states, or a register for each operand and one for the sum.

        Narrower operands, such as weights of 1 bit, leave the upper bits of the registers at rest.
        """
        widest, stages = OperandBits.of(None, chip.technology), datapath_of(chip.arch)
        if stages is None:
            return cls(_bits(widest, 0, 0), 0)
        return cls(_bits(widest, *stages), _bits(used, *stages))

    def charge(self, ledger: Ledger, unit: str, instances: int, done: float, chip: Chip) -> None:
        """Charge the clock of all units, and what their operations write.

        Parameters
        ----------
        ledger : Ledger
            Takes the rows.
        unit : str
            Name of the compute units.
        instances : int
            How many there are.
        done : float
            Operations that are neither gated nor skipped.
        chip : Chip
            Prices.
        """
        parts = chip.components
        ledger.clock(unit, "MAC", instances * self.built, parts.clock(1))
        if self.written:
            ledger.add(unit, "DATAPATH", "write", done, parts.register(self.written))
            area = parts.register_area(self.built).value * instances
            ledger.build(unit, "DATAPATH", instances, area, parts.leakage(area))


def _bits(words: OperandBits, products: int, sums: int) -> int:
    """Operands and a sum, and so many words between the stages; a product is as wide as both."""
    product = words.weights + words.activations
    return (1 + products) * product + (1 + sums) * words.partial_sums
