"""SIGMA in joules: what each of its counted actions moves and computes, bit by bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hwsim.arch.parts import Components
from hwsim.arch.parts.figure import Figure
from hwsim.arch.parts.sram import FEWEST_ROWS
from hwsim.energy.physical.dram import charge_dram
from hwsim.energy.physical.geometry import Floorplan
from hwsim.energy.physical.ledger import FREE, Ledger
from hwsim.energy.physical.weights import machine_format, multiplication, product_bits
from hwsim.workload.operands import Operands

if TYPE_CHECKING:
    from hwsim.activity import Activity
    from hwsim.arch import Arch
    from hwsim.arch.technology import Technology

WEIGHTS, ACTIVATIONS, SUMS, OUTPUTS = "weights", "activations", "partial sums", "outputs"


def charge_sigma(
    ledger: Ledger,
    activity: Activity,
    operands: Operands,
    arch: Arch,
    technology: Technology,
    components: Components,
) -> None:
    """Charge everything that a layer makes SIGMA do.

    Parameters
    ----------
    ledger : Ledger
        Takes the rows.
    activity : Activity
        From the engine ``sigma``.
    operands : Operands
        The layer's operands.
    arch : Arch
        With ``num_ms``, ``dn_bw`` and ``rn_bw``.
    technology : Technology
        Its number formats and buffer.
    components : Components
        Prices at its node.
    """
    machine = _Sigma(ledger, activity, operands, arch, technology, components)
    machine.charge_multipliers()
    machine.charge_distribution()
    machine.charge_reduction()
    machine.charge_collection()
    machine.charge_buffer()
    charge_dram(ledger, operands, technology, components)
    machine.charge_idle()


class _Sigma:
    def __init__(
        self,
        ledger: Ledger,
        activity: Activity,
        operands: Operands,
        arch: Arch,
        technology: Technology,
        components: Components,
    ) -> None:
        self.charge = ledger.charge
        self.build = ledger.build
        self.activity = activity
        self.counts = activity.counts
        self.operands = operands
        self.technology = technology
        self.components = components
        self.ports = arch["dn_bw"]
        self.leaves_of_port = arch["num_ms"] // arch["dn_bw"]
        self.multipliers = arch["num_ms"]
        self.activation_bits = technology.activations.bits
        self.sum_bits = technology.partial_sums.bits
        self.weight_bits = machine_format(operands, technology).bits
        self.product_bits = product_bits(operands, technology)
        # Counters give totals; what they are made of follows from how the engine counts.
        self.multiplications = self.counts["MSNetwork", "MULTIPLIER", "MULTIPLICATION"]
        self.sums_back = self.counts["MSNetwork", "MULTIPLIER", "FORWARD_PSUM"]
        pushes = self.counts["MSNetwork", "FIFO", "PUSH"]
        self.weights_loaded = pushes - 3 * self.multiplications - 2 * self.sums_back
        reads = self.counts["GlobalBuffer", "GLOBALBUFFER", "READ"]
        self.activation_reads = reads - self.weights_loaded - self.sums_back
        self.logic = self._logic_areas()
        self.plan = Floorplan(sum(self.logic.values()), self.multipliers)

    def charge_multipliers(self) -> None:
        unit, part = "MSNetwork", self.components
        count, back = self.multiplications, self.sums_back
        price = multiplication(self.operands, self.technology, part)
        self.charge(unit, "MULTIPLIER", "MULTIPLICATION", count, price)
        self.charge(unit, "MULTIPLIER", "FORWARD_PSUM", back, part.gate(self.sum_bits), SUMS)
        # A queue's price is that of its register at the push; the pop is part of it. The weight
        # that stays is pushed anew by the counters at every multiplication, but does not move.
        queue = (unit, "FIFO", "PUSH")
        self.charge(*queue, count, part.register(self.activation_bits), ACTIVATIONS)
        self.charge(*queue, self.weights_loaded, part.register(self.weight_bits), WEIGHTS)
        self.charge(*queue, count, FREE, WEIGHTS)
        self.charge(*queue, count, part.register(self.product_bits), SUMS)
        self.charge(*queue, 2 * back, part.register(self.sum_bits), SUMS)

    def charge_distribution(self) -> None:
        unit, counts = "DSNetwork", self.counts
        once = counts.get((unit, "SWITCH", "ROUTE_UNICAST"), 0)
        twice = counts.get((unit, "SWITCH", "ROUTE_BROADCAST"), 0)
        branches = once + 2 * twice
        roots = counts[unit, "DN_WIRE", "WRITE"] - branches
        levels = self.leaves_of_port.bit_length() - 1
        weights, sums = self.weights_loaded, self.sums_back
        values = roots - weights - sums
        sent = self.activation_reads
        # A value that several multipliers wait for is read once and its wires fork.
        fork_mm = self.plan.multicast_mm(values / sent) * sent / values if values else 0.0
        direct_mm = self.plan.to_array_mm
        per_operand = [
            (weights, weights * levels, direct_mm, self.weight_bits, WEIGHTS),
            (sums, sums * levels, direct_mm, self.sum_bits, SUMS),
            (
                values,
                branches - (weights + sums) * levels,
                fork_mm,
                self.activation_bits,
                ACTIVATIONS,
            ),
        ]
        branch_mm = self.plan.tree_mm(self.leaves_of_port)
        for root, branch, trunk_mm, bits, operand in per_operand:
            trunk = self.components.wire(bits, trunk_mm)
            self.charge(unit, "DN_WIRE", "WRITE to a port", root, trunk, operand)
            twig = self.components.wire(bits, branch_mm)
            self.charge(unit, "DN_WIRE", "WRITE below a port", branch, twig, operand)
            # One gate a bit for each wire that a switch drives.
            self.charge(unit, "SWITCH", "ROUTE", branch, self.components.gate(bits), operand)

    def charge_reduction(self) -> None:
        unit, part, counts = "ReduceNetwork", self.components, self.counts
        adder = part.adder(self.technology.partial_sums)
        self.charge(unit, "ADDER", "ADD_2_1", counts[unit, "ADDER", "ADD_2_1"], adder)
        three = adder.times(2, "additions")
        self.charge(unit, "ADDER", "ADD_3_1", counts[unit, "ADDER", "ADD_3_1"], three)
        products, back = self.multiplications, self.sums_back
        leaf_mm, inner_mm = self.plan.tree_mm(2), self.plan.tree_mm(self.multipliers, 1)
        wire = (unit, "RN_WIRE", "WRITE")
        inner = counts[wire] - products - back
        self.charge(*wire, products, part.wire(self.product_bits, leaf_mm), SUMS)
        self.charge(*wire, back, part.wire(self.sum_bits, leaf_mm), SUMS)
        self.charge(*wire, inner, part.wire(self.sum_bits, inner_mm), SUMS)
        queue = (unit, "FIFO", "PUSH")
        self.charge(*queue, products, part.register(self.product_bits), SUMS)
        self.charge(*queue, counts[queue] - products, part.register(self.sum_bits), SUMS)
        if self.operands.coding == "zero":
            # The sign of a signed-binary filter, once an output: a negation is an addition.
            self.charge(unit, "SIGN", "NEGATE", self.operands.outputs, adder, WEIGHTS)

    def charge_collection(self) -> None:
        unit, part, counts = "CollectionBus", self.components, self.counts
        wire = part.wire(self.sum_bits, self.plan.to_array_mm)
        self.charge(unit, "CB_WIRE", "WRITE", counts[unit, "CB_WIRE", "WRITE"], wire, SUMS)
        queue = part.register(self.sum_bits)
        self.charge(unit, "FIFO", "PUSH", counts[unit, "FIFO", "PUSH"], queue, SUMS)

    def charge_buffer(self) -> None:
        """Rows are packed and read whole: a value costs its bits' share of a row."""
        unit, name = "GlobalBuffer", "GLOBALBUFFER"
        written = self.counts[unit, name, "WRITE"]
        capacity, row = self.technology.buffer_bytes, self._row_bits
        reading, writing = (
            self.components.sram_read(capacity, row),
            self.components.sram_write(capacity, row),
        )

        def bits(price: Figure, width: int) -> Figure:
            return price.times(width / row, f"{width} of {row} bits")

        outputs = min(self.operands.outputs, written)
        weight, activation = bits(reading, self.weight_bits), bits(reading, self.activation_bits)
        self.charge(unit, name, "READ", self.weights_loaded, weight, WEIGHTS)
        self.charge(unit, name, "READ", self.activation_reads, activation, ACTIVATIONS)
        self.charge(unit, name, "READ", self.sums_back, bits(reading, self.sum_bits), SUMS)
        self.charge(unit, name, "WRITE", written - outputs, bits(writing, self.sum_bits), SUMS)
        result = bits(writing, self.activation_bits)
        self.charge(unit, name, "WRITE", outputs, result, OUTPUTS)
        # What comes from DRAM is written into the buffer, and results are read to go there.
        filled = bits(writing, self.activation_bits)
        self.charge(unit, name, "FILL", self.operands.inputs, filled, ACTIVATIONS)
        self.charge(
            unit, name, "FILL", self.operands.weights, bits(writing, self.weight_bits), WEIGHTS
        )
        self.charge(unit, name, "DRAIN", self.operands.outputs, activation, OUTPUTS)

    def charge_idle(self) -> None:
        for (unit, component), instances in self.activity.instances.items():
            if component == "GLOBALBUFFER":
                capacity = self.technology.buffer_bytes
                area = self.components.sram_area(capacity, self._row_bits).value
                leaks = self.components.sram_leakage(capacity, self._row_bits)
            else:
                area = self.logic[unit, component]
                leaks = self.components.leakage(area)
            self.build(unit, component, instances, area, leaks)

    @property
    def _row_bits(self) -> int:
        deepest = self.technology.buffer_bytes * 8 // FEWEST_ROWS
        return max(min(self.ports * self.activation_bits, deepest), 1)

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
        return {
            key: instances * of_one.get(key, 0.0)  # wires run above the logic
            for key, instances in self.activity.instances.items()
            if key[1] != "GLOBALBUFFER"
        }
