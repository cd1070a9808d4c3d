"""SIGMA in joules: what each of its counted actions moves and computes, bit by bit."""

from __future__ import annotations

from typing import Final

from hwsim.activity import ACTIVATIONS, OUTPUTS, PARTIAL_SUMS, WEIGHTS, ActionKey
from hwsim.arch.parts.figure import Figure
from hwsim.arch.parts.sram import FEWEST_ROWS
from hwsim.energy.physical._geometry import Floorplan
from hwsim.energy.physical.chip import Chip
from hwsim.energy.physical.dram import charge_dram
from hwsim.energy.physical.ledger import Ledger
from hwsim.energy.physical.weights import machine_format, multiplication, product_bits
from hwsim.errors import InputError
from hwsim.workload.operands import Operands

_MOVED: Final = (WEIGHTS, PARTIAL_SUMS, ACTIVATIONS)
_BUFFER: Final = ("GlobalBuffer", "GLOBALBUFFER")
_WIRES: Final = (
    ("DSNetwork", "DN_WIRE"),
    ("MSNetwork", "MN_WIRE"),
    ("ReduceNetwork", "RN_WIRE"),
    ("CollectionBus", "CB_WIRE"),
)


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
    machine = _Sigma(ledger, operands, chip)
    machine.charge_multipliers()
    machine.charge_distribution()
    machine.charge_reduction()
    machine.charge_collection()
    machine.charge_buffer()
    charge_dram(ledger, operands, chip)
    machine.charge_idle()


class _Sigma:
    def __init__(self, ledger: Ledger, operands: Operands, chip: Chip) -> None:
        self.ledger = ledger
        self.counts = ledger.activity.counts
        self.operands = operands
        self.technology = chip.technology
        self.components = chip.components
        self.ports = chip.arch["dn_bw"]
        self.multipliers = chip.arch["num_ms"]
        self.leaves_of_port = self.multipliers // self.ports
        self.sum_bits = self.technology.partial_sums.bits
        self.product_bits = product_bits(operands, self.technology)
        self.bits = {
            WEIGHTS: machine_format(operands, self.technology).bits,
            ACTIVATIONS: self.technology.activations.bits,
            PARTIAL_SUMS: self.sum_bits,
            OUTPUTS: self.technology.activations.bits,
        }
        self.multiplications = self.counted("MSNetwork", "MULTIPLIER", "MULTIPLICATION")
        self.sums_back = self.counted("MSNetwork", "MULTIPLIER", "FORWARD_PSUM", PARTIAL_SUMS)
        self.logic = self._logic_areas()
        self.plan = Floorplan(sum(self.logic.values()), self.multipliers)

    def counted(self, unit: str, component: str, action: str, operand: str = "") -> float:
        return self.counts.get(ActionKey(unit, component, action, operand), 0)

    def charge_multipliers(self) -> None:
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
        branch_mm = self.plan.tree_mm(self.leaves_of_port)
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

    def _trunk_mm(self, operand: str, values: float) -> float:
        """Length from the buffer to a port: a value that several ports wait for is sent once."""
        if operand != ACTIVATIONS or not values:
            return self.plan.to_array_mm
        sent = self.counted(*_BUFFER, "READ", ACTIVATIONS)
        return self.plan.multicast_mm(values / sent) * sent / values

    def charge_reduction(self) -> None:
        charge, part, unit = self.ledger.charge, self.components, "ReduceNetwork"
        adder = part.adder(self.technology.partial_sums)
        charge(ActionKey(unit, "ADDER", "ADD_2_1"), adder)
        charge(ActionKey(unit, "ADDER", "ADD_3_1"), adder.times(2, "additions"))
        self._include_configuration(unit, "ADDER")
        products, back = self.multiplications, self.sums_back
        leaf_mm, inner_mm = self.plan.tree_mm(2), self.plan.tree_mm(self.multipliers, 1)
        wire = ActionKey(unit, "RN_WIRE", "WRITE", PARTIAL_SUMS)
        charge(wire, part.wire(self.product_bits, leaf_mm), count=products)
        charge(wire, part.wire(self.sum_bits, leaf_mm), count=back)
        charge(wire, part.wire(self.sum_bits, inner_mm))
        queue = ActionKey(unit, "FIFO", "PUSH", PARTIAL_SUMS)
        charge(queue, part.register(self.product_bits), count=products)
        charge(queue, part.register(self.sum_bits))
        self._include_pops(unit)
        if self.operands.coding == "zero":
            # The sign of a signed-binary filter, once an output: a negation is an addition.
            self.ledger.add(unit, "SIGN", "NEGATE", self.operands.outputs, adder, WEIGHTS)

    def charge_collection(self) -> None:
        charge, part, unit = self.ledger.charge, self.components, "CollectionBus"
        wire = part.wire(self.sum_bits, self.plan.to_array_mm)
        charge(ActionKey(unit, "CB_WIRE", "WRITE", PARTIAL_SUMS), wire)
        charge(ActionKey(unit, "FIFO", "PUSH", PARTIAL_SUMS), part.register(self.sum_bits))
        self._include_pops(unit)

    def charge_buffer(self) -> None:
        """Rows are packed and read whole: a value costs its bits' share of a row."""
        capacity, row = self.technology.buffer_bytes, self._row_bits
        reading = self.components.sram_read(capacity, row)
        writing = self.components.sram_write(capacity, row)

        def of_row(price: Figure, operand: str) -> Figure:
            bits = self.bits[operand]
            return price.times(bits / row, f"{bits} of {row} bits")

        for operand in (WEIGHTS, ACTIVATIONS, PARTIAL_SUMS):
            self.ledger.charge(ActionKey(*_BUFFER, "READ", operand), of_row(reading, operand))
        for operand in (PARTIAL_SUMS, OUTPUTS):
            self.ledger.charge(ActionKey(*_BUFFER, "WRITE", operand), of_row(writing, operand))
        # What comes from DRAM is written into the buffer, and results are read to go there.
        add, sizes = self.ledger.add, self.operands
        filled = of_row(writing, ACTIVATIONS)
        add(*_BUFFER, "FILL", sizes.inputs, filled, ACTIVATIONS)
        add(*_BUFFER, "FILL", sizes.weights, of_row(writing, WEIGHTS), WEIGHTS)
        add(*_BUFFER, "DRAIN", sizes.outputs, of_row(reading, OUTPUTS), OUTPUTS)

    def charge_idle(self) -> None:
        for (unit, component), instances in self.ledger.activity.instances.items():
            if component == "GLOBALBUFFER":
                capacity = self.technology.buffer_bytes
                area = self.components.sram_area(capacity, self._row_bits).value
                leaks = self.components.sram_leakage(capacity, self._row_bits)
            else:
                area = self.logic[unit, component]
                leaks = self.components.leakage(area)
            self.ledger.build(unit, component, instances, area, leaks)

    def _include_configuration(self, unit: str, component: str) -> None:
        key = ActionKey(unit, component, "CONFIGURATION")
        self.ledger.include(key, "a mode is set once for many columns")

    def _include_pops(self, unit: str) -> None:
        for operand in _MOVED:
            self.ledger.include(ActionKey(unit, "FIFO", "POP", operand), "part of the push")

    @property
    def _row_bits(self) -> int:
        """A row feeds every port, unless it would leave too few rows for CACTI."""
        deepest = self.technology.buffer_bytes * 8 // FEWEST_ROWS
        return max(min(self.ports * self.bits[ACTIVATIONS], deepest), 1)

    def _logic_areas(self) -> dict[tuple[str, str], float]:
        """Area of all instances of each component, um2; built for the machine's widest formats."""
        part, formats = self.components, self.technology
        widths = (formats.activations.bits, formats.weights.bits, 3 * self.sum_bits)
        of_one = {
            ("MSNetwork", "MULTIPLIER"): part.multiplier_area(
                formats.weights, formats.activations
            ).value,
            # Five queues: activation, weight, and three for partial sums.
            ("MSNetwork", "FIFO"): part.register_area(sum(widths)).value / 5,
            ("ReduceNetwork", "ADDER"): part.adder_area(formats.partial_sums).value,
            ("ReduceNetwork", "FIFO"): part.register_area(self.sum_bits).value,
            ("CollectionBus", "FIFO"): part.register_area(self.sum_bits).value,
            ("DSNetwork", "SWITCH"): part.gate_area(2 * self.sum_bits).value,
        }
        of_one |= dict.fromkeys(_WIRES, 0.0)  # they run above the logic
        built = {
            key: instances
            for key, instances in self.ledger.activity.instances.items()
            if key[1] != "GLOBALBUFFER"
        }
        for (unit, component), instances in built.items():
            if instances and (unit, component) not in of_one:
                raise InputError(
                    f"physical pricing of SIGMA: no area and leakage of component {component!r} "
                    f"in {unit} ({instances:g} instances)"
                )
        return {key: instances * of_one.get(key, 0.0) for key, instances in built.items()}
