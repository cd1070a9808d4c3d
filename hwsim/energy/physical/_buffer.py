"""SIGMA's global buffer in joules: rows that are read whole, or banks that are read word by word.

A controller that reads every value of a column reads it in rows of a value a port. One that reads
what the bit maps ask for reads other words in every column: each port needs a bank of its own, and
a network that takes any bank's word to any port.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from hwsim.arch import Technology
from hwsim.arch.parts import Components
from hwsim.arch.parts.figure import Figure
from hwsim.arch.parts.memory import MemoryPrices, on_chip_memory
from hwsim.arch.parts.sram import FEWEST_ROWS
from hwsim.energy.physical._geometry import Floorplan

#: Banks for each access of a cycle, so that few of them meet in one bank: SCNN has twice as many
#: as products (Parashar et al., ISCA 2017, section IV; from memory).
_BANKS: Final = 2


class Buffer(NamedTuple):
    """The buffer and its way to the ports.

    Parameters
    ----------
    technology : Technology
        Capacity, word, controller.
    components : Components
        Prices and areas.
    read_ports : int
        Values a cycle.
    switched : bool
        Whether the multipliers' own network takes any word to any of them, so that there is none
        in front of the ports.
    """

    technology: Technology
    components: Components
    read_ports: int
    switched: bool

    @property
    def reads_needed(self) -> bool:
        """Whether only those values are read that some multiplier waits for."""
        return self.technology.controller == "reads-needed"

    @property
    def has_network(self) -> bool:
        """Whether there is a network between banks and ports."""
        return self.reads_needed and not self.switched

    @property
    def word_bits(self) -> int:
        """Bits of an access: a row, or a word of a bank."""
        word = self.technology.activations.bits
        if self.reads_needed:
            return word
        # A row feeds every port, unless it would leave too few rows for CACTI.
        deepest = self.technology.buffer_bytes * 8 // FEWEST_ROWS
        return min(self.read_ports * word, deepest)

    @property
    def banks(self) -> int:
        """Memories of a word's width, where words are read one by one."""
        return _BANKS * self.read_ports

    @property
    def memory(self) -> MemoryPrices:
        """Prices of an access to a bank, and area and leakage of all banks."""
        part, capacity, word = self.components, self.technology.buffer_bytes, self.word_bits
        if not self.reads_needed:
            return MemoryPrices(
                part.sram_read(capacity, word),
                part.sram_write(capacity, word),
                part.sram_leakage(capacity, word),
                part.sram_area(capacity, word).value,
            )
        bank = on_chip_memory(part, -(-capacity * 8 // self.banks), word, sram=True)
        leakage = bank.leakage.times(self.banks, "banks")
        return MemoryPrices(bank.read, bank.write, leakage, bank.area * self.banks)

    def share(self, price: Figure, bits: int) -> Figure:
        """Price a value of so many bits as its part of an access."""
        return price.times(bits / self.word_bits, f"{bits} of {self.word_bits} bits")

    def switching(self, bits: int, ports: int, plan: Floorplan) -> Figure:
        """Price the way of a value through the network between banks and ports.

        Notes
        -----
        A Benes network, as SIGMA has in front of its multipliers: ``2 log2(ports) + 1`` levels
        (``benes.v`` of the authors' public RTL, georgia-tech-synergy-lab/SIGMA). In each a gate a
        bit takes one of two inputs. The levels reach over 1/2, 1/4, ... of the ports and back, and
        a value crosses over in every second: together once along the side with the ports.
        """
        wire = self.components.wire(bits, plan.side_mm)
        levels = switch_levels(ports)
        gates = self.components.gate(bits).value * levels
        return wire.times(1 + gates / wire.value, f"and {levels} levels of gates")

    def switch_area(self, ports: int) -> float:
        """Area of such a network, um2: a gate a bit for both outputs of each switch."""
        word = self.technology.activations.bits
        return switch_levels(ports) * ports * 2 * self.components.gate_area(word).value


def switch_levels(ports: int) -> int:
    """Levels of a Benes network of a power of two ports."""
    return 2 * (ports.bit_length() - 1) + 1
