"""UNPU, priced: each count at the figure of its part, by hand."""

from __future__ import annotations

import math

import pytest

from hwsim.arch import load_arch
from hwsim.arch.parts import Components
from hwsim.energy import load_energy_table, price
from hwsim.energy.breakdown import CLOCK, STATIC
from hwsim.engines import load_engine
from hwsim.number_format import NumberFormat
from tests.engines.unpu.test_engine import convolution

PARTS = Components(65, 1.1).made_of("low-standby")


def integer(bits):
    return NumberFormat.parse(f"int{bits}")


def priced(workload, **settings):
    arch = load_arch("unpu-like", settings)
    activity = load_engine("unpu").simulate(workload, arch)
    model = load_energy_table("physical")
    return activity, price(activity, model, arch, workload.operands)


def energies(breakdown):
    return {
        (row.unit, row.component, row.action, row.operand): row.energy for row in breakdown.rows
    }


def logic_areas():
    """Of 4 cores of 6 units of 4 bundles of 12 tables and 4 readers: 1152 tables, 4608 look-ups."""
    register, gate = PARTS.register_area(1).value, PARTS.gate_area(1).value
    return {
        "FeatureLoader": 24 * 4 * 12 * 3 * 16 * register,
        "WeightRegister": 24 * 144 * register,
        "TableAdder": 1152 * PARTS.adder_area(integer(18)).value,
        "Table": 1152 * 8 * 18 * register + 4608 * 7 * 18 * gate,
        "Adder": 4608 * PARTS.adder_area(integer(22)).value,
        "Accumulators": 384 * 16 * 32 * register,
        "Aggregation": 96 * PARTS.adder_area(integer(32)).value,
    }


#: 10 filters of 40 channels over 3 x 3, 8 bits: 2 tables of 12 a core's part, 14 tables.
LAYER = convolution(10, 40, 1, 3)


def test_every_count_at_its_price():
    activity, breakdown = priced(LAYER)
    assert activity.statistics["bundles_of_a_weight"] == 12
    outputs, tables = 90, 9 * 14
    core = sum(logic_areas().values()) / 4
    way = 0.68 * math.sqrt(core * 12) / 1000
    feature, weight = 16 * 1024, 48 * 1024
    entry, gate = PARTS.register(18).value, PARTS.gate(1).value
    dram = PARTS.dram("LPDDR4").value
    fetched = 10 * 40 * 8 * 1
    expected = {
        ("DRAM", "Memory", "READ", "weights"): 3200 * dram,
        ("DRAM", "Memory", "READ", "activations"): 360 * 16 * dram,
        ("DRAM", "Memory", "WRITE", "outputs"): outputs * 16 * dram,
        ("Core", "FeatureMemory", "READ", "activations"): 360
        * PARTS.sram_read(feature, 48).value / 3,
        ("Core", "FeatureMemory", "WRITE", "outputs"): outputs
        * PARTS.sram_write(feature, 48).value / 3,
        ("Core", "WeightMemory", "READ", "weights"): fetched
        * PARTS.sram_read(weight, 144).value / 144,
        ("Core", "Wire", "SEND", "weights"): fetched * PARTS.wire(1, way).value,
        ("LBPE", "WeightRegister", "WRITE", "weights"): 3 * fetched * PARTS.register(1).value,
        ("LBPE", "FeatureLoader", "SHIFT", "activations"): tables * 3 * PARTS.register(16).value,
        ("LBPE", "TableAdder", "ADD", "activations"): tables * 4 * PARTS.adder(integer(18)).value,
        ("LBPE", "Table", "WRITE", "activations"): tables * 8 * entry,
        ("LBPE", "Table", "READ", "activations"): outputs * 8 * 14 * 3 * 18 * gate,
        ("LBPE", "Adder", "ADD", "partial sums"): outputs * 8 * 14
        * PARTS.adder(integer(22)).value,
        ("LBPE", "Accumulators", "WRITE", "partial sums"): outputs * 8 * 2
        * (PARTS.register(32).value + 4 * 32 * gate),
        ("Aggregation", "Adder", "ADD", "partial sums"): outputs * PARTS.adder(integer(32)).value,
    }  # fmt: skip
    found = energies(breakdown)
    for key, energy in expected.items():
        assert found[key] == pytest.approx(energy, rel=1e-12), key
    assert {key for key in found if key[2] not in (STATIC, CLOCK)} == set(expected)
    rows = {(row.component, row.action): row for row in breakdown.rows}
    choosing = rows["Table", "READ"].figure
    assert choosing is not None
    assert choosing.formula.endswith("x 3 (levels to choose of 8)")
    assert list(breakdown.included.values()) == ["part of the write"]


def test_area_leakage_and_clock():
    activity, breakdown = priced(LAYER)
    logic = logic_areas()
    memories = [(16 * 1024, 48), (48 * 1024, 144)]
    expected = {
        "Core": 4 * sum(PARTS.sram_area(*memory).value for memory in memories),
        "LBPE": sum(logic.values()) - logic["Aggregation"],
        "Aggregation": logic["Aggregation"],
    }
    assert breakdown.area_by_unit == pytest.approx(expected, rel=1e-9)
    found = energies(breakdown)
    leaks = PARTS.leakage(sum(logic.values())).value
    leaks += 4 * sum(PARTS.sram_leakage(*memory).value for memory in memories)
    static = sum(energy for key, energy in found.items() if key[2] == STATIC)
    assert static == pytest.approx(leaks * activity.cycles / 200e6 * 1e9, rel=1e-9)
    clocked = {key: energy for key, energy in found.items() if key[2] == CLOCK}
    bit = 24 * activity.cycles * PARTS.clock(1).value
    assert clocked == {
        ("LBPE", "WeightRegister", CLOCK, ""): pytest.approx(144 * bit, rel=1e-12),
        ("LBPE", "FeatureLoader", CLOCK, ""): pytest.approx(4 * 12 * 3 * 16 * bit, rel=1e-12),
    }


def test_adders_are_at_most_as_wide_as_a_sum():
    narrow = energies(priced(LAYER, partial_sums="int20")[1])
    added = narrow["LBPE", "Adder", "ADD", "partial sums"]
    assert added == pytest.approx(90 * 8 * 14 * PARTS.adder(integer(20)).value, rel=1e-12)


def test_a_tree_grows_by_a_bit_for_each_doubling():
    def added(tables):
        found = energies(priced(LAYER, tables=tables)[1])
        return found["LBPE", "Adder", "ADD", "partial sums"] / (90 * 8 * 14)

    for tables, bits in ((1, 18), (2, 19), (8, 21), (9, 22)):
        assert added(tables) == pytest.approx(PARTS.adder(integer(bits)).value, rel=1e-12)


def test_sixteen_bits_cost_sixteen_times_the_look_ups_of_one():
    def look_ups(bits):
        found = energies(priced(convolution(10, 40, 1, 3, bits))[1])
        return found["LBPE", "Table", "READ", "activations"]

    assert look_ups(16) == pytest.approx(16 * look_ups(1), rel=1e-12)


def test_machines_made_for_low_bits_gain_what_silicon_gains() -> None:
    """A layer of ResNet-18 on chip: a fifth saved on a machine for numbers, far more here."""

    def on_chip(name, bits, coding, **settings):
        workload = convolution(256, 256, 3, 14, bits, coding, padding=(1, 1))
        arch = load_arch(name, {"voltage": "1.1 V", **settings})
        activity = load_engine(arch.engine).simulate(workload, arch)
        found = price(activity, load_energy_table("physical"), arch, workload.operands)
        return sum(row.energy for row in found.rows if row.unit != "DRAM") / workload.macs

    general = {"node": "65 nm", "transistors": "low-standby"}
    numbers = on_chip("sigma", 8, "value", **general)
    assert 0.8 < on_chip("sigma", 1, "sign", **general) / numbers < 1
    assert on_chip("yodann-like", 1, "sign") < numbers / 16
    serial = on_chip("unpu-like", 8, "value")
    assert 5 < serial / on_chip("unpu-like", 1, "sign") < 8
    assert 1.8 < on_chip("unpu-like", 16, "value") / serial < 2
