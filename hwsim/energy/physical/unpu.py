"""UNPU in joules: what each of its counted actions reads, sends and computes."""

from __future__ import annotations

from hwsim.activity import ACTIVATIONS, OUTPUTS, WEIGHTS, ComponentKey
from hwsim.energy.physical._geometry import Floorplan
from hwsim.energy.physical.chip import Chip
from hwsim.energy.physical.ledger import Ledger
from hwsim.engines.unpu import engine as counted
from hwsim.engines.unpu.sizes import UnpuSizes
from hwsim.number_format import NumberFormat
from hwsim.workload.operands import Operands


def charge_unpu(ledger: Ledger, operands: Operands, chip: Chip) -> None:
    """Charge everything that a layer makes UNPU do.

    Parameters
    ----------
    ledger : Ledger
        With an activity of the engine ``unpu``.
    operands : Operands
        The layer's operands; the counts know the bits of its weights.
    chip : Chip
        With the parameters of an UNPU.
    """
    machine = _Unpu(ledger, chip)
    machine.charge_memories()
    machine.charge_tables()
    machine.charge_sums()
    machine.build()


class _Unpu:
    def __init__(self, ledger: Ledger, chip: Chip) -> None:
        self.ledger = ledger
        self.technology = chip.technology
        self.parts = chip.components
        self.sizes = sizes = UnpuSizes.of(chip.arch)
        #: KB and width of a core's memories.
        self.memories: dict[ComponentKey, tuple[int, int]] = {
            counted.LOAD[:2]: (chip.arch["feature_kb"], sizes.inputs * sizes.activation_bits),
            counted.FETCH[:2]: (chip.arch["weight_kb"], self._weights_of_unit),
        }
        self.areas = self._areas()

    @property
    def _weights_of_unit(self) -> int:
        """Bits of weights that the bundles of a unit look up in a cycle."""
        return self.sizes.tables * self.sizes.inputs * self.sizes.readers

    @property
    def _activations_of_unit(self) -> int:
        """Bits of the activations that the tables of a unit are made of."""
        sizes = self.sizes
        return sizes.bundles * sizes.tables * sizes.inputs * sizes.activation_bits

    @property
    def _entry(self) -> NumberFormat:
        """A sum of a table's activations."""
        return _integer(self.sizes.activation_bits + self.sizes.inputs.bit_length())

    def charge_memories(self) -> None:
        """Charge shares of rows, DRAM by the bit, and weights on their way to bundles."""
        parts, sizes = self.parts, self.sizes
        kb, width = self.memories[counted.LOAD[:2]]
        bits = sizes.activation_bits
        share, words = bits / width, f"{bits} of {width} bits"
        self.ledger.charge(counted.LOAD, parts.sram_read(kb * 1024, width).times(share, words))
        self.ledger.charge(counted.STORE, parts.sram_write(kb * 1024, width).times(share, words))
        kb, width = self.memories[counted.FETCH[:2]]
        row = parts.sram_read(kb * 1024, width)
        self.ledger.charge(counted.FETCH, row.times(1 / width, f"1 of {width} bits"))
        core = sum(self.areas.values()) / sizes.cores
        reached = int(self.ledger.activity.statistics["bundles_of_a_weight"])
        way = Floorplan(core, sizes.bundles_of_core).multicast_mm(reached)
        self.ledger.charge(counted.SEND, parts.wire(1, way))
        self.ledger.charge(counted.HOLD, parts.register(1))
        bit = parts.dram(self.technology.dram)
        for action, operand in (
            (counted.DRAM_READ, WEIGHTS),
            (counted.DRAM_READ, ACTIVATIONS),
            (counted.DRAM_WRITE, OUTPUTS),
        ):
            self.ledger.charge(action._replace(operand=operand), bit)

    def charge_tables(self) -> None:
        """Charge what fills a table, and multiplexers that choose a sum, a level an activation."""
        parts, entry = self.parts, self._entry
        self.ledger.charge(counted.ALIGN, parts.register(self.sizes.activation_bits))
        self.ledger.charge(counted.MAKE, parts.adder(entry))
        self.ledger.charge(counted.FILL, parts.register(entry.bits))
        levels = self.sizes.inputs
        choosing = parts.gate(entry.bits).times(levels, f"levels to choose of {2**levels}")
        self.ledger.charge(counted.LOOK_UP, choosing)

    def charge_sums(self) -> None:
        """Charge the sum over a bundle's tables, and its register."""
        parts, sums = self.parts, self.technology.partial_sums
        self.ledger.charge(counted.ADD, parts.adder(_integer(self._tree_bits)))
        held = parts.register_file(self.sizes.accumulators, sums.bits)
        self.ledger.charge(counted.SUM_WRITE, held)
        self.ledger.include(counted.SUM_READ, "part of the write")
        self.ledger.charge(counted.AGGREGATE, parts.adder(sums))

    def build(self) -> None:
        """Give every component its area and leakage.

        The registers for weights and for activations of tables are clocked in every cycle. Tables
        and sums are gated: a word's clock is in the price of its access.
        """
        cores = self.sizes.cores
        for key, instances in self.ledger.activity.instances.items():
            if key in self.memories:
                kb, width = self.memories[key]
                leaks = self.parts.sram_leakage(kb * 1024, width).times(cores, "cores")
                area = self.parts.sram_area(kb * 1024, width).value * cores
                self.ledger.build(*key, instances, area, leaks)
            elif key in self.areas:
                area = self.areas[key]
                self.ledger.build(*key, instances, area, self.parts.leakage(area))
        units = cores * self.sizes.lbpes
        for key, bits in (
            (counted.HOLD[:2], self._weights_of_unit),
            (counted.ALIGN[:2], self._activations_of_unit),
        ):
            self.ledger.clock(*key, bits * units, self.parts.clock(1))

    @property
    def _tree_bits(self) -> int:
        """Width of the adders over a bundle's tables: an entry, and a bit for each doubling."""
        grown = self._entry.bits + (self.sizes.tables - 1).bit_length()
        return min(grown, self.technology.partial_sums.bits)

    def _areas(self) -> dict[ComponentKey, float]:
        """Area of all instances of a component of logic, um2."""
        sizes, parts = self.sizes, self.parts
        units, bundles = sizes.cores * sizes.lbpes, sizes.cores * sizes.bundles_of_core
        tables, lanes = bundles * sizes.tables, bundles * sizes.readers
        entry, sums = self._entry, self.technology.partial_sums
        lookups = lanes * sizes.tables
        choosing = parts.gate_area(entry.bits).value * (sizes.entries - 1)
        return {
            counted.HOLD[:2]: parts.register_area(self._weights_of_unit * units).value,
            counted.ALIGN[:2]: parts.register_area(self._activations_of_unit * units).value,
            counted.MAKE[:2]: parts.adder_area(entry).value * tables,
            counted.LOOK_UP[:2]: parts.register_area(entry.bits * sizes.entries).value * tables
            + choosing * lookups,
            counted.ADD[:2]: parts.adder_area(_integer(self._tree_bits)).value * lookups,
            counted.SUM_WRITE[:2]: parts.register_area(sums.bits * sizes.accumulators).value
            * lanes,
            counted.AGGREGATE[:2]: parts.adder_area(sums).value
            * sizes.readers
            * sizes.bundles_of_core,
        }


def _integer(bits: int) -> NumberFormat:
    return NumberFormat.parse(f"int{bits}")
