"""MAERI, priced: what it has beside SIGMA's trees, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

import hwsim
from hwsim.activity import ACTIVATIONS, OUTPUTS, PARTIAL_SUMS, WEIGHTS, ActionKey
from hwsim.arch.parts import Components
from hwsim.energy import load_energy_table, price
from hwsim.engines import load_engine
from hwsim.number_format import NumberFormat
from hwsim.workload import Operands, Workload
from hwsim.workload.workload import ConvolutionWindow
from tests.studies.networks import tiny_network

PARTS = Components(28)
SUMS = NumberFormat.parse("int32")
INT8 = NumberFormat.parse("int8")


def priced(**settings):
    operands = Operands(coding="value", weight_bits=8, sign_bits=0, weights=54,
                        effectual_weights=54, inputs=84, outputs=60)  # fmt: skip
    window = ConvolutionWindow(2, (3, 3), (4, 5))
    workload = Workload("l", np.ones((1, 3, 18), np.int8), 20, window=window, operands=operands)
    arch = hwsim.load_arch("maeri", {"num_ms": 8, "dn_bw": 4, **settings})
    activity = load_engine("maeri").simulate(workload, arch)
    return activity, price(activity, load_energy_table("physical"), arch, operands)


def energies(breakdown):
    found = {}
    for row in breakdown.rows:
        key = row.unit, row.component, row.action, row.operand
        found[key] = found.get(key, 0) + row.energy
    return found


def area(buffer=False):
    """Area of the logic, um2: 8 multipliers, 7 adders, 4 switches, 8 lines of 2 inputs."""
    register = PARTS.register_area(1).value
    put_out = 32 if buffer else 16
    multipliers = 8 * (PARTS.multiplier_area(INT8, INT8).value + (8 + 8 + put_out) * register)
    # one adder of each of three levels is as wide as a partial sum, the others a bit a level more
    widths = [32] * 7 if buffer else [32, 17, 17, 17, 32, 18, 32]
    formats = [NumberFormat.parse(f"int{bits}") for bits in widths]
    tree = sum(PARTS.adder_area(each).value for each in formats) + 5 * sum(widths) * register
    switches = 4 * PARTS.gate_area(2 * (32 if buffer else 8)).value
    bus = 16 * 32 * register
    accumulators = 0 if buffer else 7 * (PARTS.adder_area(SUMS).value + 3 * 32 * register)
    return multipliers + tree + switches + bus + accumulators


def test_links_registers_and_accumulators_at_their_prices():
    activity, breakdown = priced()
    counts, found = activity.counts, energies(breakdown)
    pitch = math.sqrt(area() / 8) / 1000
    link = ActionKey("MSNetwork", "MN_WIRE", "WRITE", ACTIVATIONS)
    assert counts[link] > 0
    queue = ("MSNetwork", "FIFO", "PUSH")
    products = 3 * 18 * 20
    loaded = counts[ActionKey(*queue, WEIGHTS)] - products
    register = PARTS.register(32).value
    sums = ("ReduceNetwork", "FIFO", "PUSH", OUTPUTS)
    added = ("ReduceNetwork", "ACCUMULATOR", "ADD", "")
    written = ("ReduceNetwork", "ACCUMULATOR", "WRITE", OUTPUTS)
    expected = {
        tuple(link): counts[link] * PARTS.wire(8, pitch).value,
        ("MSNetwork", "MULTIPLIER", "MULTIPLICATION", ""): products
        * PARTS.multiplier(INT8, INT8).value,
        (*queue, ACTIVATIONS): products * PARTS.register(8).value,
        (*queue, WEIGHTS): loaded * PARTS.register(8).value,
        (*queue, PARTIAL_SUMS): products * PARTS.register(16).value,
        sums: counts[sums] * register,
        added: counts[added] * PARTS.adder(SUMS).value,
        written: counts[written] * register,
    }
    assert loaded > 0
    assert min(counts[sums], counts[added], counts[written]) > 0
    for key, energy in expected.items():
        assert found[key] == pytest.approx(energy, rel=1e-9), key
    why = breakdown.included
    assert why[ActionKey("ReduceNetwork", "RN_WIRE", "WRITE", OUTPUTS)]
    assert why[ActionKey("ReduceNetwork", "ACCUMULATOR", "READ", OUTPUTS)] == "part of the write"
    assert why[ActionKey(*sums)._replace(action="POP")] == "part of the push"


def test_area_is_that_of_all_parts():
    for settings, buffer in (({}, False), ({"accumulation": "buffer"}, True)):
        activity, breakdown = priced(**settings)
        logic = dict(breakdown.area_by_unit.items())
        logic.pop("GlobalBuffer")
        assert sum(logic.values()) == pytest.approx(area(buffer), rel=1e-9)
        assert (("ReduceNetwork", "ACCUMULATOR") in activity.instances) is not buffer


def test_sums_that_return_are_forwarded_through_a_gate_a_bit():
    activity, breakdown = priced(accumulation="buffer")
    back = ActionKey("MSNetwork", "MULTIPLIER", "FORWARD_PSUM", PARTIAL_SUMS)
    assert activity.counts[back] > 0
    forwarded = energies(breakdown)[tuple(back)]
    assert forwarded == pytest.approx(activity.counts[back] * PARTS.gate(32).value)


def test_registers_behind_adders_take_the_place_of_queues():
    activity, breakdown = priced(tree_registers="level")
    sums = ActionKey("ReduceNetwork", "FIFO", "PUSH", OUTPUTS)
    assert breakdown.included[sums].startswith("no queues: the accumulator's register")
    assert tuple(sums) not in energies(breakdown)
    assert activity.counts[sums] > 0


def test_nodes_of_the_tree_that_add_up_folds_at_their_prices():
    activity, breakdown = priced(accumulation="tree")
    counts, found = activity.counts, energies(breakdown)
    added = ActionKey("ReduceNetwork", "ADDER", "ADD_2_1", OUTPUTS)
    queued = ActionKey("ReduceNetwork", "FIFO", "PUSH", OUTPUTS)
    up = ActionKey("ReduceNetwork", "RN_WIRE", "WRITE", OUTPUTS)
    register = PARTS.register(32).value
    assert found[tuple(added)] == pytest.approx(counts[added] * PARTS.adder(SUMS).value)
    assert found[tuple(queued)] == pytest.approx(counts[queued] * register)
    held = "ReduceNetwork", "FIFO", "HOLD", OUTPUTS
    assert found[held] == pytest.approx(counts[up] * register)
    # one neuron of six multipliers is complete on the second level, and its node is the root
    assert activity.levels[up] == (0, counts[up], 0)
    passed = found["ReduceNetwork", "RN_WIRE", "WRITE to a fold node", OUTPUTS] / counts[up]
    side = math.sqrt(sum(v for k, v in breakdown.area_by_unit.items() if k != "GlobalBuffer"))
    level = side / math.sqrt(8) / 1000 / 2 * 2
    assert passed == pytest.approx(PARTS.wire(32, level).value)


def test_the_area_of_fold_nodes_is_that_of_wide_adders_and_their_registers():
    activity, breakdown = priced(accumulation="tree")
    assert activity.instances["ReduceNetwork", "ADDER"] == 8
    # a second root, all as wide as a partial sum, with their queues and a register each
    register, adder = PARTS.register_area(1).value, PARTS.adder_area(SUMS).value
    expected = 8 * (adder + 5 * 32 * register) + 8 * 32 * register
    assert breakdown.area_by_unit["ReduceNetwork"] == pytest.approx(expected)


@pytest.mark.parametrize("accumulation", ["tree", "buffer"])
def test_layers_of_a_network_are_priced_side_by_side(accumulation):
    machine = {"num_ms": 32, "accumulation": accumulation}
    run = hwsim.run(tiny_network(), arch="maeri", overrides=machine, schemes=["dense"])
    totals = run.by_energy_table("physical").totals
    assert (totals["energy"] > 0).all()
