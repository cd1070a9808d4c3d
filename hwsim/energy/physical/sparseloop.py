"""Machines of the engine ``sparseloop`` in joules: rows of memories, wires, operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hwsim.arch.parts import Components
from hwsim.arch.parts.figure import Figure
from hwsim.energy.physical.ledger import Ledger
from hwsim.energy.physical.weights import multiplication
from hwsim.engines.timeloop.figures.network_figures import tile_widths
from hwsim.engines.timeloop.layers.layer_machine import (
    OperandBits,
    design_of,
    layer_machine,
    memory_prices,
    metadata_prices,
)
from hwsim.engines.timeloop.layers.layer_problem import INPUTS, OUTPUTS, WEIGHTS
from hwsim.engines.timeloop.terms.machine import Interconnect, Machine, StorageLevel
from hwsim.workload.operands import Operands

if TYPE_CHECKING:
    from hwsim.activity import Activity
    from hwsim.arch import Arch
    from hwsim.arch.technology import Technology

_OPERANDS = {WEIGHTS: "weights", INPUTS: "activations", OUTPUTS: "partial sums"}
_ACTIONS = {"reads": "read", "fills": "fill", "updates": "update"}


def charge_sparseloop(
    ledger: Ledger,
    activity: Activity,
    operands: Operands,
    arch: Arch,
    technology: Technology,
    components: Components,
) -> None:
    """Charge everything that a layer makes a machine do; what is gated or skipped is free.

    Parameters
    ----------
    ledger : Ledger
        Takes the rows.
    activity : Activity
        From the engine ``sparseloop``.
    operands : Operands
        The layer's operands.
    arch : Arch
        With a design; its ERT, if it has one, takes the place of computed prices.
    technology : Technology
        Node, number formats, DRAM.
    components : Components
        Prices at its node.
    """
    bits = OperandBits.of(operands, technology)
    machine = layer_machine(arch, bits, components)
    own_table = design_of(arch)[0].ERT is not None
    for level in machine.levels:
        _charge_level(ledger, activity, level, technology, components, own_table)
    if own_table:
        _charge_compute_by_table(ledger, activity, machine, arch.spec.source)
        return
    _charge_wires(ledger, activity, machine, bits, components)
    _charge_compute(ledger, activity, machine, operands, technology, components)


def _charge_level(
    ledger: Ledger,
    activity: Activity,
    level: StorageLevel,
    technology: Technology,
    components: Components,
    own_table: bool,
) -> None:
    data = memory_prices(level, components, technology)
    metadata = metadata_prices(level, components, technology)

    def price(action: str) -> Figure:
        if own_table:
            return _listed(level.energy[f"random_{action}"], level.name, action)
        of = data if metadata is None or "metadata" not in action else metadata
        return of.read if action.endswith("read") else of.write

    for space, operand in _OPERANDS.items():
        whose = "outputs" if level.dram and space == OUTPUTS else operand
        for kind in ("", "metadata_"):
            for plural, action in _ACTIONS.items():
                count = activity.counts.get((level.name, space, f"vector_{kind}{plural}"), 0)
                label = f"{kind}{plural}"
                ledger.charge(level.name, space, label, count, price(f"{kind}{action}"), whose)
    if own_table:
        return
    for name, prices in (("Memory", data), ("Metadata", metadata)):
        if prices is not None and not level.dram:
            instances = level.mesh.instances
            leaks = prices.leakage.times(instances, "instances")
            ledger.build(level.name, name, instances, prices.area * instances, leaks)


def _listed(energy: float, name: str, action: str) -> Figure:
    return Figure(
        energy, "ERT of the arch spec", unit="pJ", entry=f"{name}.{action}", formula=f"{energy} pJ"
    )


def _charge_wires(
    ledger: Ledger,
    activity: Activity,
    machine: Machine,
    bits: OperandBits,
    components: Components,
) -> None:
    """Charge hops: each is as long as a neighbour is wide."""
    for network, millimetres in _networks(machine):
        for space, operand in _OPERANDS.items():
            hops = activity.counts.get((network.name, space, "word_hops"), 0)
            wire = components.wire(bits.by_data_space[space], millimetres)
            ledger.charge(network.name, space, "word_hops", hops, wire, operand)


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
    activity: Activity,
    machine: Machine,
    operands: Operands,
    technology: Technology,
    components: Components,
) -> None:
    """Charge operations: a product and its addition, wherever on the chip that takes place."""
    name, compute = machine.compute.name, machine.compute
    count = activity.counts[name, "MAC", "computes"]
    adder = components.adder(technology.partial_sums)
    product = multiplication(operands, technology, components)
    ledger.charge(name, "MAC", "multiply", count, product)
    ledger.charge(name, "MAC", "add", count, adder, "partial sums")
    if operands.coding == "zero":
        # The sign of a signed-binary filter, once an output: a negation is an addition.
        ledger.charge(name, "SIGN", "negate", operands.outputs, adder, "weights")
    instances = compute.mesh.instances
    area = compute.area * instances
    ledger.build(name, "MAC", instances, area, components.leakage(area))


def _charge_compute_by_table(
    ledger: Ledger, activity: Activity, machine: Machine, source: str
) -> None:
    name = machine.compute.name
    for label, action in (
        ("computes", "random_compute"),
        ("gated_computes", "gated_compute"),
        ("skipped_computes", "skipped_compute"),
    ):
        count = activity.counts.get((name, "MAC", label), 0)
        ledger.charge(
            name, "MAC", label, count, _listed(machine.compute.energy[action], name, action)
        )
