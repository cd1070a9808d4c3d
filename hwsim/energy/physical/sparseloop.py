"""Machines of the engine ``sparseloop`` in joules: rows of memories, wires, operations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from hwsim.activity import OUTPUTS, PARTIAL_SUMS, WEIGHTS, ActionKey
from hwsim.arch import Arch
from hwsim.arch.parts import Components
from hwsim.arch.parts.figure import Figure
from hwsim.energy.physical._datapath import Datapath
from hwsim.energy.physical._held_words import HeldWords
from hwsim.energy.physical._queues import charge_queues
from hwsim.energy.physical.chip import Chip
from hwsim.energy.physical.ledger import Ledger
from hwsim.energy.physical.weights import multiplication
from hwsim.engines.timeloop.figures.network_loads import tile_widths
from hwsim.engines.timeloop.layers.layer_machine import (
    OperandBits,
    design_of,
    layer_machine,
    memory_prices,
    metadata_prices,
)
from hwsim.engines.timeloop.terms.machine import Interconnect, Machine, StorageLevel
from hwsim.engines.timeloop.terms.operands import OPERAND_OF, count_key
from hwsim.errors import InputError, did_you_mean
from hwsim.workload.operands import Operands

_KINDS: Final = tuple(
    f"{how}_{what}{action}"
    for what in ("", "metadata_")
    for action in ("read", "fill", "update")
    for how in ("random", "gated", "skipped")
)
_DATA: Final = ("random_read", "random_fill", "random_update")
_COMPUTES: Final = {
    "computes": "random_compute",
    "gated_computes": "gated_compute",
    "skipped_computes": "skipped_compute",
}
_SAVED: Final = "gated or skipped: nothing is accessed"


def charge_sparseloop(ledger: Ledger, operands: Operands, chip: Chip) -> None:
    """Charge everything that a layer makes a machine do.

    Parameters
    ----------
    ledger : Ledger
        With an activity of the engine ``sparseloop`` or ``timeloop``.
    operands : Operands
        The layer's operands.
    chip : Chip
        With a design. Its ERT, if it has one, takes the place of computed prices and is asked for
        what is gated and skipped, too; computed prices let that be free.
    """
    bits = OperandBits.of(operands, chip.technology)
    machine = _machine(chip.arch, bits, chip.components)
    own_table = design_of(chip.arch)[0].ERT is not None
    known = {machine.compute.name, *(level.name for level in machine.levels)}
    for unit, component in ledger.activity.instances:
        if unit not in known:
            raise InputError(
                f"arch {chip.arch.name!r}: no price for being there of component {component!r} in "
                f"{unit!r}: the design has no such level{did_you_mean(unit, known)}"
            )
    for level in machine.levels:
        _charge_level(ledger, machine, level, chip, own_table)
        if not own_table:
            _build_level(ledger, level, chip)
    _charge_wires(ledger, machine, bits, chip.components, own_table)
    if own_table:
        _charge_compute_by_table(ledger, machine)
    else:
        _charge_compute(ledger, machine, operands, chip)
        charge_queues(ledger, machine, bits, chip)


@lru_cache(maxsize=64)
def _machine(arch: Arch, bits: OperandBits, components: Components) -> Machine:
    """Read and price a machine once for all layers of a width."""
    return layer_machine(arch, bits, components)


@lru_cache(maxsize=1024)
def _counted(level: str, space: str) -> tuple[tuple[str, str, tuple[ActionKey, ...]], ...]:
    """List what may happen to a data space: its kind, its action, rows, words and bits of it."""
    actions = [(kind, kind.removeprefix("random_")) for kind in _KINDS]
    labels = ("vector_{}s", "{}s", "{}_bits")
    return tuple(
        (kind, action, tuple(count_key(level, space, each.format(action)) for each in labels))
        for kind, action in actions
    )


def _charge_level(
    ledger: Ledger, machine: Machine, level: StorageLevel, chip: Chip, own_table: bool
) -> None:
    """Charge the rows that a level accesses, and words that are held; the others are in them."""
    data = memory_prices(level, chip.components, chip.technology)
    metadata = metadata_prices(level, chip.components, chip.technology)
    happened = ledger.activity.counts.keys()

    def price(kind: str) -> Figure | None:
        if own_table:
            return _listed(level.energy[kind], level.name, kind.removeprefix("random_"))
        if not kind.startswith("random"):
            return None
        of = data if metadata is None or "metadata" not in kind else metadata
        return of.read if kind.endswith("read") else of.write

    for space, operand in OPERAND_OF.items():
        # What comes out of a network for good is no partial sum any more.
        whose = OUTPUTS if level.dram and operand == PARTIAL_SUMS else operand
        # A table of the spec's own says what an access takes, whatever is in it.
        held = None if own_table else HeldWords.of(machine, level, space, chip.components)
        for kind, action, keys in _counted(level.name, space):
            if happened.isdisjoint(keys):
                continue
            rows, words, bits = keys
            if (energy := price(kind)) is not None:
                ledger.charge(rows, energy, label=f"{action}s", operand=whose)
            if held is not None and kind in _DATA:
                held.charge(ledger, action, rows, whose)
            if ledger.activity.counts.get(rows):
                ledger.include(words, "words of its rows")
                ledger.include(bits, "bits of its rows")
            if not kind.startswith("random"):
                for key in keys:
                    ledger.include(key, _SAVED)
        reductions = count_key(level.name, space, "temporal_reductions")
        ledger.include(reductions, "an addition of the operation that it follows")


def _build_level(ledger: Ledger, level: StorageLevel, chip: Chip) -> None:
    data = memory_prices(level, chip.components, chip.technology)
    metadata = metadata_prices(level, chip.components, chip.technology)
    for name, prices in (("Memory", data), ("Metadata", metadata)):
        if prices is not None and not level.dram:
            instances = level.mesh.instances
            leaks = prices.leakage.times(instances, "instances")
            ledger.build(level.name, name, instances, prices.area * instances, leaks)
    if not level.dram:
        bits = _clocked_bits(level) * level.mesh.instances
        ledger.clock(level.name, "Memory", bits, chip.components.clock(1))


def _clocked_bits(level: StorageLevel) -> int:
    """Count the registers of an instance: all of a register file, the port of an SRAM."""
    if "SRAM" in level.class_name:
        return level.width + level.metadata_width
    assert level.size is not None  # the reader wants a capacity of all but DRAM
    return level.size * level.word_bits + level.metadata_bits


def _listed(energy: float, name: str, action: str) -> Figure:
    return Figure(
        energy, "ERT of the arch spec", unit="pJ", entry=f"{name}.{action}", formula=f"{energy} pJ"
    )


def _charge_wires(
    ledger: Ledger, machine: Machine, bits: OperandBits, components: Components, own_table: bool
) -> None:
    """Charge hops: each is as long as a neighbour is wide."""
    for network, millimetres in _networks(machine):
        for space in OPERAND_OF:
            width = bits.by_data_space[space]
            hops = count_key(network.name, space, "word_hops")
            if own_table and not network.wire_energy:
                ledger.include(hops, "the ERT of the arch spec lists no wires")
            elif own_table:
                energy = network.wire_energy * width * millimetres
                ledger.charge(hops, _listed(energy, network.name, "word_hops"))
            else:
                ledger.charge(hops, components.wire(width, millimetres))


def _networks(machine: Machine) -> Iterator[tuple[Interconnect, float]]:
    """All networks and the length of their hops, mm."""
    seen = set()
    for level, width_um in zip(machine.levels, tile_widths(machine), strict=True):
        for network in (level.read_network, level.update_network):
            if network.name not in seen:
                seen.add(network.name)
                yield network, (network.tile_width or width_um) / 1000


def _charge_compute(
    ledger: Ledger,
    machine: Machine,
    operands: Operands,
    chip: Chip,
) -> None:
    """Charge operations: a product and its addition, wherever on the chip that takes place."""
    technology, components = chip.technology, chip.components
    name, compute = machine.compute.name, machine.compute
    done = count_key(name, "MAC", "computes")
    adder = components.adder(technology.partial_sums)
    ledger.charge(done, multiplication(operands, technology, components), label="multiply")
    additions = ledger.activity.counts[done]
    ledger.add(name, "MAC", "add", additions, adder, PARTIAL_SUMS)
    for saved in ("gated_computes", "skipped_computes"):
        ledger.include(count_key(name, "MAC", saved), _SAVED)
    if operands.coding == "zero":
        # The sign of a signed-binary filter, once an output: a negation is an addition.
        ledger.add(name, "SIGN", "negate", operands.outputs, adder, WEIGHTS)
    instances = compute.mesh.instances
    area = compute.area * instances
    ledger.build(name, "MAC", instances, area, components.leakage(area))
    if technology.multiplier == "mask":
        # The sign of a filter makes the adder of a unit subtract: an XOR a bit of the product.
        negating = components.gate_area(technology.activations.bits).value * instances
        ledger.build(name, "SIGN", instances, negating, components.leakage(negating))
    used = OperandBits.of(operands, technology)
    Datapath.of(chip, used).charge(ledger, name, instances, additions, chip)


def _charge_compute_by_table(ledger: Ledger, machine: Machine) -> None:
    name = machine.compute.name
    for label, action in _COMPUTES.items():
        price = _listed(machine.compute.energy[action], name, action)
        ledger.charge(count_key(name, "MAC", label), price)
