"""The systolic mesh, priced: each count at the figure of its part, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

import hwsim
from hwsim.arch.parts import Components
from hwsim.energy import load_energy_table, price
from hwsim.energy.breakdown import CLOCK, STATIC
from hwsim.engines import load_engine
from hwsim.number_format import NumberFormat
from hwsim.workload import Operands, Workload

PARTS = Components(28)
SUMS = NumberFormat.parse("int32")
INT8 = NumberFormat.parse("int8")


def layer(coding="value", bits=8):
    operands = Operands(coding=coding, weight_bits=bits, sign_bits=0, weights=30,
                        effectual_weights=30, inputs=42, outputs=35)  # fmt: skip
    return Workload("l", np.ones((1, 5, 6), np.int8), 7, coding=coding, operands=operands)


def priced(workload=None, **settings):
    workload = layer() if workload is None else workload
    given = {"ms_rows": 4, "tile_m": 2, "tile_n": 4, **settings}
    arch = hwsim.load_arch("tpu", given)
    activity = load_engine("tpu").simulate(workload, arch)
    return activity, price(activity, load_energy_table("physical"), arch, workload.operands)


def energies(breakdown):
    found = {}
    for row in breakdown.rows:
        key = row.unit, row.component, row.action, row.operand
        found[key] = found.get(key, 0) + row.energy
    return found


def logic(switches=0):
    """16 multipliers with two operands' and a product's registers, 16 lines of 5 inputs."""
    register = PARTS.register_area(1).value
    return {
        "MSNetwork": 16 * (PARTS.multiplier_area(INT8, INT8).value + (8 + 8 + 16) * register),
        "ReduceNetwork": 16 * (PARTS.adder_area(SUMS).value + 2 * 32 * register),
        "CollectionBus": 80 * 32 * register,
        "DSNetwork": switches * 16 * PARTS.gate_area(1).value,
    }


def test_every_count_at_its_price():
    _, breakdown = priced()
    side = math.sqrt(sum(logic().values())) / 1000
    products, outputs, weights, activations = 210, 35, 60, 126
    way, pitch = PARTS.wire(8, side / 2).value, PARTS.wire(8, side / 4).value
    capacity, row = 108 * 1024, 8 * 8
    read = PARTS.sram_read(capacity, row).value / row
    write = PARTS.sram_write(capacity, row).value / row
    dram = PARTS.dram("LPDDR4").value
    expected = {
        ("DSNetwork", "DN_WIRE", "WRITE to a port", "weights"): weights * way,
        ("DSNetwork", "DN_WIRE", "WRITE to a port", "activations"): activations * way,
        ("MSNetwork", "MULTIPLIER", "MULTIPLICATION", ""): products
        * PARTS.multiplier(INT8, INT8).value,
        ("MSNetwork", "MN_WIRE", "WRITE", "weights"): (products - weights) * pitch,
        ("MSNetwork", "MN_WIRE", "WRITE", "activations"): (products - activations) * pitch,
        ("MSNetwork", "FIFO", "PUSH", "weights"): products * PARTS.register(8).value,
        ("MSNetwork", "FIFO", "PUSH", "activations"): products * PARTS.register(8).value,
        ("MSNetwork", "FIFO", "PUSH", "partial sums"): products * PARTS.register(16).value,
        ("ReduceNetwork", "ACCUMULATOR", "ADD", "partial sums"): (products - outputs)
        * PARTS.adder(SUMS).value,
        ("ReduceNetwork", "ACCUMULATOR", "WRITE", "partial sums"): products
        * PARTS.register(32).value,
        ("ReduceNetwork", "FIFO", "PUSH", "outputs"): outputs * PARTS.register(32).value,
        ("CollectionBus", "CB_WIRE", "WRITE", "outputs"): 2 * outputs
        * PARTS.wire(32, side / 4).value,
        ("CollectionBus", "FIFO", "PUSH", "outputs"): outputs * PARTS.register(32).value,
        ("GlobalBuffer", "GLOBALBUFFER", "READ", "weights"): weights * 8 * read,
        ("GlobalBuffer", "GLOBALBUFFER", "READ", "activations"): activations * 8 * read,
        ("GlobalBuffer", "GLOBALBUFFER", "WRITE", "outputs"): outputs * 8 * write,
        ("GlobalBuffer", "GLOBALBUFFER", "FILL", "activations"): 42 * 8 * write,
        ("GlobalBuffer", "GLOBALBUFFER", "FILL bits", "weights"): 30 * 8 * write,
        ("GlobalBuffer", "GLOBALBUFFER", "DRAIN", "outputs"): 35 * 8 * read,
        ("DRAM", "LPDDR4", "READ", "weights"): 30 * 8 * dram,
        ("DRAM", "LPDDR4", "READ", "activations"): 42 * 8 * dram,
        ("DRAM", "LPDDR4", "WRITE", "outputs"): 35 * 8 * dram,
    }  # fmt: skip
    found = energies(breakdown)
    for key, energy in expected.items():
        assert found[key] == pytest.approx(energy, rel=1e-12), key
    assert {key for key in found if key[2] not in (STATIC, CLOCK)} == set(expected)
    assert set(breakdown.included.values()) == {
        "a mode, once a pass",
        "part of the push",
        "part of the write",
        "the accumulator lies beside its multiplier",
        "the product is taken from the multiplier's register",
        "the register that an operand came into drives the next link",
    }


def test_area_leakage_and_clock():
    activity, breakdown = priced()
    areas = logic()
    memory = PARTS.sram_area(108 * 1024, 64).value
    assert breakdown.area_by_unit == pytest.approx({**areas, "GlobalBuffer": memory}, rel=1e-9)
    found = energies(breakdown)
    static = sum(energy for key, energy in found.items() if key[2] == STATIC)
    leaks = PARTS.leakage(sum(areas.values())).value + PARTS.sram_leakage(108 * 1024, 64).value
    assert static == pytest.approx(leaks * activity.cycles / 700e6 * 1e9, rel=1e-9)
    clocked = {key[:2]: energy for key, energy in found.items() if key[2] == CLOCK}
    bit = activity.cycles * PARTS.clock(1).value
    assert clocked == pytest.approx(
        {
            ("MSNetwork", "FIFO"): 16 * 32 * bit,
            ("ReduceNetwork", "ACCUMULATOR"): 16 * 32 * bit,
            ("ReduceNetwork", "FIFO"): 16 * 32 * bit,
            ("CollectionBus", "FIFO"): 80 * 32 * bit,
            ("GlobalBuffer", "GLOBALBUFFER"): 8 * 8 * bit,
        },
        rel=1e-12,
    )


def test_trees_of_ports_have_wires_along_the_edge_and_switches():
    _, breakdown = priced(dn_bw=2)
    areas = logic(switches=6)
    assert breakdown.area_by_unit["DSNetwork"] == pytest.approx(areas["DSNetwork"], rel=1e-9)
    pitch = math.sqrt(sum(areas.values())) / 4000
    found = energies(breakdown)
    below = found["DSNetwork", "DN_WIRE", "WRITE below a port", "weights"]
    assert below == pytest.approx(2 * 60 * PARTS.wire(8, pitch * 3 / 4).value, rel=1e-12)
    switched = found["DSNetwork", "SWITCH", "ROUTE_UNICAST", "activations"]
    assert switched == pytest.approx(2 * 126 * PARTS.gate(8).value, rel=1e-12)


def test_signed_binary_negates_an_output():
    _, breakdown = priced(layer("zero", 1))
    found = energies(breakdown)
    negated = found["ReduceNetwork", "SIGN", "NEGATE", "weights"]
    assert negated == pytest.approx(35 * PARTS.adder(SUMS).value, rel=1e-12)
    assert found["MSNetwork", "FIFO", "PUSH", "weights"] == pytest.approx(
        210 * PARTS.register(1).value, rel=1e-12
    )
    _, floats = priced(layer("zero", 1), partial_sums="fp32")
    negated = energies(floats)["ReduceNetwork", "SIGN", "NEGATE", "weights"]
    assert negated == pytest.approx(35 * PARTS.gate(1).value, rel=1e-12)
