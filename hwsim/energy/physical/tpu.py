"""A systolic mesh in joules: what each of its counted actions moves and computes, bit by bit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from hwsim.activity import ACTIVATIONS, OUTPUTS, PARTIAL_SUMS, WEIGHTS, ActionKey, ComponentKey
from hwsim.arch.multiplier import multiplier_area
from hwsim.energy.physical._buffer import Buffer
from hwsim.energy.physical._geometry import Floorplan
from hwsim.energy.physical.chip import Chip
from hwsim.energy.physical.dram import charge_dram
from hwsim.energy.physical.ledger import Ledger
from hwsim.energy.physical.weights import (
    machine_format,
    multiplication,
    product_bits,
    stored_weights,
    widest_product_bits,
)
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.workload.operands import Operands

_BUFFER: Final = ("GlobalBuffer", "GLOBALBUFFER")
_SWITCHES: Final = ("DSNetwork", "SWITCH")
_QUEUES: Final = ("MSNetwork", "FIFO")
_ACCUMULATORS: Final = ("ReduceNetwork", "ACCUMULATOR")
_SUM_QUEUES: Final = ("ReduceNetwork", "FIFO")
_BUS_QUEUES: Final = ("CollectionBus", "FIFO")
_MOVED: Final = (WEIGHTS, ACTIVATIONS)


def charge_tpu(ledger: Ledger, operands: Operands, chip: Chip) -> None:
    """Charge everything that a layer makes the mesh do.

    Parameters
    ----------
    ledger : Ledger
        With an activity of the engine ``tpu``.
    operands : Operands
        The layer's operands.
    chip : Chip
        With the parameters of :class:`~hwsim.engines.stonne.tpu.sizes.MeshSizes`.
    """
    machine = _Mesh(ledger, operands, chip)
    machine.charge_distribution()
    machine.charge_multipliers()
    machine.charge_sums()
    machine.charge_collection()
    machine.charge_buffer()
    charge_dram(ledger, operands, chip)
    machine.build()


class _Mesh:
    def __init__(self, ledger: Ledger, operands: Operands, chip: Chip) -> None:
        self.ledger = ledger
        self.counts = ledger.activity.counts
        self.operands = operands
        self.technology = chip.technology
        self.parts = chip.components
        self.sizes = MeshSizes.of(chip.arch)
        self.sum_bits = self.technology.partial_sums.bits
        self.bits = {
            WEIGHTS: machine_format(operands, self.technology).bits,
            ACTIVATIONS: self.technology.activations.bits,
            OUTPUTS: self.technology.activations.bits,
        }
        self.buffer = Buffer(self.technology, self.parts, self.sizes.dn_bw, switched=False)
        self.plan = Floorplan(sum(self.areas.values()), self.sizes.multipliers)

    def charge_distribution(self) -> None:
        """Charge the wires to the ports, and those of a port's tree along the edge of the mesh.

        The wires of a tree over ``n`` edges reach over a quarter of it, an eighth, and so on:
        ``(n - 1) / 2`` pitches on the way to an edge.
        """
        leaves = self.sizes.leaves_of_port
        levels = max(leaves.bit_length() - 1, 1)
        branch_mm = self.plan.pitch_mm * (leaves - 1) / (2 * levels)
        for operand in _MOVED:
            wire = ActionKey("DSNetwork", "DN_WIRE", "WRITE", operand)
            switched = ActionKey(*_SWITCHES, "ROUTE_UNICAST", operand)
            branches = self.counts.get(switched, 0)
            trunk = self.parts.wire(self.bits[operand], self.plan.to_array_mm)
            roots = self.counts.get(wire, 0) - branches
            self.ledger.charge(wire, trunk, count=roots, label="WRITE to a port")
            twig = self.parts.wire(self.bits[operand], branch_mm)
            self.ledger.charge(wire, twig, label="WRITE below a port")
            self.ledger.charge(switched, self.parts.gate(self.bits[operand]))

    def charge_multipliers(self) -> None:
        product = ActionKey("MSNetwork", "MULTIPLIER", "MULTIPLICATION")
        products = self.counts.get(product, 0)
        self.ledger.charge(product, multiplication(self.operands, self.technology, self.parts))
        self.ledger.include(product._replace(action="CONFIGURATION"), "a mode, once a pass")
        pushed = ActionKey(*_QUEUES, "PUSH")
        for operand in _MOVED:
            link = ActionKey("MSNetwork", "MN_WIRE", "WRITE", operand)
            self.ledger.charge(link, self.parts.wire(self.bits[operand], self.plan.pitch_mm))
            held = pushed._replace(operand=operand)
            self.ledger.charge(held, self.parts.register(self.bits[operand]), count=products)
            self.ledger.include(held, "the register that an operand came into drives the next link")
        width = product_bits(self.operands, self.technology)
        self.ledger.charge(pushed._replace(operand=PARTIAL_SUMS), self.parts.register(width))
        self._include_pops(_QUEUES, WEIGHTS, ACTIVATIONS, PARTIAL_SUMS)

    def charge_sums(self) -> None:
        wire = ActionKey("ReduceNetwork", "RN_WIRE", "WRITE", PARTIAL_SUMS)
        self.ledger.include(wire, "the accumulator lies beside its multiplier")
        taken = ActionKey(*_SUM_QUEUES, "PUSH", PARTIAL_SUMS)
        self.ledger.include(taken, "the product is taken from the multiplier's register")
        whole = taken._replace(operand=OUTPUTS)
        self.ledger.charge(whole, self.parts.register(self.sum_bits))
        self._include_pops(_SUM_QUEUES, PARTIAL_SUMS, OUTPUTS)
        added = ActionKey(*_ACCUMULATORS, "ADD", PARTIAL_SUMS)
        self.ledger.charge(added, self.parts.adder(self.technology.partial_sums))
        written = added._replace(action="WRITE")
        self.ledger.charge(written, self.parts.register(self.sum_bits))
        self.ledger.include(added._replace(action="READ"), "part of the write")
        if self.operands.coding == "zero":
            # The sign of a signed-binary filter, once an output.
            sums = self.technology.partial_sums
            negation = self.parts.gate(1) if sums.is_float else self.parts.adder(sums)
            outputs = self.operands.outputs
            self.ledger.add("ReduceNetwork", "SIGN", "NEGATE", outputs, negation, WEIGHTS)

    def charge_collection(self) -> None:
        wire = ActionKey("CollectionBus", "CB_WIRE", "WRITE", OUTPUTS)
        self.ledger.charge(wire, self.parts.wire(self.sum_bits, self.plan.to_array_mm / 2))
        self.ledger.charge(
            ActionKey(*_BUS_QUEUES, "PUSH", OUTPUTS), self.parts.register(self.sum_bits)
        )
        self._include_pops(_BUS_QUEUES, OUTPUTS)

    def charge_buffer(self) -> None:
        """Charge accesses at their share of a row, and what passes between buffer and DRAM."""
        memory, share = self.buffer.memory, self.buffer.share
        read = {operand: share(memory.read, bits) for operand, bits in self.bits.items()}
        written = {operand: share(memory.write, bits) for operand, bits in self.bits.items()}
        for operand in _MOVED:
            self.ledger.charge(ActionKey(*_BUFFER, "READ", operand), read[operand])
        self.ledger.charge(ActionKey(*_BUFFER, "WRITE", OUTPUTS), written[OUTPUTS])
        values, mask = stored_weights(self.operands, self.technology)
        add, sizes = self.ledger.add, self.operands
        add(*_BUFFER, "FILL", sizes.inputs, written[ACTIVATIONS], ACTIVATIONS)
        add(*_BUFFER, "FILL bits", values + mask, share(memory.write, 1), WEIGHTS)
        add(*_BUFFER, "DRAIN", sizes.outputs, read[OUTPUTS], OUTPUTS)

    def build(self) -> None:
        """Give every component its area and leakage, and clock the registers."""
        for (unit, component), number in self.ledger.activity.instances.items():
            if (unit, component) == _BUFFER:
                area, leaks = self.buffer.memory.area, self.buffer.memory.leakage
            else:
                area = self.areas.get((unit, component), 0.0)  # wires run above the logic
                leaks = self.parts.leakage(area)
            self.ledger.build(unit, component, number, area, leaks)
        clocked = {**self.registers, _BUFFER: self.sizes.dn_bw * self.bits[ACTIVATIONS]}
        for (unit, component), bits in clocked.items():
            self.ledger.clock(unit, component, bits, self.parts.clock(1))

    @cached_property
    def registers(self) -> Mapping[ComponentKey, float]:
        """Bits of the registers of each component; built for the machine's widest formats."""
        formats, multipliers = self.technology, self.sizes.multipliers
        operands = formats.activations.bits + formats.weights.bits
        lines = self.sizes.rn_bw * self.sizes.inputs_of_line
        return {
            _QUEUES: multipliers * (operands + widest_product_bits(formats)),
            _ACCUMULATORS: multipliers * self.sum_bits,
            _SUM_QUEUES: multipliers * self.sum_bits,
            _BUS_QUEUES: lines * self.sum_bits,
        }

    @cached_property
    def areas(self) -> Mapping[ComponentKey, float]:
        """Area of all instances of each component of logic, um2."""
        formats, multipliers = self.technology, self.sizes.multipliers
        switches = self.sizes.dn_bw * (self.sizes.leaves_of_port - 1)
        switched = 2 * max(formats.activations.bits, formats.weights.bits)
        areas = {
            ("MSNetwork", "MULTIPLIER"): multipliers * multiplier_area(formats, self.parts).value,
            _ACCUMULATORS: multipliers * self.parts.adder_area(formats.partial_sums).value,
            _SWITCHES: switches * self.parts.gate_area(switched).value,
        }
        for key, bits in self.registers.items():
            areas[key] = areas.get(key, 0.0) + self.parts.register_area(bits).value
        return areas

    def _include_pops(self, queue: ComponentKey, *operands: str) -> None:
        for operand in operands:
            self.ledger.include(ActionKey(*queue, "POP", operand), "part of the push")
