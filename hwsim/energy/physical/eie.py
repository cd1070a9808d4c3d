"""EIE in joules: what each of its counted actions reads, sends and computes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hwsim.activity import ACTIVATIONS, OUTPUTS, WEIGHTS, ActionKey, ComponentKey
from hwsim.arch.multiplier import multiplier_area
from hwsim.arch.parts.figure import Figure
from hwsim.energy.physical._geometry import Floorplan
from hwsim.energy.physical.chip import Chip
from hwsim.energy.physical.ledger import Ledger
from hwsim.energy.physical.weights import multiplication
from hwsim.engines.eie import engine as counted
from hwsim.engines.eie.sizes import ROW_BITS
from hwsim.workload.operands import Operands

#: An activation travels with its index (ISCA 2016, section IV), as wide as a pointer.
_INDEX_BITS: Final = 16
_POINTER_BITS: Final = 16
#: Beginning and end of a column lie in different banks (ISCA 2016, section IV).
_POINTER_BANKS: Final = 2
_BITS_OF_BYTE: Final = 8


def charge_eie(ledger: Ledger, operands: Operands, chip: Chip) -> None:
    """Charge everything that a layer makes EIE do.

    Parameters
    ----------
    ledger : Ledger
        With an activity of the engine ``eie``.
    operands : Operands
        The layer's operands.
    chip : Chip
        With the parameters of an EIE.
    """
    machine = _Eie(ledger, operands, chip)
    machine.charge_memories()
    machine.charge_broadcast()
    machine.charge_arithmetic()
    machine.build()


class _Eie:
    def __init__(self, ledger: Ledger, operands: Operands, chip: Chip) -> None:
        self.ledger = ledger
        self.operands = operands
        self.arch = chip.arch
        self.technology = chip.technology
        self.parts = chip.components
        self.activation_bits = chip.technology.activations.bits
        row_bytes = ROW_BITS // _BITS_OF_BYTE
        #: Bytes and width of a memory, and how many of it a PE has.
        self.memories: dict[ComponentKey, tuple[float, int, int]] = {
            counted.ROW[:2]: (chip.arch["weight_rows"] * row_bytes, ROW_BITS, 1),
            counted.LOAD[:2]: (chip.arch["activation_rows"] * row_bytes, ROW_BITS, 1),
            counted.POINTER[:2]: (
                chip.arch["pointer_words"] * _POINTER_BITS / _BITS_OF_BYTE / _POINTER_BANKS,
                _POINTER_BITS,
                _POINTER_BANKS,
            ),
        }
        self.areas = self._logic_areas()

    def charge_memories(self) -> None:
        """Rows are read whole; of a row of activations a word's share is charged."""

        def size(key: ActionKey) -> tuple[float, int]:
            return self.memories[key[:2]][:2]

        def word(price: Figure) -> Figure:
            bits = self.activation_bits
            return price.times(bits / ROW_BITS, f"{bits} of {ROW_BITS} bits")

        charge, parts = self.ledger.charge, self.parts
        charge(counted.ROW, parts.sram_read(*size(counted.ROW)))
        charge(counted.POINTER, parts.sram_read(*size(counted.POINTER)))
        charge(counted.LOAD, word(parts.sram_read(*size(counted.LOAD))))
        charge(counted.STORE, word(parts.sram_write(*size(counted.STORE))))
        bit = parts.dram(self.technology.dram)
        for action, operand in (
            (counted.DRAM_READ, WEIGHTS),
            (counted.DRAM_READ, ACTIVATIONS),
            (counted.DRAM_WRITE, OUTPUTS),
        ):
            charge(action._replace(operand=operand), bit)

    def charge_broadcast(self) -> None:
        """Charge an activation and its index on their way to every PE, where they wait."""
        bits = self.activation_bits + _INDEX_BITS
        pes = self.arch["pes"]
        floor = Floorplan(sum(self.areas.values()) + sum(self._memory_areas().values()), pes)
        self.ledger.charge(counted.SEND, self.parts.wire(bits, floor.multicast_mm(pes)))
        self.ledger.charge(counted.PUSH, self.parts.register_file(self.arch["queue"], bits))
        self.ledger.include(counted.POP, "part of the push")
        held = self.parts.register_file(self.arch["accumulators"], self.activation_bits)
        self.ledger.charge(counted.HOLD, held)
        self.ledger.include(counted.FIND, "part of the write")

    def charge_arithmetic(self) -> None:
        """Charge entries: numbers are looked up and multiplied as wide as an activation."""
        parts, formats = self.parts, self.technology
        charge = self.ledger.charge
        if self.operands.coding == "value":
            # Sixteen weights that stay: choosing one takes gates, no register is written.
            levels = formats.weights.bits
            choosing = parts.gate(self.activation_bits).times(
                levels, f"levels to choose of {2**levels}"
            )
            charge(counted.LOOK_UP, choosing)
            product = parts.multiplier(formats.activations, formats.activations)
        else:
            self.ledger.include(counted.LOOK_UP, "a weight without a value needs no code book")
            product = multiplication(self.operands, formats, parts)
        charge(counted.MULTIPLY, product)
        charge(counted.ADD, parts.adder(formats.partial_sums))
        sums = parts.register_file(self.arch["accumulators"], formats.partial_sums.bits)
        charge(counted.SUM_WRITE, sums)
        self.ledger.include(counted.SUM_READ, "part of the write")

    def build(self) -> None:
        """Give every component its area and leakage; wires run above the logic.

        The clock runs through queue and code book. The files of registers are taken to be gated: a
        word's clock is in the price of its access.
        """
        memory_areas = self._memory_areas()
        for key, instances in self.ledger.activity.instances.items():
            if key in self.memories:
                capacity, width, banks = self.memories[key]
                leaks = self.parts.sram_leakage(capacity, width).times(
                    instances * banks, "instances"
                )
                self.ledger.build(*key, instances, memory_areas[key], leaks)
            elif key in self.areas:
                area = self.areas[key]
                self.ledger.build(*key, instances, area, self.parts.leakage(area))

        pes = self.arch["pes"]
        for key, bits in self._always_clocked().items():
            self.ledger.clock(*key, bits * pes, self.parts.clock(1))

    def _always_clocked(self) -> dict[ComponentKey, int]:
        """Bits of a PE's registers that are none of a file; only numbers need a code book."""
        levels = 2**self.technology.weights.bits if self._multiplies_numbers else 0
        return {
            counted.PUSH[:2]: self.arch["queue"] * (self.activation_bits + _INDEX_BITS),
            counted.LOOK_UP[:2]: levels * self.activation_bits,
        }

    @property
    def _multiplies_numbers(self) -> bool:
        return self.technology.multiplier == "number"

    def _memory_areas(self) -> dict[ComponentKey, float]:
        pes = self.arch["pes"]
        return {
            key: self.parts.sram_area(capacity, width).value * banks * pes
            for key, (capacity, width, banks) in self.memories.items()
        }

    def _logic_areas(self) -> dict[ComponentKey, float]:
        """Area of all instances of a component, um2."""
        parts, formats, pes = self.parts, self.technology, self.arch["pes"]
        bits, held = self.activation_bits, self.arch["accumulators"]
        clocked = self._always_clocked()
        # The numbers of the code book are as wide as an activation; after a mask comes a sign.
        wide = replace(formats, weights=formats.activations)
        multiplier = multiplier_area(wide, parts)
        if formats.multiplier == "mask":
            multiplier = multiplier_area(replace(wide, multiplier="ternary"), parts)
        of_one = {
            counted.HOLD: parts.register_area(held * bits),
            counted.PUSH: parts.register_area(clocked[counted.PUSH[:2]]),
            counted.LOOK_UP: parts.register_area(clocked[counted.LOOK_UP[:2]]),
            counted.MULTIPLY: multiplier,
            counted.ADD: parts.adder_area(formats.partial_sums),
            counted.SUM_WRITE: parts.register_area(held * formats.partial_sums.bits),
        }
        return {key[:2]: figure.value * pes for key, figure in of_one.items()}
