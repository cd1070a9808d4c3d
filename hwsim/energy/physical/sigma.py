"""SIGMA in joules: what each of its counted actions moves and computes, bit by bit."""

from __future__ import annotations

import math
from typing import Final

from hwsim.activity import (
    ACTIVATIONS,
    OUTPUTS,
    PARTIAL_SUMS,
    UNUSED_ACTIVATIONS,
    WEIGHTS,
    ActionKey,
)
from hwsim.amount import Amount, anywhere, chosen
from hwsim.energy.physical._buffer import switch_levels
from hwsim.energy.physical._sigma_built import BUFFER as _BUFFER
from hwsim.energy.physical._sigma_built import SigmaBuilt, sigma_built
from hwsim.energy.physical.chip import Chip, charges_many
from hwsim.energy.physical.dram import charge_dram
from hwsim.energy.physical.ledger import Ledger
from hwsim.energy.physical.weights import (
    machine_format,
    multiplication,
    product_bits,
    stored_weights,
)
from hwsim.engines.stonne.fabric.variants import multicasts
from hwsim.errors import InputError
from hwsim.workload.operands import Operands

_MOVED: Final = (WEIGHTS, PARTIAL_SUMS, ACTIVATIONS)
_SWITCHES: Final = "BENES"


@charges_many
def charge_sigma(ledger: Ledger, operands: Operands, chip: Chip) -> None:
    """Charge everything that a layer makes SIGMA do.

    Parameters
    ----------
    ledger : Ledger
        With an activity of the engine ``sigma`` or ``stonne``.
    operands : Operands
        The layer's operands.
    chip : Chip
        With ``num_ms``, ``dn_bw`` and ``rn_bw``.
    """
    built = sigma_built(
        chip.technology,
        chip.components,
        chip.arch["num_ms"],
        chip.arch["dn_bw"],
        multicasts(chip.arch),
        tuple(ledger.activity.instances.items()),
    )
    machine = SigmaPricing(ledger, operands, chip, built)
    machine.charge_multipliers()
    machine.charge_distribution()
    machine.charge_reduction()
    machine.charge_collection()
    machine.charge_buffer()
    charge_dram(ledger, operands, chip)
    machine.charge_idle()


class SigmaPricing:
    """What a layer makes a fabric of trees do, part by part.

    Parameters
    ----------
    ledger : Ledger
        With an activity of the machine.
    operands : Operands
        The layer's operands.
    chip : Chip
        With ``num_ms``, ``dn_bw`` and ``rn_bw``.
    built : SigmaBuilt
        What the machine is built of.
    """

    def __init__(self, ledger: Ledger, operands: Operands, chip: Chip, built: SigmaBuilt) -> None:
        self.ledger = ledger
        self.counts = ledger.activity.counts
        self.operands = operands
        self.technology = chip.technology
        self.components = chip.components
        self.ports, self.write_ports = chip.arch["dn_bw"], chip.arch["rn_bw"]
        self.multipliers = chip.arch["num_ms"]
        self.multicasts = multicasts(chip.arch)
        self.sum_bits = self.technology.partial_sums.bits
        self.product_bits = product_bits(operands, self.technology)
        self.bits = {
            WEIGHTS: machine_format(operands, self.technology).bits,
            ACTIVATIONS: self.technology.activations.bits,
            UNUSED_ACTIVATIONS: self.technology.activations.bits,
            PARTIAL_SUMS: self.sum_bits,
            OUTPUTS: self.technology.activations.bits,
        }
        self.multiplications = self.counted("MSNetwork", "MULTIPLIER", "MULTIPLICATION")
        self.built = built
        self.tree, self.buffer, self.plan = built.tree, built.buffer, built.plan

    def counted(self, unit: str, component: str, action: str, operand: str = "") -> Amount:
        """Give a count; 0 of what did not happen."""
        return self.counts.get(ActionKey(unit, component, action, operand), 0)

    def charge_multipliers(self) -> None:
        """Charge products, sums that are forwarded, and queues."""
        charge, part, unit = self.ledger.charge, self.components, "MSNetwork"
        product = multiplication(self.operands, self.technology, part)
        charge(ActionKey(unit, "MULTIPLIER", "MULTIPLICATION"), product)
        forwarding = part.gate(self.sum_bits)
        charge(ActionKey(unit, "MULTIPLIER", "FORWARD_PSUM", PARTIAL_SUMS), forwarding)
        self._include_configuration(unit, "MULTIPLIER")

        # A queue's price is that of its register at the push; the pop is part of it.
        activation, weight, sums = (
            ActionKey(unit, "FIFO", "PUSH", operand)
            for operand in (ACTIVATIONS, WEIGHTS, PARTIAL_SUMS)
        )
        charge(activation, part.register(self.bits[ACTIVATIONS]))
        loaded = self.counted(*_BUFFER, "READ", WEIGHTS)
        charge(weight, part.register(self.bits[WEIGHTS]), count=loaded)
        self.ledger.include(weight, "a weight that stays is pushed anew but does not move")
        charge(sums, part.register(self.product_bits), count=self.multiplications)
        charge(sums, part.register(self.sum_bits))
        self._include_pops(unit)

    def charge_distribution(self) -> None:
        """Charge the wires to the ports and the trees below them."""
        branch_mm = self._branch_mm()
        for operand in _MOVED:
            wire = ActionKey("DSNetwork", "DN_WIRE", "WRITE", operand)
            once = ActionKey("DSNetwork", "SWITCH", "ROUTE_UNICAST", operand)
            twice = once._replace(action="ROUTE_BROADCAST")
            # A switch drives one wire below it, or both; the other wires lead to a port.
            branches = self.counts.get(once, 0) + 2 * self.counts.get(twice, 0)
            roots = self.counts.get(wire, 0) - branches
            bits = self.bits[operand]
            trunk = self.components.wire(bits, self._trunk_mm(operand, roots))
            twig = self.components.wire(bits, branch_mm)
            self.ledger.charge(wire, trunk, count=roots, label="WRITE to a port")
            self.ledger.charge(wire, twig, label="WRITE below a port")
            # One gate a bit for each wire that a switch drives.
            gate = self.components.gate(bits)
            self.ledger.charge(once, gate)
            self.ledger.charge(twice, gate.times(2, "wires"))

    def _branch_mm(self) -> float:
        """Length of a wire below a port: of its tree, or of the Benes network of a Flex-DPE.

        Its levels reach over 1/2, 1/4, ... of the multipliers and back, and a word crosses over in
        every second: together once along the side of the Flex-DPE.
        """
        if not self.multicasts:
            return self.plan.tree_mm(self.multipliers // self.ports)
        return self.plan.pitch_mm * math.sqrt(self.ports) / switch_levels(self.ports)

    def _trunk_mm(self, operand: str, packets: Amount) -> Amount:
        """Length from the buffer to a port: a value that several ports wait for is sent once."""
        if operand != ACTIVATIONS or not anywhere(packets):
            return self.plan.to_array_mm
        some = packets != 0
        packets, sent = chosen(some, packets, 1), chosen(some, self._sent(), 1)
        length = self.plan.multicast_mm(packets / sent) * sent / packets
        return chosen(some, length, self.plan.to_array_mm)

    def _sent(self) -> Amount:
        """Activations that leave the buffer for some port, zeros that were not read included."""
        key = ActionKey("DSNetwork", "DN_WIRE", "WRITE", ACTIVATIONS)
        levels = self.ledger.activity.levels.get(key)
        if levels is None:
            raise InputError(
                f"physical pricing of SIGMA: engine {self.ledger.activity.engine!r} does not say "
                "how many activations leave the buffer before they fork to the ports"
            )
        return levels[-1]

    def charge_reduction(self) -> None:
        """Charge the adder tree, and the signs of signed-binary filters."""
        unit = "ReduceNetwork"
        self.tree.charge(self.ledger, self.product_bits, self.plan)
        self._include_configuration(unit, "ADDER")
        self._include_pops(unit)
        if self.operands.coding == "zero":
            # The sign of a signed-binary filter, once an output: a negation is an addition, but of
            # a float it flips a bit.
            is_float = self.technology.partial_sums.is_float
            negation = self.components.gate(1) if is_float else self.tree.adder(self.sum_bits)
            self.ledger.add(unit, "SIGN", "NEGATE", self.operands.outputs, negation, WEIGHTS)

    def charge_collection(self) -> None:
        """Charge the bus."""
        charge, part, unit = self.ledger.charge, self.components, "CollectionBus"
        wire = part.wire(self.sum_bits, self.plan.to_array_mm)
        charge(ActionKey(unit, "CB_WIRE", "WRITE", PARTIAL_SUMS), wire)
        charge(ActionKey(unit, "FIFO", "PUSH", PARTIAL_SUMS), part.register(self.sum_bits))
        self._include_pops(unit)

    def charge_buffer(self) -> None:
        """Charge accesses; a value costs its bits' share of a row or of a bank's word."""
        buffer, access = self.buffer, self.built.access
        read, written = (
            {operand: access(action, bits) for operand, bits in self.bits.items()}
            for action in ("READ", "WRITE")
        )
        unused = ActionKey(*_BUFFER, "READ", UNUSED_ACTIVATIONS)
        if buffer.reads_needed:
            self.ledger.include(unused, "the controller reads what some multiplier waits for")
        for operand in (WEIGHTS, ACTIVATIONS, UNUSED_ACTIVATIONS, PARTIAL_SUMS):
            self.ledger.charge(ActionKey(*_BUFFER, "READ", operand), read[operand])
        for operand in (PARTIAL_SUMS, OUTPUTS):
            self.ledger.charge(ActionKey(*_BUFFER, "WRITE", operand), written[operand])
        # What comes from DRAM is written into the buffer, and results are read to go there.
        add, sizes = self.ledger.add, self.operands
        values, mask = stored_weights(sizes, self.technology)
        bit_written, bit_read = access("WRITE", 1), access("READ", 1)
        add(*_BUFFER, "FILL", sizes.inputs, written[ACTIVATIONS], ACTIVATIONS)
        add(*_BUFFER, "FILL bits", values, bit_written, WEIGHTS)
        add(*_BUFFER, "FILL bit mask", mask, bit_written, WEIGHTS)
        add(*_BUFFER, "READ bit mask", mask, bit_read, WEIGHTS)
        add(*_BUFFER, "DRAIN", sizes.outputs, read[OUTPUTS], OUTPUTS)
        if buffer.has_network:
            self._charge_switching()

    def _charge_switching(self) -> None:
        """Charge the way between banks and ports of all that is sent and written."""
        sent = {operand: self.counted(*_BUFFER, "READ", operand) for operand in _MOVED}
        sent[ACTIVATIONS] = self._sent()
        written = {
            operand: self.counted(*_BUFFER, "WRITE", operand) for operand in (PARTIAL_SUMS, OUTPUTS)
        }
        for action, ports, passed in (
            ("PASS to ports", self.ports, sent),
            ("PASS to banks", self.write_ports, written),
        ):
            for operand, count in passed.items():
                price = self.buffer.switching(self.bits[operand], ports, self.plan)
                self.ledger.add("GlobalBuffer", _SWITCHES, action, count, price, operand)

    def charge_idle(self) -> None:
        """Charge what passes while time passes: leakage, and the clock of all registers."""
        for (unit, component), instances in self.ledger.activity.instances.items():
            if component == "GLOBALBUFFER":
                area, leaks = self.built.memory.area, self.built.memory.leakage
            else:
                area = self.built.logic[unit, component]
                leaks = self.built.leakage[unit, component]
            self.ledger.build(unit, component, instances, area, leaks)
        if self.buffer.has_network:
            for ports in (self.ports, self.write_ports):
                area = self.buffer.switch_area(ports)
                leaks = self.components.leakage(area)
                switches = switch_levels(ports) * ports
                self.ledger.build("GlobalBuffer", _SWITCHES, switches, area, leaks)
        if self.technology.multiplier == "mask":
            # The sign of a filter negates its sums on their way to the buffer.
            part, sums = self.components, self.technology.partial_sums
            negating = part.gate_area(1) if sums.is_float else part.adder_area(sums)
            area = self.write_ports * negating.value
            leaks = self.components.leakage(area)
            self.ledger.build("ReduceNetwork", "SIGN", self.write_ports, area, leaks)
        for (unit, component), bits in self.built.registers.items():
            self.ledger.clock(unit, component, bits, self.components.clock(1))

    def _include_configuration(self, unit: str, component: str) -> None:
        key = ActionKey(unit, component, "CONFIGURATION")
        self.ledger.include(key, "a mode is set once for many columns")

    def _include_pops(self, unit: str) -> None:
        for operand in _MOVED:
            self.ledger.include(ActionKey(unit, "FIFO", "POP", operand), "part of the push")
