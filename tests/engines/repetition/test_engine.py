"""UCNN and its baseline on layers small enough to be counted by hand."""

import numpy as np
import pytest

from hwsim.activity import ACTIVATIONS, OUTPUTS, WEIGHTS
from hwsim.arch import load_arch
from hwsim.engines import load_engine
from hwsim.engines.repetition import LevelCodes, Tile, count_ucnn
from hwsim.engines.repetition import engine as counted
from hwsim.errors import InputError
from hwsim.workload import Activations, Workload
from hwsim.workload.operands import Operands

ENGINE = load_engine("ucnn")
#: Filters by positions: tuples (1,1) at 0 and 1, (1,-1) at 2, (-1,1) at 3.
LEVELS = np.array([[[1, 1, 1, -1], [1, 1, -1, 1]]], np.int8)


def workload(levels=LEVELS, streams=10, coding="ternary", share=1.0, **operands):
    bits = {"value": 8, "ternary": 2, "sign": 1, "zero": 1}[coding]
    groups, filters, positions = levels.shape
    return Workload(
        "layer",
        levels,
        streams,
        coding=coding,
        activations=Activations(share),
        operands=Operands(
            **{
                "coding": coding,
                "weight_bits": bits,
                "sign_bits": 0,
                "weights": levels.size,
                "effectual_weights": int(np.count_nonzero(levels)),
                "inputs": groups * positions * streams,
                "outputs": groups * filters * streams,
                **operands,
            }
        ),
    )


def simulated(given, arch="ucnn", **settings):
    return ENGINE.simulate(given, load_arch(arch, settings))


def never(activity, *keys):
    return not any(activity.counts.get(key) for key in keys)


def test_tables_by_hand():
    activity = simulated(workload(), pes=4, filters=2, columns=2)
    # 4 entries, and one that passes over the second filter's level -1, of 2 + 2 bits; 4 PEs share
    # 10 vectors, two at a time: 2 steps.
    assert activity.cycles == 5 * 2
    found = activity.counts
    assert found[counted.STEP] == 5 * 4 * 5
    assert found[counted.FETCH] == found[counted.KEEP] == 20
    assert found[counted.PUT] == found[counted.SEND_WEIGHTS] == 20 * 4
    assert found[counted.TAKE] == 4 * 10
    assert found[counted.GROUP] == found[counted.GROUP_WRITE] == 2 * 10
    products = 5 * 10  # two groups of the first filter, three of the second
    assert [found[key] for key in (counted.MULTIPLY, counted.ADD, counted.ACCUMULATE)] == (
        [products] * 3
    )
    assert found[counted.LOAD] == found[counted.FILL] == found[counted.HOLD] == 40
    assert found[counted.STORE] == found[counted.DRAIN] == found[counted.SEND_SUMS] == 20
    assert never(activity, counted.SUM_READ, counted.SUM_WRITE)
    assert found[counted.DRAM_READ._replace(operand=WEIGHTS)] == 20
    assert found[counted.DRAM_READ._replace(operand=ACTIVATIONS)] == 40 * 8
    assert found[counted.DRAM_WRITE._replace(operand=OUTPUTS)] == 20 * 8
    assert activity.pace.operations == 5 / 8
    assert activity.pace.slack == 10 / (5 * 10 / (2 * 4))
    assert activity.pace.zeros.startswith("tables have 62.5 % of the steps")
    assert activity.pace.waiting.startswith("PEs wait for the longest table")
    assert activity.utilization == products / (4 * 2 * 10)
    assert activity.statistics == {
        "repetition": "known",
        "imbalance": 10 * 4 / 25,
        "dram_bits_per_weight": 20 / 8,
    }


def test_weight_by_weight_by_hand():
    levels = np.array([[[2, 0, 3, 0], [0, 0, 0, 0], [5, 5, 5, 5]]], np.int8)
    given = workload(levels, streams=6, coding="value", share=0.5)
    activity = simulated(given, "dcnn_sp", pes=2, filters=2, positions=3, dram_words=64)
    # Two blocks, of 2 filters and 1; every position takes a cycle in all 6 vectors.
    assert activity.cycles == 4 * 6
    found = activity.counts
    assert found[counted.MULTIPLY] == (2 + 4) * 0.5 * 6
    assert found[counted.TAKE] == 2 * 4 * 6
    assert found[counted.STEP] == 4 * 0.5 * 3 * 8 * 6
    # The third filter has weights in both tiles: its sums leave once and come back.
    assert found[counted.SUM_READ] == found[counted.SUM_WRITE] == 6
    assert found[counted.SEND_SUMS] == 2 * 6 + 18
    # 2 of 8 weights as runs, 4 of 4 as they are.
    assert found[counted.FETCH] == 2 * (8 + 5) + 4 * 8
    assert found[counted.DRAM_READ._replace(operand=ACTIVATIONS)] == 24 * 0.5 * 13
    assert counted.GROUP[:2] not in activity.instances
    assert activity.pace.operations == 1
    assert activity.pace.slack == 24 / (2 * 4 * 6 / 2)
    assert never(activity, counted.GROUP)


def test_levels_that_are_known_are_grouped():
    levels = np.random.default_rng(0).choice(np.array([-3, 0, 2, 7], np.int8), (1, 4, 50))
    given = workload(levels, coding="value")
    expected = count_ucnn(LevelCodes.of(levels[0]), Tile(4, 50), limit=16)
    activity = simulated(given)
    assert activity.counts[counted.MULTIPLY] == expected.terms * 10
    assert activity.counts[counted.GROUP] == (expected.additions - expected.terms) * 10
    lists = 4 * 3 * 8  # the levels of each filter, in 8 bits
    assert activity.counts[counted.FETCH] == expected.table_bits + lists
    assert activity.statistics["repetition"] == "known"


def test_groups_are_limited_and_multiplied_piece_by_piece():
    levels = np.full((1, 2, 50), 3, np.int8)
    found = simulated(workload(levels, coding="value"), filters=2).counts
    # 50 activations are sums of 16, 16, 16 and 2, which both filters take in.
    assert found[counted.GROUP] == (50 - 4) * 10
    assert found[counted.MULTIPLY] == 2 * 4 * 10
    free = simulated(workload(levels, coding="value"), filters=2, group_limit=64).counts
    assert (free[counted.GROUP], free[counted.MULTIPLY]) == (49 * 10, 2 * 10)


def test_jumps_take_fewer_bits_and_more_entries():
    levels = np.zeros((1, 1, 40), np.int8)
    levels[0, 0, [0, 1, 2, 39]] = 1
    plain = simulated(workload(levels, coding="zero"), pes=1, dram_words=4096)
    jumps = simulated(workload(levels, coding="zero"), pes=1, jump_bits=3, dram_words=4096)
    # 36 positions are passed over before the last one, 7 at most with an entry.
    assert (plain.cycles, jumps.cycles) == (4 * 5, (4 + 5) * 5)
    assert plain.counts[counted.FETCH] == 4 * (6 + 1)
    assert jumps.counts[counted.FETCH] == (4 + 5) * (3 + 1)
    assert jumps.counts[counted.TAKE] == plain.counts[counted.TAKE] == 40
    numbers = simulated(workload(levels, coding="value"), pes=1, jump_bits=3, dram_words=4096)
    assert numbers.statistics["repetition"] == "not known"
    assert numbers.counts[counted.FETCH] == (4 + 5) * (3 + 1 + 8)


def test_of_numbers_of_which_the_sign_is_known_none_repeats():
    levels = np.array([[[1, -1, 0, 1], [0, 0, 0, 1]]], np.int8)
    activity = simulated(workload(levels, coding="value"), pes=1, positions=2, dram_words=4096)
    entries = 3 + 1  # a filter at a time
    assert activity.statistics["repetition"] == "not known"
    assert activity.cycles == entries * 5
    assert activity.counts[counted.FETCH] == entries * (1 + 1 + 8)
    assert activity.counts[counted.MULTIPLY] == entries * 10
    assert activity.counts[counted.SUM_READ] == 10  # the first filter is in both tiles
    assert never(activity, counted.GROUP)


def test_products_that_outnumber_entries_take_the_time():
    # Two positions of different tuples: each is a group of both filters.
    levels = np.array([[[1, 1], [1, -1], [1, 1]]], np.int8)
    activity = simulated(workload(levels, coding="sign"), pes=1, filters=3, columns=10)
    found = count_ucnn(LevelCodes.of(levels[0]), Tile(3, 2))
    assert found.terms > found.table_entries
    assert activity.cycles == found.terms


def test_pes_wait_for_the_longest_table():
    levels = np.zeros((1, 4, 20), np.int8)
    levels[0, 0], levels[0, 2:, :3] = 1, 1
    activity = simulated(workload(levels), pes=2, filters=2, columns=10, dram_words=4096)
    blocks = [count_ucnn(LevelCodes.of(levels[0, at : at + 2]), Tile(2, 20)) for at in (0, 2)]
    longest = max(max(each.table_entries, each.terms) for each in blocks)
    assert activity.cycles == longest
    alone = simulated(workload(levels), pes=1, filters=2, columns=10, dram_words=4096)
    assert alone.cycles == sum(max(each.table_entries, each.terms) for each in blocks)
    assert alone.counts[counted.LOAD] == 2 * activity.counts[counted.LOAD]


def test_dram_can_set_the_pace():
    activity = simulated(workload(streams=1), dram_words=1)
    assert activity.cycles == -(-(20 + 4 * 8 + 2 * 8) // 8)
    assert activity.pace.waiting == "DRAM sets the pace"


def test_groups_have_inputs_of_their_own():
    levels = np.repeat(LEVELS, 3, axis=0)
    activity = simulated(workload(levels), pes=1, filters=2)
    assert activity.counts[counted.LOAD] == activity.counts[counted.HOLD] == 3 * 40
    assert activity.counts[counted.MULTIPLY] == 3 * 50


def test_zeros_of_activations_that_are_known_count():
    rng = np.random.default_rng(0)
    levels = rng.integers(-1, 2, (2, 3, 8)).astype(np.int8)
    present = rng.random((2, 5, 8)) < 0.5
    given = Workload("x", levels, 5, coding="ternary", activations=Activations(nonzeros=present))
    products = sum(
        int(np.count_nonzero(vector & (row != 0)))
        for group, vectors in zip(levels, present, strict=True)
        for row in group
        for vector in vectors
    )
    assert simulated(given, "dcnn_sp").counts[counted.MULTIPLY] == pytest.approx(products)


def test_products_of_activations_have_no_tables():
    given = workload(np.ones((1, 2, 3), np.int8), coding="value", of_activations=True)
    with pytest.raises(InputError, match="a product of two activations; tables are made of"):
        simulated(given)
    simulated(given, "dcnn_sp")


def test_floats_are_refused():
    with pytest.raises(InputError, match="sums of groups are exact for integers alone"):
        ENGINE.check(load_arch("ucnn", {"activations": "fp16", "partial_sums": "fp32"}))


def test_zeros_take_nothing():
    activity = simulated(workload(np.zeros((1, 2, 4), np.int8)))
    assert never(activity, counted.MULTIPLY, counted.STEP)
    assert activity.statistics["imbalance"] == 1
