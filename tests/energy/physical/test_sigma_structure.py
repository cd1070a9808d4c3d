"""What each structural choice of SIGMA does to rows, areas and registers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hwsim.activity import ActionKey, Activity
from hwsim.arch import load_arch
from hwsim.arch.parts import Components
from hwsim.arch.parts.memory import on_chip_memory
from hwsim.energy import EnergyBreakdown, load_energy_table, price
from hwsim.engines.stonne.sigma import SigmaEngine
from hwsim.engines.stonne.sigma.gemms import simulate
from hwsim.engines.stonne.sigma.stream import Stream
from hwsim.errors import InputError
from hwsim.number_format import NumberFormat
from hwsim.workload import Workload
from hwsim.workload.operands import Operands

BITS = np.random.default_rng(4).random((1, 12, 60)) < 0.35
SIZES = {"num_ms": 32, "dn_bw": 16, "rn_bw": 8}
PART = Components(28)
READ = ActionKey("GlobalBuffer", "GLOBALBUFFER", "READ", "activations")
UNUSED = READ._replace(operand="unused activations")
QUEUE = ActionKey("ReduceNetwork", "FIFO", "PUSH", "partial sums")
SENT = ActionKey("DSNetwork", "DN_WIRE", "WRITE", "activations")


def counted(density: float = 1.0, bits: Any = BITS) -> Activity:
    arch = load_arch("sigma", SIZES)
    return simulate(bits, Stream.of_density(20, 60, density), arch, "MK_STA_KN_STR")


def priced(activity: Activity | None = None, **structure: str) -> EnergyBreakdown:
    arch = load_arch("sigma", {**SIZES, **structure})
    operands = Operands("value", 8, 0, BITS.size, int(BITS.sum()), 1200, 240)
    return price(activity or counted(), load_energy_table("physical"), arch, operands)


def energies(breakdown: EnergyBreakdown) -> dict[tuple[str, str, str], float]:
    """By component, action and operand."""
    found: dict[tuple[str, str, str], float] = {}
    for row in breakdown.rows:
        key = (row.component, row.action, row.operand)
        found[key] = found.get(key, 0.0) + row.energy
    return found


def side_mm(breakdown: EnergyBreakdown) -> float:
    """Side of the square that the logic takes."""
    logic = sum(area for unit, area in breakdown.area_by_unit.items() if unit != "GlobalBuffer")
    return float(logic**0.5) / 1000


def test_a_controller_that_reads_all_pays_for_reads_that_nobody_waits_for() -> None:
    activity = counted()
    used, unused = activity.counts[READ], activity.counts[UNUSED]
    assert used > 0
    assert unused > 0
    found = energies(priced())
    value = PART.sram_read(108 * 1024, 16 * 8).value / 16
    assert found["GLOBALBUFFER", "READ", "activations"] == pytest.approx(used * value)
    assert found["GLOBALBUFFER", "READ", "unused activations"] == pytest.approx(unused * value)
    assert not [key for key in found if key[0] == "BENES"]


def test_a_controller_that_reads_what_is_needed_has_banks_and_a_network() -> None:
    activity, breakdown = counted(), priced(controller="reads-needed")
    found = energies(breakdown)
    bank = on_chip_memory(PART, 108 * 1024 * 8 // 32, 8, sram=True)  # two banks a port
    used = activity.counts[READ]
    assert found["GLOBALBUFFER", "READ", "activations"] == pytest.approx(used * bank.read.value)
    assert ("GLOBALBUFFER", "READ", "unused activations") not in found
    assert breakdown.included[UNUSED] == "the controller reads what some multiplier waits for"
    assert found["GLOBALBUFFER", "WRITE", "outputs"] == pytest.approx(240 * bank.write.value)

    # 16 ports: 9 levels; 8 lines: 7 levels. A value goes once along the side.
    side = side_mm(breakdown)
    way = PART.wire(8, side).value + 9 * PART.gate(8).value
    sent = activity.levels[SENT][-1]
    assert found["BENES", "PASS to ports", "activations"] == pytest.approx(sent * way)
    assert found["BENES", "PASS to ports", "weights"] == pytest.approx(BITS.sum() * way)
    back = PART.wire(8, side).value + 7 * PART.gate(8).value
    assert found["BENES", "PASS to banks", "outputs"] == pytest.approx(240 * back)
    switches = (9 * 16 + 7 * 8) * 2 * PART.gate_area(8).value
    assert breakdown.area_by_unit["GlobalBuffer"] == pytest.approx(bank.area * 32 + switches)
    nanoseconds = activity.cycles / 5e8 * 1e9
    leaks = PART.leakage(switches).value
    assert found["BENES", "static", ""] == pytest.approx(leaks * nanoseconds)
    leaks = bank.leakage.value * 32
    assert found["GLOBALBUFFER", "static", ""] == pytest.approx(leaks * nanoseconds)
    rows = [
        row.count for row in breakdown.rows if (row.component, row.action) == ("BENES", "static")
    ]
    assert rows == [9 * 16 * activity.cycles, 7 * 8 * activity.cycles]


def test_partial_sums_pass_the_network_at_their_width() -> None:
    activity = counted(bits=np.ones((1, 2, 60), dtype=bool))  # folded: 32, then 28 and their sum
    breakdown = priced(activity, controller="reads-needed")
    found = energies(breakdown)
    bank = on_chip_memory(PART, 108 * 1024 * 8 // 32, 8, sram=True)
    wire = PART.wire(32, side_mm(breakdown)).value
    for action, access, levels in (("ports", "READ", 9), ("banks", "WRITE", 7)):
        count = activity.counts[READ._replace(action=access, operand="partial sums")]
        assert count == 2 * 20
        energy = bank.read.value if access == "READ" else bank.write.value
        assert found["GLOBALBUFFER", access, "partial sums"] == pytest.approx(count * 4 * energy)
        way = wire + levels * PART.gate(32).value
        assert found["BENES", f"PASS to {action}", "partial sums"] == pytest.approx(count * way)


def test_a_value_that_was_not_read_is_sent_as_a_zero() -> None:
    """STONNE sends zeros of the stream, too: wires follow what is sent, not what is read."""
    dense, half = (energies(priced(counted(density))) for density in (1.0, 0.5))
    wire = ("DN_WIRE", "WRITE to a port", "activations")
    assert half[wire] == pytest.approx(dense[wire])
    for operand in ("activations", "unused activations"):
        read = ("GLOBALBUFFER", "READ", operand)
        assert half[read] == pytest.approx(dense[read] / 2)


def test_wires_fork_to_the_ports_that_wait() -> None:
    breakdown = priced()
    packets, sent = counted().levels[SENT][-2:]
    assert 1 < packets / sent < 1.8
    found = energies(breakdown)
    # Up to 1.85 ports a wire to each of them is shorter than a tree.
    way = PART.wire(8, side_mm(breakdown) / 2).value
    assert found["DN_WIRE", "WRITE to a port", "activations"] == pytest.approx(packets * way)


def test_switches_below_a_port_drive_one_wire_or_both() -> None:
    bits = np.zeros((1, 2, 60), dtype=bool)
    bits[0, 0, :3] = bits[0, 1, 2:5] = True  # both rows wait for k = 2, in one port
    activity = counted(bits=bits)
    breakdown = priced(activity)
    found = energies(breakdown)
    for action, wires in (("ROUTE_UNICAST", 1), ("ROUTE_BROADCAST", 2)):
        count = activity.counts[ActionKey("DSNetwork", "SWITCH", action, "activations")]
        assert count > 0
        energy = count * wires * PART.gate(8).value
        assert found["SWITCH", action, "activations"] == pytest.approx(energy)
    rows = {
        row.action: row.count
        for row in breakdown.rows
        if (row.component, row.operand) == ("DN_WIRE", "activations")
    }
    multipliers, ports, _ = activity.levels[SENT]
    assert rows == {"WRITE to a port": ports, "WRITE below a port": multipliers}


def test_additions_are_as_wide_as_their_level() -> None:
    activity, found = counted(), energies(priced())
    for action, additions in (("ADD_2_1", 1), ("ADD_3_1", 2)):
        levels = activity.levels[ActionKey("ReduceNetwork", "ADDER", action)]
        assert sum(levels) > 0
        energy = sum(
            additions * count * PART.adder(NumberFormat.parse(f"int{16 + level}")).value
            for level, count in enumerate(levels, 1)
        )
        assert found["ADDER", action, ""] == pytest.approx(energy)


def test_what_is_not_built_has_no_clock() -> None:
    activity = counted()
    lost = ("CollectionBus", "FIFO")
    instances = {key: number for key, number in activity.instances.items() if key != lost}
    breakdown = priced(replace(activity, instances=instances))
    assert not [row for row in breakdown.rows if (row.unit, row.action) == (lost[0], "clock")]


@pytest.mark.parametrize(
    ("width", "registers", "multipliers", "queues"),
    [
        # 32 multipliers: activation, weight, and outputs of a product or a sum; 31 adders
        ("grows", "queues", 32 * (16 + 3 * 16) + 3 * 16, 5),
        ("grows", "level", 32 * (16 + 16) + 16, 1),
        ("partial-sums", "queues", 32 * (16 + 3 * 32), 5),
        ("partial-sums", "level", 32 * (16 + 32), 1),
    ],
)
def test_registers_and_adders_that_are_built(
    width: str, registers: str, multipliers: int, queues: int
) -> None:
    breakdown, cycles = priced(tree_width=width, tree_registers=registers), counted().cycles
    adders = [(16, 17), (8, 18), (4, 19), (2, 20), (1, 21)]
    if width == "partial-sums":
        adders = [(number, 32) for number, _ in adders]
    tree = queues * sum((number - 1) * bits + 32 for number, bits in adders)
    clocks = {
        (row.unit, row.component): row.count for row in breakdown.rows if row.action == "clock"
    }
    assert clocks == {
        ("MSNetwork", "FIFO"): multipliers * cycles,
        ("ReduceNetwork", "FIFO"): tree * cycles,
        ("CollectionBus", "FIFO"): 8 * 5 * 32 * cycles,
        ("GlobalBuffer", "GLOBALBUFFER"): 16 * 8 * cycles,
    }
    found = energies(breakdown)
    assert found["GLOBALBUFFER", "clock", ""] == pytest.approx(128 * cycles * PART.clock(1).value)
    of_adders = sum(
        (number - 1) * PART.adder_area(NumberFormat.parse(f"int{bits}")).value
        + PART.adder_area(NumberFormat.parse("int32")).value
        for number, bits in adders
    )
    areas = breakdown.area_by_unit
    assert areas["ReduceNetwork"] == pytest.approx(of_adders + PART.register_area(tree).value)
    of_multiplier = PART.multiplier_area(*[NumberFormat.parse("int8")] * 2).value
    registers_area = PART.register_area(multipliers).value
    assert areas["MSNetwork"] == pytest.approx(32 * of_multiplier + registers_area)


def pushes(breakdown: EnergyBreakdown) -> tuple[float, float]:
    """Count and energy of what the queues of the tree take."""
    [row] = [row for row in breakdown.rows if (row.unit, row.action) == (QUEUE.unit, "PUSH")]
    return row.count, row.energy


def test_a_register_behind_each_adder_takes_its_results_only() -> None:
    activity = counted()
    levels = priced(tree_registers="level", tree_width="partial-sums")
    count, energy = pushes(levels)
    outputs = activity.counts["CollectionBus", "FIFO", "PUSH", "partial sums"]  # type: ignore[index]
    wires = activity.levels[QUEUE._replace(component="RN_WIRE", action="WRITE")]
    assert count == sum(wires[1:]) + outputs
    assert energy == pytest.approx(count * PART.register(32).value)
    assert levels.included[QUEUE] == "no queues at the inputs: a register behind each adder"

    queues = priced(tree_width="partial-sums")
    count, energy = pushes(queues)
    assert count == activity.counts[QUEUE]
    products = activity.counts[ActionKey("MSNetwork", "MULTIPLIER", "MULTIPLICATION")]
    assert energy == pytest.approx(
        products * PART.register(16).value + (count - products) * PART.register(32).value
    )
    assert QUEUE not in queues.included


def test_a_tree_of_floats_does_not_grow() -> None:
    floats = {"weights": "bf16", "activations": "bf16", "partial_sums": "fp32"}
    grows, wide = (priced(tree_width=width, **floats) for width in ("grows", "partial-sums"))
    assert energies(grows) == pytest.approx(energies(wide))
    assert grows.area_by_unit == pytest.approx(wide.area_by_unit)


def test_a_tree_grows_no_wider_than_a_partial_sum() -> None:
    grows, wide = (
        priced(tree_width=width, partial_sums="int17") for width in ("grows", "partial-sums")
    )
    assert energies(grows) == pytest.approx(energies(wide), rel=0.06)
    assert pushes(grows) == pytest.approx(pushes(wide))


@pytest.mark.parametrize(
    ("lost", "message"),
    [
        (
            ActionKey("ReduceNetwork", "ADDER", "ADD_2_1"),
            "physical pricing of SIGMA: engine 'sigma' does not say on which of 5 levels of the "
            "adder tree ADDER ADD_2_1 happens",
        ),
        (
            QUEUE._replace(component="RN_WIRE", action="WRITE"),
            "physical pricing of SIGMA: engine 'sigma' does not say on which of 6 levels of the "
            "adder tree RN_WIRE WRITE happens",
        ),
        (
            SENT,
            "physical pricing of SIGMA: engine 'sigma' does not say how many activations leave "
            "the buffer before they fork to the ports",
        ),
    ],
)
def test_levels_that_an_engine_does_not_tell_are_asked_for(lost: ActionKey, message: str) -> None:
    activity = counted()
    levels = {key: spread for key, spread in activity.levels.items() if key != lost}
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        priced(replace(activity, levels=levels))


def test_the_published_machine_reads_banks_without_another_network() -> None:
    arch = load_arch("sigma-hpca2020", {"num_ms": 64, "dn_bw": 16})
    workload = Workload("layer", BITS[:, :, :40], 9)
    activity = SigmaEngine().simulate(workload, arch)
    assert activity.activation_reads == (activity.counts[READ], 0)
    spread = {key for key in activity.levels if key.unit == "ReduceNetwork"}
    assert {key.component for key in spread} == {"ADDER", "FIFO", "RN_WIRE"}
    for key in spread:
        assert sum(activity.levels[key]) == activity.counts[key], key
    operands = Operands("value", 16, 0, 480, int(BITS[:, :, :40].sum()), 360, 108)
    breakdown = price(activity, load_energy_table("physical"), arch, operands)
    found = energies(breakdown)
    assert not [key for key in found if key[0] == "BENES"]
    bank = on_chip_memory(PART, 108 * 1024 * 8 // 32, 16, sram=True)
    reads = activity.counts[READ] * bank.read.value
    assert found["GLOBALBUFFER", "READ", "activations"] == pytest.approx(reads)


def test_structure_is_set_where_a_spec_states_it() -> None:
    arch = load_arch("sigma", {"controller": "reads-needed", "tree_registers": "level"})
    assert arch.technology is not None
    assert arch.technology.controller == "reads-needed"
    assert (arch.technology.tree_width, arch.technology.tree_registers) == ("grows", "level")
    for key in ("controller", "tree_width", "tree_registers"):
        message = f"{key}: the spec says nothing of it, so there is nothing to set here"
        with pytest.raises(InputError, match=re.escape(message)):
            load_arch("eyeriss-like", {key: "level"})
    with pytest.raises(InputError, match="controller should be 'reads-all' or 'reads-needed'"):
        load_arch("sigma", {"controller": "reads-some"})


def test_a_machine_that_states_no_structure_is_priced_as_stonne_counts() -> None:
    arch = load_arch("sigma", SIZES)
    assert arch.technology is not None
    silent = replace(arch.technology, controller=None, tree_width=None, tree_registers=None)
    operands = Operands("value", 8, 0, BITS.size, int(BITS.sum()), 1200, 240)
    model = load_energy_table("physical")
    found = price(counted(), model, replace(arch, technology=silent), operands)
    stated = priced(controller="reads-all", tree_width="partial-sums", tree_registers="queues")
    assert found.rows == stated.rows


def test_a_bit_mask_is_kept_in_the_buffer_and_read_from_it() -> None:
    found = energies(priced(weight_storage="bitmask"))
    row = 16 * 8
    read = PART.sram_read(108 * 1024, row).value / row
    write = PART.sram_write(108 * 1024, row).value / row
    values = int(BITS.sum()) * 8
    assert found["GLOBALBUFFER", "FILL bits", "weights"] == pytest.approx(values * write)
    assert found["GLOBALBUFFER", "FILL bit mask", "weights"] == pytest.approx(BITS.size * write)
    assert found["GLOBALBUFFER", "READ bit mask", "weights"] == pytest.approx(BITS.size * read)


def test_a_sum_that_comes_back_is_wide_in_front_of_and_behind_every_adder() -> None:
    """Rows of 60 on 32 multipliers: the second piece takes the sum of the first, 40 times.

    Its 29 values become 15, 7, 3 and 1: thrice the last of an odd number takes the link.
    """
    activity = counted(bits=np.ones((1, 2, 60), dtype=bool))
    pushed = activity.levels[QUEUE]
    wide = [40, 80, 80, 80, 40, 0]
    energy = sum(
        (count - back) * PART.register(16 + level).value + back * PART.register(32).value
        for level, (count, back) in enumerate(zip(pushed, wide, strict=True))
    )
    breakdown = priced(activity)
    assert pushes(breakdown)[1] == pytest.approx(energy, rel=1e-9)
    formulas = {
        row.action: row.figure.formula
        for row in breakdown.rows
        if row.component == "ADDER" and row.figure is not None
    }
    assert "levels, 17 to 21 bits, 32 for sums that come back" in formulas["ADD_2_1"]


def test_what_never_happened_has_no_row() -> None:
    activity = counted()  # no row of BITS is folded
    happened = {key: count for key, count in activity.counts.items() if count}
    found = energies(priced(replace(activity, counts=happened), controller="reads-needed"))
    assert ("BENES", "PASS to ports", "activations") in found
    assert ("BENES", "PASS to ports", "partial sums") not in found
    assert ("BENES", "PASS to banks", "partial sums") not in found


def test_one_activation_for_many_ports_takes_a_tree_but_a_weight_goes_to_its_own() -> None:
    bits = np.zeros((1, 8, 60), dtype=bool)
    bits[:, :, :4] = True  # 8 filters wait for each of 4 values
    arch = load_arch("sigma", SIZES)
    activity = simulate(bits, Stream.of_density(1, 60, 1.0), arch, "MK_STA_KN_STR")
    breakdown = priced(activity)
    packets, sent = activity.levels[SENT][-2:]
    assert (packets, sent) == (32, 4)
    found, side = energies(breakdown), side_mm(breakdown)
    tree = PART.wire(8, 0.68 * side * 8**0.5).value
    assert found["DN_WIRE", "WRITE to a port", "activations"] == pytest.approx(4 * tree)
    way = PART.wire(8, side / 2).value
    assert found["DN_WIRE", "WRITE to a port", "weights"] == pytest.approx(32 * way)


def test_the_sign_of_a_float_is_one_bit() -> None:
    floats = {"weights": "int1", "activations": "bf16", "partial_sums": "fp32"}
    arch = load_arch("sigma", {**SIZES, **floats, "multiplier": "mask"})
    activity = counted()
    operands = Operands("zero", 1, 0, BITS.size, int(BITS.sum()), 1200, 240)
    breakdown = price(activity, load_energy_table("physical"), arch, operands)
    assert energies(breakdown)["SIGN", "NEGATE", "weights"] == pytest.approx(
        240 * PART.gate(1).value
    )
    signs = load_arch("sigma", {**SIZES, **floats, "multiplier": "sign"})
    other = price(activity, load_energy_table("physical"), signs, operands)
    negating = breakdown.area_by_unit["ReduceNetwork"] - other.area_by_unit["ReduceNetwork"]
    assert negating == pytest.approx(8 * PART.gate_area(1).value)


@pytest.mark.parametrize(("weights", "bits"), [("int4", 16), ("int16", 16)])
def test_switches_of_a_benes_network_are_as_wide_as_the_wider_operand(
    weights: str, bits: int
) -> None:
    arch = load_arch("sigma-hpca2020", {"num_ms": 64, "dn_bw": 16, "weights": weights})
    activity = SigmaEngine().simulate(Workload("layer", BITS[:, :, :40], 9), arch)
    operands = Operands("value", 4, 0, 480, int(BITS[:, :, :40].sum()), 360, 108)
    model = load_energy_table("physical")
    breakdown = price(activity, model, arch, operands)
    key = ("DSNetwork", "SWITCH")
    switches = activity.instances[key]
    part = load_arch("sigma-hpca2020").technology
    assert part is not None
    assert part.activations.bits == bits
    own = Components(part.node_nm)
    assert breakdown.area_by_unit["DSNetwork"] == pytest.approx(
        switches * own.gate_area(2 * bits).value + own.register_area(2 * switches).value
    )
    clocks = {row.unit for row in breakdown.rows if row.action == "clock"}
    assert "DSNetwork" in clocks
    instances = {each: number for each, number in activity.instances.items() if each != key}
    without = price(replace(activity, instances=instances), model, arch, operands)
    clocks = {row.unit for row in without.rows if row.action == "clock"}
    assert "DSNetwork" not in clocks
