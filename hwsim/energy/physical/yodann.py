"""YodaNN in joules: what each of its counted actions holds, sends and computes."""

from __future__ import annotations

import math

from hwsim.activity import ACTIVATIONS, OUTPUTS, PARTIAL_SUMS, WEIGHTS, ComponentKey
from hwsim.arch.multiplier import gated_bits
from hwsim.arch.parts.figure import Figure
from hwsim.energy.physical._geometry import Floorplan
from hwsim.energy.physical.chip import Chip
from hwsim.energy.physical.ledger import Ledger
from hwsim.energy.physical.weights import multiplication, product_bits, widest_product_bits
from hwsim.engines.yodann import engine as counted
from hwsim.engines.yodann.engine import tree_levels
from hwsim.engines.yodann.sizes import YodannSizes
from hwsim.number_format import NumberFormat
from hwsim.workload.operands import Operands


def charge_yodann(ledger: Ledger, operands: Operands, chip: Chip) -> None:
    """Charge everything that a layer makes YodaNN do.

    Parameters
    ----------
    ledger : Ledger
        With an activity of the engine ``yodann``.
    operands : Operands
        The layer's operands.
    chip : Chip
        With the parameters of a YodaNN.
    """
    machine = _Yodann(ledger, operands, chip)
    machine.charge_streams()
    machine.charge_windows()
    machine.charge_weights()
    machine.charge_sums()
    machine.build()


class _Yodann:
    def __init__(self, ledger: Ledger, operands: Operands, chip: Chip) -> None:
        self.ledger = ledger
        self.operands = operands
        self.technology = chip.technology
        self.parts = chip.components
        self.sizes = YodannSizes.of(chip.arch)
        self.areas = self._areas()

    def charge_streams(self) -> None:
        """Charge DRAM by the bit, and the sums of blocks of channels that are formed beside it."""
        bit = self.parts.dram(self.technology.dram)
        for operand in (WEIGHTS, ACTIVATIONS, PARTIAL_SUMS):
            self.ledger.charge(counted.DRAM_READ._replace(operand=operand), bit)
        for operand in (OUTPUTS, PARTIAL_SUMS):
            self.ledger.charge(counted.DRAM_WRITE._replace(operand=operand), bit)
        self.ledger.charge(counted.DRAM_ADD, self.parts.adder(self.technology.partial_sums))

    def charge_windows(self) -> None:
        """Charge pixels: in the memory of latches, in a channel's window, on the way to the SoPs.

        A latch is priced as a register.
        """
        sizes, parts = self.sizes, self.parts
        bits = sizes.activation_bits
        memory = parts.register_file(sizes.memory_rows, bits)
        self.ledger.charge(counted.LOAD, memory)
        self.ledger.charge(counted.STORE, memory)
        self.ledger.charge(counted.SHIFT, parts.register_file(sizes.channels, bits))
        sops = (counted.NEGATE[:2], counted.ADD[:2])
        floor = Floorplan(sum(self.areas[key] for key in sops), sizes.sops)
        self.ledger.charge(counted.SEND, parts.wire(bits, floor.multicast_mm(sizes.sops)))

    def charge_weights(self) -> None:
        """Charge weights by the bit: each is held, and those of the cycle's channel are chosen."""
        held = self.parts.register(1)
        self.ledger.charge(counted.WEIGHT_WRITE, held)
        self.ledger.charge(counted.WEIGHT_ROTATE, held)
        levels = math.ceil(math.log2(max(self.sizes.channels, 2)))
        choosing = self.parts.gate(1).times(levels, f"levels to choose of {self.sizes.channels}")
        self.ledger.charge(counted.WEIGHT_READ, choosing)

    def charge_sums(self) -> None:
        """Charge signs, the tree of a SoP level by level, channels and the scale of a filter."""
        parts, formats = self.parts, self.technology
        sums, charge = formats.partial_sums, self.ledger.charge
        charge(counted.NEGATE, multiplication(self.operands, formats, parts))
        levels = self.ledger.activity.levels.get(counted.ADD, ())
        if levels:
            widths = self._widths(product_bits(self.operands, formats), len(levels))
            adders = [parts.adder(_integer(bits)) for bits in widths]
            mean = Figure.mean(list(zip(levels, adders, strict=True)), "the levels of the tree")
            charge(counted.ADD, mean)
        charge(counted.SUM_ADD, parts.adder(sums))
        charge(counted.SUM_WRITE, parts.register(sums.bits))
        charge(counted.SCALE, parts.multiplier(sums, formats.activations))
        charge(counted.BIAS, parts.adder(sums))

    def build(self) -> None:
        """Give every component its area and leakage.

        The channel summers and a register behind each tree are clocked in every cycle. Latches and
        windows are gated: a word's clock is in the price of its access.
        """
        for key, instances in self.ledger.activity.instances.items():
            if key in self.areas:
                area = self.areas[key]
                self.ledger.build(*key, instances, area, self.parts.leakage(area))
        results = self.sizes.sops * self.sizes.streams * self.technology.partial_sums.bits
        for key in (counted.SUM_WRITE[:2], counted.ADD[:2]):
            self.ledger.clock(*key, results, self.parts.clock(1))

    def _widths(self, product: int, levels: int) -> list[int]:
        """Widths of the adders of a tree: a product and a bit more a level."""
        most = self.technology.partial_sums.bits
        return [min(product + level + 1, most) for level in range(levels)]

    def _areas(self) -> dict[ComponentKey, float]:
        """Area of all instances of a component, um2."""
        sizes, parts, formats = self.sizes, self.parts, self.technology
        bits, sums = sizes.activation_bits, formats.partial_sums
        windows = sizes.channels * sizes.widest_kernel**2
        results = sizes.sops * sizes.streams
        tree = tree_levels(sizes.operators)
        widths = self._widths(widest_product_bits(formats), len(tree))
        adders = sum(
            number * parts.adder_area(_integer(width)).value
            for number, width in zip(tree, widths, strict=True)
        )
        pipeline = parts.register_area(results * sums.bits).value
        return {
            counted.LOAD[:2]: parts.register_area(
                sizes.memory_rows * sizes.widest_kernel * bits
            ).value,
            counted.SHIFT[:2]: parts.register_area(windows * bits).value,
            counted.WEIGHT_READ[:2]: parts.register_area(windows * sizes.sops).value,
            counted.NEGATE[:2]: parts.gate_area(gated_bits(formats)).value
            * sizes.operators
            * sizes.sops,
            counted.ADD[:2]: adders * sizes.sops + pipeline,
            counted.SUM_ADD[:2]: parts.adder_area(sums).value * results,
            counted.SUM_WRITE[:2]: pipeline,
            counted.SCALE[:2]: parts.multiplier_area(sums, formats.activations).value
            * sizes.streams,
            counted.BIAS[:2]: parts.adder_area(sums).value * sizes.streams,
        }


def _integer(bits: int) -> NumberFormat:
    return NumberFormat.parse(f"int{bits}")
