"""The engine ``eie``, by hand."""

from __future__ import annotations

import numpy as np
import pytest

import hwsim
from hwsim.arch import load_arch
from hwsim.engines import load_engine
from hwsim.engines.eie import engine as counted
from hwsim.errors import InputError
from hwsim.workload import Activations, Workload
from hwsim.workload.operands import Operands

SMALL = {"pes": 2, "accumulators": 2, "queue": 1, "run_bits": 1}


def operands(weight_bits=32, inputs=3, outputs=4):
    return Operands("value", weight_bits, 0, 12, 5, inputs, outputs)


def layer(rows, streams=1, activations=None, **changes):
    levels = np.array(rows, np.int8)[None]
    return Workload(
        "a",
        levels,
        streams,
        "linear",
        activations=activations or Activations(),
        operands=operands(**changes),
    )


#: Filters 0 and 2 are PE 0's, filters 1 and 3 are PE 1's.
ROWS = [[1, 0, 0], [1, 0, 1], [1, 0, 0], [0, 0, 1]]


def simulated(workload, **sizes):
    arch = load_arch("eie", {**SMALL, **sizes})
    return load_engine("eie").simulate(workload, arch)


def test_a_layer_by_hand():
    activity = simulated(layer(ROWS))
    # Columns take 2, 1 (nothing in it) and 2 cycles, then 4 stages and a level of detection.
    assert activity.cycles == 2 + 1 + 2 + 4 + 1
    counts = activity.counts
    assert counts[counted.LOAD] == counts[counted.HOLD] == 3
    assert counts[counted.FIND] == counts[counted.SEND] == 3
    assert counts[counted.PUSH] == counts[counted.POP] == 6
    assert counts[counted.POINTER] == 12
    # 16 bits of a code book's index take 4; with 1 bit of zeros 12 entries share a row.
    assert counts[counted.ROW] == pytest.approx((1 + 1 / 12) + 1 + (1 + 1 / 12))
    for key in ("LOOK_UP", "MULTIPLY", "ADD", "SUM_READ", "SUM_WRITE"):
        assert counts[getattr(counted, key)] == 5, key
    assert counts[counted.STORE] == 4
    assert activity.utilization == 5 / (2 * activity.cycles)
    assert (activity.macs, activity.effectual_macs) == (12, 5)
    assert activity.statistics == {
        "weights": "resident",
        "activations": "resident",
        "entries_per_nonzero": 1.0,
    }
    assert not any(key.unit == "DRAM" for key in counts)


def test_padding_is_read_and_multiplied():
    rows = [[1], [0], [0], [0], [0], [0], [0], [0], [1], [0]]  # 3 zeros before PE 0's second one
    activity = simulated(layer(rows), accumulators=8)
    assert activity.counts[counted.MULTIPLY] == 3
    assert activity.statistics["entries_per_nonzero"] == 1.5
    assert activity.cycles == 3 + 4 + 1


def test_only_activations_that_are_not_zero_are_sent():
    there = np.array([[[True, False, False]]])
    activity = simulated(layer(ROWS, activations=Activations(nonzeros=there)))
    assert activity.cycles == 2 + 4 + 1
    assert activity.counts[counted.SEND] == 1
    assert activity.counts[counted.LOAD] == 3
    assert activity.counts[counted.MULTIPLY] == 3


def test_vectors_follow_one_another():
    there = np.array([[[True, False, False], [True, True, True]]])
    activity = simulated(layer(ROWS, 2, Activations(nonzeros=there)))
    assert activity.cycles == 7 + 10
    assert activity.counts[counted.STORE] == 8
    assert activity.counts[counted.LOAD] == 6
    dense = simulated(layer(ROWS, 5))
    assert dense.cycles == 5 * 10
    assert dense.counts[counted.MULTIPLY] == 25
    assert dense.counts[counted.STORE] == 20


def test_a_share_is_drawn_to_the_nearest_number():
    workload = layer(np.ones((2, 40), int), 3, Activations(0.26))
    activity = simulated(workload)
    assert activity.counts[counted.SEND] == 3 * 10
    assert activity.cycles == simulated(workload).cycles == 3 * (10 + 4 + 1)
    few = simulated(layer(np.ones((2, 40), int), 1, Activations(0.001)))
    assert few.counts[counted.SEND] == 1


def test_filters_beyond_the_accumulators_take_another_pass():
    one = simulated(layer(ROWS, outputs=4))
    two = simulated(layer(ROWS + ROWS, outputs=8))
    assert two.cycles == 2 * one.cycles
    assert two.counts[counted.SEND] == 2 * one.counts[counted.SEND]
    assert two.counts[counted.STORE] == 8


def test_groups_add_up():
    both = Workload("a", np.array([ROWS, ROWS], np.int8), 1, "conv")
    one = Workload("a", np.array([ROWS], np.int8), 1, "conv")
    assert simulated(both).cycles == 2 * simulated(one).cycles
    assert simulated(both).counts[counted.MULTIPLY] == 10


def test_levels_of_detection():
    for pes, levels in ((1, 0), (4, 1), (5, 2), (16, 2), (64, 3)):
        activity = simulated(layer([[1]]), pes=pes)
        assert activity.cycles == 1 + 4 + levels


def test_weights_that_do_not_fit_come_from_dram():
    # A PE has 128 rows of 12 entries of 4 + 1 bits.
    fits = simulated(layer(np.ones((2, 1536), int)), weight_rows=128)
    assert fits.statistics["weights"] == "resident"
    rows = np.ones((2, 1537), int)
    loaded = simulated(layer(rows), weight_rows=128, dram_words=1)
    assert loaded.statistics["weights"] == "DRAM"
    assert loaded.counts[counted.DRAM_READ._replace(operand="weights")] == 2 * 1537 * 5
    assert loaded.cycles == 1537 + 5
    slow = simulated(layer(np.ones((8, 1537), int)), pes=8, weight_rows=128, dram_words=2)
    assert slow.cycles == -(-8 * 1537 * 5 // 32) == 1922
    assert slow.utilization == 8 * 1537 / (8 * 1922)


def test_the_fullest_pe_decides_what_fits():
    rows = np.zeros((2, 1537), int)
    rows[0] = 1
    assert simulated(layer(rows), weight_rows=128).statistics["weights"] == "DRAM"


def test_a_single_weight_is_an_entry():
    assert simulated(layer([[0], [1]])).statistics["entries_per_nonzero"] == 1
    assert simulated(layer([[0], [0]])).statistics["entries_per_nonzero"] == 0


def test_maps_that_do_not_fit_come_from_dram():
    # Two PEs with 128 rows of 4 words hold 1024 activations.
    fits = simulated(layer(ROWS, inputs=1000, outputs=24), activation_rows=128)
    assert fits.statistics["activations"] == "resident"
    moved = simulated(layer(ROWS, inputs=1000, outputs=25), activation_rows=128, dram_words=2)
    assert moved.statistics["activations"] == "DRAM"
    assert moved.counts[counted.DRAM_READ._replace(operand="activations")] == 1000 * 16
    assert moved.counts[counted.DRAM_WRITE._replace(operand="outputs")] == 25 * 16
    assert moved.cycles == -(-1025 // 2)


def test_sizes_without_operands_are_those_of_the_matrix():
    bare = Workload("a", np.array([ROWS], np.int8), 200, "linear")
    activity = simulated(bare, activation_rows=128)
    assert activity.counts[counted.DRAM_READ._replace(operand="activations")] == 600 * 16
    assert activity.counts[counted.DRAM_WRITE._replace(operand="outputs")] == 800 * 16


def test_narrow_weights_share_rows():
    wide = simulated(layer(ROWS))
    narrow = simulated(layer(ROWS, weight_bits=1))
    assert narrow.cycles == wide.cycles
    assert narrow.counts[counted.ROW] == pytest.approx(2 * (1 + 1 / 32) + 1)


def test_equal_zeros_are_one_task():
    engine = load_engine("eie")
    twos = np.array(ROWS) * 2
    assert engine.key(layer(ROWS)) == engine.key(layer(twos))
    assert engine.key(layer(ROWS)) != engine.key(layer(ROWS, weight_bits=1))
    assert engine.key(layer(ROWS)) != engine.key(layer([*ROWS[:3], [0, 1, 1]]))


def test_instances():
    instances = simulated(layer(ROWS)).instances
    assert instances["DRAM", "Memory"] == instances["Broadcast", "Wire"] == 1
    components = {(part.unit, part.component) for part in load_arch("eie").spec.components}
    assert set(instances) == components
    assert {number for key, number in instances.items() if key[0] == "PE"} == {2}


def test_machines_that_are_none():
    with pytest.raises(InputError, match="the spec has no parameter 'pes'"):
        hwsim.run(hwsim.make_network("resnet20-cifar"), "sigma", engine="eie")
    with pytest.raises(InputError) as refusal:
        load_engine("eie").check(load_arch("eie", {"weights": "int64"}))
    assert str(refusal.value) == (
        "arch 'eie (weights=int64)': an entry of 64 and 4 bits does not fit a row of 64"
    )
    load_engine("eie").check(load_arch("eie", {"weights": "int60"}))
