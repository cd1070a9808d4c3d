"""YodaNN, priced: each count at the figure of its part, by hand."""

from __future__ import annotations

import math

import pytest

from hwsim.arch import load_arch
from hwsim.arch.parts import Components
from hwsim.energy import load_energy_table, price
from hwsim.energy.breakdown import CLOCK, STATIC
from hwsim.engines import load_engine
from hwsim.number_format import NumberFormat
from tests.engines.yodann.layers import convolution, linear

PARTS = Components(65, 1.2).made_of("low-standby")


def integer(bits):
    return NumberFormat.parse(f"int{bits}")


def priced(workload, **settings):
    arch = load_arch("yodann-like", settings)
    activity = load_engine("yodann").simulate(workload, arch)
    model = load_energy_table("physical")
    return activity, price(activity, model, arch, workload.operands)


def energies(breakdown):
    return {
        (row.unit, row.component, row.action, row.operand): row.energy for row in breakdown.rows
    }


#: 40 filters of 33 channels, 3 x 3 over 10 x 10, as counted by hand in the engine's test.
LAYER = convolution(40, 33, 3, 10, padding=(1, 1))
PRODUCTS = 100 * 40 * 33 * 9
#: The tree's adders: 25 of 14 bits, 12 of 15, 6 of 16, 3 and 2 and 1 of 17, for 50 products.
TREE = ((25, 14), (12, 15), (6, 16), (3, 17), (2, 17), (1, 17))


def sop_area():
    adders = sum(number * PARTS.adder_area(integer(bits)).value for number, bits in TREE)
    gates = 50 * PARTS.gate_area(12).value
    return 32 * (adders + gates) + 64 * PARTS.register_area(17).value


def test_every_count_at_its_price():
    _, breakdown = priced(LAYER)
    gate = PARTS.gate(1).value
    visits = 100 * 33
    # Nine products: four additions of 14 bits, then 2 of 15, 1 of 16 and 1 of 17.
    adders = sum(
        number * PARTS.adder(integer(bits)).value
        for number, bits in ((4, 14), (2, 15), (1, 16), (1, 17))
    )
    memory = PARTS.register(12).value + 10 * 12 * gate
    window = PARTS.register(12).value + 5 * 12 * gate
    wires_mm = 0.68 * math.sqrt(sop_area() * 32) / 1000
    sums = PARTS.adder(integer(17)).value
    dram = PARTS.dram("LPDDR4").value
    expected = {
        ("DRAM", "Memory", "READ", "weights"): 40 * 33 * 9 * dram,
        ("DRAM", "Memory", "READ", "activations"): 3300 * 12 * dram,
        ("DRAM", "Memory", "READ", "partial sums"): 48000 * dram,
        ("DRAM", "Memory", "WRITE", "partial sums"): 48000 * dram,
        ("DRAM", "Memory", "WRITE", "outputs"): 48000 * dram,
        ("DRAM", "Adder", "ADD", "partial sums"): 4000 * sums,
        ("ImageMemory", "Memory", "READ", "activations"): 120 * 3 * 33 * memory,
        ("ImageMemory", "Memory", "WRITE", "activations"): 3300 * memory,
        ("ImageBank", "Windows", "SHIFT", "activations"): visits * 9 * window,
        ("ImageBank", "Wire", "SEND", "activations"): visits
        * 9
        * PARTS.wire(12, wires_mm).value,
        ("FilterBank", "Weights", "WRITE", "weights"): 40 * 33 * 9 * PARTS.register(1).value,
        ("FilterBank", "Weights", "ROTATE", "weights"): 400 * 33 * 9 * PARTS.register(1).value,
        ("FilterBank", "Weights", "READ", "weights"): PRODUCTS * 5 * gate,
        ("SoP", "Operator", "NEGATE", ""): PRODUCTS * PARTS.gate(12).value,
        ("SoP", "Adder", "ADD", "partial sums"): visits * 40 * adders,
        ("ChannelSummer", "Adder", "ADD", "partial sums"): visits * 40 * sums,
        ("ChannelSummer", "Register", "WRITE", "partial sums"): visits
        * 40
        * PARTS.register(17).value,
        ("ScaleBias", "Multiplier", "MULTIPLY", "outputs"): 8000
        * PARTS.multiplier(integer(17), integer(12)).value,
        ("ScaleBias", "Adder", "ADD", "outputs"): 8000 * sums,
    }  # fmt: skip
    found = energies(breakdown)
    for key, energy in expected.items():
        assert found[key] == pytest.approx(energy, rel=1e-12), key
    assert {key for key in found if key[2] not in (STATIC, CLOCK)} == set(expected)


def test_area_leakage_and_clock():
    activity, breakdown = priced(LAYER)
    register = PARTS.register_area(1).value
    sums = PARTS.adder_area(integer(17)).value
    expected = {
        "ImageMemory": 1024 * 7 * 12 * register,
        "ImageBank": 32 * 49 * 12 * register,
        "FilterBank": 32 * 32 * 49 * register,
        "SoP": sop_area(),
        "ChannelSummer": 64 * (sums + 17 * register),
        "ScaleBias": 2 * (sums + PARTS.multiplier_area(integer(17), integer(12)).value),
    }
    assert breakdown.area_by_unit == pytest.approx(expected, rel=1e-9)
    found = energies(breakdown)
    seconds = activity.cycles / 480e6
    static = sum(energy for key, energy in found.items() if key[2] == STATIC)
    assert static == pytest.approx(
        PARTS.leakage(sum(expected.values())).value * seconds * 1e9, rel=1e-9
    )
    clocked = {key: energy for key, energy in found.items() if key[2] == CLOCK}
    each = 64 * 17 * activity.cycles * PARTS.clock(1).value
    assert clocked == {
        ("ChannelSummer", "Register", CLOCK, ""): pytest.approx(each, rel=1e-12),
        ("SoP", "Adder", CLOCK, ""): pytest.approx(each, rel=1e-12),
    }


def test_a_mask_costs_as_many_gates_as_a_sign_and_zeros_save_nothing():
    signs = energies(priced(LAYER)[1])
    masked = convolution(40, 33, 3, 10, coding="zero", padding=(1, 1))
    masks = energies(priced(masked, multiplier="mask")[1])
    assert masks == pytest.approx(signs, rel=1e-12)


def test_a_multiplexer_has_a_level_for_each_doubling_of_channels():
    def choosing(channels):
        found = energies(priced(LAYER, channels=channels)[1])
        return found["FilterBank", "Weights", "READ", "weights"] / PRODUCTS

    for channels, levels in ((1, 1), (16, 4), (17, 5), (32, 5)):
        assert choosing(channels) == pytest.approx(levels * PARTS.gate(1).value, rel=1e-12)


def test_windows_of_one_pixel_need_no_tree():
    _, breakdown = priced(linear(64, 40, 5))
    assert ("SoP", "Adder", "ADD", "partial sums") not in energies(breakdown)


def test_a_lower_supply_is_cheaper_on_the_chip_alone():
    usual, low = energies(priced(LAYER)[1]), energies(priced(LAYER, voltage="0.6 V")[1])
    for key, energy in usual.items():
        same = key[:2] == ("DRAM", "Memory")
        assert low[key] == energy if same else low[key] < 0.51 * energy, key
