"""EIE, priced: each count at the figure of its part, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.arch.parts import Components
from hwsim.energy import load_energy_table, price
from hwsim.energy.breakdown import CLOCK, STATIC
from hwsim.engines import load_engine
from hwsim.number_format import NumberFormat
from hwsim.workload import Workload
from hwsim.workload.operands import Operands

PARTS = Components(45)
INT16 = NumberFormat.parse("int16")
FILTERS, COLUMNS = 128, 100


def priced(coding="value", bits=32, streams=1, **sizes):
    arch = load_arch("eie", sizes)
    levels = np.ones((1, FILTERS, COLUMNS), np.int8)
    sides = (COLUMNS * streams, FILTERS * streams)
    operands = Operands(coding, bits, 0, levels.size, levels.size, *sides)
    workload = Workload("a", levels, streams, "linear", coding=coding, operands=operands)
    activity = load_engine("eie").simulate(workload, arch)
    return activity, price(activity, load_energy_table("physical"), arch, operands)


def energies(breakdown):
    return {
        (row.unit, row.component, row.action, row.operand): row.energy for row in breakdown.rows
    }


def test_every_count_at_its_price():
    _, breakdown = priced()
    found = energies(breakdown)
    entries = FILTERS * COLUMNS
    rows = 64 * COLUMNS * (1 + 1 / 8)  # two entries a PE and column, eight a row
    register = PARTS.register_file(64, 16).value
    gates = PARTS.gate(16).value
    expected = {
        ("PE", "WeightRAM", "READ", "weights"): rows * PARTS.sram_read(131072, 64).value,
        ("PE", "PointerRAM", "READ", "weights"): 12800 * PARTS.sram_read(16384, 16).value,
        ("PE", "ActivationRAM", "READ", "activations"): 25 * PARTS.sram_read(2048, 64).value,
        ("PE", "ActivationRAM", "WRITE", "outputs"): 32 * PARTS.sram_write(2048, 64).value,
        ("PE", "Activations", "WRITE", "activations"): 100 * register,
        ("PE", "Queue", "PUSH", "activations"): 6400 * PARTS.register_file(8, 32).value,
        ("PE", "CodeBook", "READ", "weights"): entries * 4 * gates,
        ("PE", "Multiplier", "MULTIPLY", ""): entries * PARTS.multiplier(INT16, INT16).value,
        ("PE", "Adder", "ADD", "partial sums"): entries * PARTS.adder(INT16).value,
        ("PE", "Accumulators", "WRITE", "partial sums"): entries * register,
    }
    for key, energy in expected.items():
        assert found[key] == pytest.approx(energy, rel=1e-12), key
    dynamic = {key for key in found if key[2] not in (STATIC, CLOCK)}
    assert dynamic == {*expected, ("Broadcast", "Wire", "SEND", "activations")}
    assert {key.action for key in breakdown.included} == {"POP", "READ"}


def test_queue_and_code_book_are_clocked():
    activity, breakdown = priced(pes=32)
    found = energies(breakdown)
    bit = PARTS.clock(1).value * 32 * activity.cycles
    clocks = {key[1]: energy for key, energy in found.items() if key[2] == CLOCK}
    assert clocks == pytest.approx({"Queue": 8 * 32 * bit, "CodeBook": 16 * 16 * bit})


def test_the_broadcast_spans_the_chip():
    _, breakdown = priced()
    side_mm = (breakdown.area / 1e6) ** 0.5
    wires = 0.68 * side_mm * 8  # a minimal tree over 64 PEs
    sent = energies(breakdown)["Broadcast", "Wire", "SEND", "activations"]
    assert sent == pytest.approx(COLUMNS * PARTS.wire(32, wires).value, rel=1e-12)


def test_area_and_leakage():
    activity, breakdown = priced()
    memories = (
        PARTS.sram_area(131072, 64).value
        + PARTS.sram_area(2048, 64).value
        + 2 * PARTS.sram_area(16384, 16).value
    )
    registers = 64 * 16 + 8 * 32 + 16 * 16 + 64 * 16
    logic = PARTS.register_area(registers).value + PARTS.adder_area(INT16).value
    logic += PARTS.multiplier_area(INT16, INT16).value
    assert breakdown.area == pytest.approx(64 * (memories + logic), rel=1e-9)
    milliwatts = PARTS.leakage(64 * logic).value + 64 * (
        PARTS.sram_leakage(131072, 64).value
        + PARTS.sram_leakage(2048, 64).value
        + 2 * PARTS.sram_leakage(16384, 16).value
    )
    seconds = activity.cycles / 800e6
    leaking = sum(row.energy for row in breakdown.rows if row.action == "static")
    assert leaking == pytest.approx(milliwatts * seconds * 1e9, rel=1e-9)


@pytest.mark.parametrize(("coding", "product"), [("sign", 16), ("zero", 16), ("ternary", 32)])
def test_weights_without_a_value_need_no_multiplier(coding, product):
    _, breakdown = priced(coding, bits=2)
    found = energies(breakdown)
    multiplied = found["PE", "Multiplier", "MULTIPLY", ""]
    assert multiplied == pytest.approx(FILTERS * COLUMNS * PARTS.gate(product).value, rel=1e-12)
    assert ("PE", "CodeBook", "READ", "weights") not in found
    assert breakdown.total < priced()[1].total


def test_what_does_not_fit_is_charged_at_dram():
    _, breakdown = priced(activation_rows=128, streams=200)
    found = energies(breakdown)
    bit = PARTS.dram("LPDDR4").value
    assert found["DRAM", "Memory", "READ", "activations"] == pytest.approx(20000 * 16 * bit)
    assert found["DRAM", "Memory", "WRITE", "outputs"] == pytest.approx(25600 * 16 * bit)
    _, breakdown = priced(pes=1, weight_rows=128)
    weights = energies(breakdown)["DRAM", "Memory", "READ", "weights"]
    assert weights == pytest.approx(FILTERS * COLUMNS * 8 * bit)


def test_leakage_follows_the_transistors():
    def static(**technology):
        _, breakdown = priced(**technology)
        return {row.component: row.energy for row in breakdown.rows if row.action == STATIC}

    general, low = static(), static(transistors="low-standby")
    assert low["WeightRAM"] == general["WeightRAM"]
    assert low["Multiplier"] < general["Multiplier"] / 100
