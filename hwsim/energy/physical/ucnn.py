"""UCNN in joules: what each of its counted actions reads, sends and computes."""

from __future__ import annotations

from hwsim.activity import ACTIVATIONS, OUTPUTS, WEIGHTS, ActionKey, ComponentKey
from hwsim.arch.parts.figure import Figure
from hwsim.energy.physical._geometry import Floorplan
from hwsim.energy.physical.chip import Chip
from hwsim.energy.physical.ledger import Ledger
from hwsim.energy.physical.weights import machine_format
from hwsim.engines.repetition import engine as counted
from hwsim.engines.repetition.sizes import UcnnSizes
from hwsim.number_format import NumberFormat
from hwsim.workload.operands import Operands

#: Row of the buffer.
_ROW_BITS = 64
#: CACTI's tables begin with a memory of 1 KB; one of 256 B or less is a file of registers, others
#: below 1 KB are priced as that.
_SRAM_BYTES = 1024
_REGISTER_BYTES = 256


def charge_ucnn(ledger: Ledger, operands: Operands, chip: Chip) -> None:
    """Charge everything that a layer makes the machine do.

    Parameters
    ----------
    ledger : Ledger
        With an activity of the engine ``ucnn``.
    operands : Operands
        The layer's operands.
    chip : Chip
        With the parameters of a UCNN.
    """
    machine = _Ucnn(ledger, operands, chip)
    machine.charge_buffer()
    machine.charge_pes()
    machine.build()


class _Ucnn:
    def __init__(self, ledger: Ledger, operands: Operands, chip: Chip) -> None:
        self.ledger, self.operands = ledger, operands
        self.technology, self.parts = chip.technology, chip.components
        self.sizes = sizes = UcnnSizes.of(chip.arch)
        self.buffer_bytes = chip.arch["buffer_kb"] * 1024
        #: Bytes and width of a PE's memories; one index reads the words of all columns.
        self.memories: dict[ComponentKey, tuple[int, int]] = {
            counted.HOLD[:2]: (
                _bytes(chip.arch["input_bytes"]),
                sizes.columns * sizes.activation_bits,
            ),
            counted.PUT[:2]: (_bytes(chip.arch["weight_bytes"]), _ROW_BITS),
        }
        self.areas = self._areas()

    @property
    def _sum(self) -> NumberFormat:
        """A group's sum."""
        return _integer(min(self.sizes.sum_bits, self.technology.partial_sums.bits))

    def charge_buffer(self) -> None:
        """Charge shares of rows of the buffer, DRAM by the bit, and the wires to the PEs."""
        charge, parts, tech = self.ledger.charge, self.parts, self.technology
        read = parts.sram_read(self.buffer_bytes, _ROW_BITS)
        write = parts.sram_write(self.buffer_bytes, _ROW_BITS)
        word, sums = self.sizes.activation_bits, tech.partial_sums.bits
        for key, bits in (
            (counted.LOAD, word),
            (counted.FETCH, 1),
            (counted.SUM_READ, sums),
            (counted.DRAIN, word),
        ):
            charge(key, _share(read, bits))
        for key, bits in (
            (counted.FILL, word),
            (counted.KEEP, 1),
            (counted.SUM_WRITE, sums),
            (counted.STORE, word),
        ):
            charge(key, _share(write, bits))
        floor = Floorplan(sum(self.areas.values()), self.sizes.pes)
        for key, bits in (
            (counted.SEND, word),
            (counted.SEND_WEIGHTS, 1),
            (counted.SEND_SUMS, sums),
        ):
            charge(key, parts.wire(bits, floor.to_array_mm))
        bit = parts.dram(tech.dram)
        for key, operand in (
            (counted.DRAM_READ, WEIGHTS),
            (counted.DRAM_READ, ACTIVATIONS),
            (counted.DRAM_WRITE, OUTPUTS),
        ):
            charge(key._replace(operand=operand), bit)

    def charge_pes(self) -> None:
        """Charge the memories of PEs, sums of groups, and products of sums or activations."""
        charge, parts, tech = self.ledger.charge, self.parts, self.technology
        word = self.sizes.activation_bits
        charge(counted.HOLD, self._access(counted.HOLD, word, write=True))
        charge(counted.TAKE, self._access(counted.TAKE, word))
        charge(counted.PUT, self._access(counted.PUT, 1, write=True))
        charge(counted.STEP, self._access(counted.STEP, 1))
        charge(counted.GROUP, parts.adder(self._sum))
        charge(counted.GROUP_WRITE, parts.register(self._sum.bits))
        charge(counted.MULTIPLY, self._product())
        charge(counted.ADD, parts.adder(tech.partial_sums))
        held = parts.register_file(self.sizes.filters, tech.partial_sums.bits)
        charge(counted.ACCUMULATE, held)

    def _product(self) -> Figure:
        """Price a weight times a sum of activations, or times an activation."""
        factor = self._sum if self.sizes.factored else self.technology.activations
        if self.operands.coding == "value":
            return self.parts.multiplier(machine_format(self.operands, self.technology), factor)
        both = self.operands.coding == "ternary" and not self.sizes.factored
        return self.parts.gate(factor.bits * (2 if both else 1))

    def _access(self, key: ActionKey, bits: int, *, write: bool = False) -> Figure:
        capacity, width = self.memories[key[:2]]
        if capacity < _SRAM_BYTES:
            price = self.parts.register_file(max(1, capacity * 8 // width), width)
        elif write:
            price = self.parts.sram_write(capacity, width)
        else:
            price = self.parts.sram_read(capacity, width)
        return price if bits == width else price.times(bits / width, f"{bits} of {width} bits")

    def build(self) -> None:
        """Give every component its area and leakage; wires run above the logic."""
        for key, instances in self.ledger.activity.instances.items():
            if key == counted.LOAD[:2]:
                area = self.parts.sram_area(self.buffer_bytes, _ROW_BITS).value
                self.ledger.build(
                    *key, 1, area, self.parts.sram_leakage(self.buffer_bytes, _ROW_BITS)
                )
            elif key in self.memories and self.memories[key][0] >= _SRAM_BYTES:
                leaks = self.parts.sram_leakage(*self.memories[key])
                self.ledger.build(
                    *key, instances, self.areas[key], leaks.times(instances, "instances")
                )
            elif key in self.areas:
                self.ledger.build(
                    *key, instances, self.areas[key], self.parts.leakage(self.areas[key])
                )
        held = self.sizes.pes * self.sizes.columns * self.sizes.filters
        self.ledger.clock(
            *counted.ACCUMULATE[:2],
            held * self.technology.partial_sums.bits,
            self.parts.clock(1),
        )
        if self.sizes.factored:
            self.ledger.clock(*counted.GROUP_WRITE[:2], held * self._sum.bits, self.parts.clock(1))

    def _areas(self) -> dict[ComponentKey, float]:
        """Area of all instances of a component of the PEs, um2."""
        sizes, parts, tech = self.sizes, self.parts, self.technology
        lanes = sizes.pes * sizes.columns
        wide = lanes if sizes.factored else lanes * sizes.filters
        factor = self._sum if sizes.factored else tech.activations
        found = {
            counted.MULTIPLY[:2]: parts.multiplier_area(tech.weights, factor).value * wide,
            counted.ADD[:2]: parts.adder_area(tech.partial_sums).value * wide,
            counted.ACCUMULATE[:2]: parts.register_area(tech.partial_sums.bits).value
            * lanes
            * sizes.filters,
        }
        for key, (capacity, width) in self.memories.items():
            if capacity < _SRAM_BYTES:
                found[key] = parts.register_area(capacity * 8).value * sizes.pes
            else:
                found[key] = parts.sram_area(capacity, width).value * sizes.pes
        if sizes.factored:
            found[counted.GROUP[:2]] = parts.adder_area(self._sum).value * lanes
            registers = parts.register_area(self._sum.bits).value * lanes * sizes.filters
            found[counted.GROUP_WRITE[:2]] = registers
        return found


def _bytes(given: int) -> int:
    return given if given <= _REGISTER_BYTES else max(given, _SRAM_BYTES)


def _share(row: Figure, bits: int) -> Figure:
    return row.times(bits / _ROW_BITS, f"{bits} of {_ROW_BITS} bits")


def _integer(bits: int) -> NumberFormat:
    return NumberFormat.parse(f"int{bits}")
