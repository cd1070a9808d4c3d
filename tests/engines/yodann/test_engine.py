"""The engine ``yodann``: a layer by hand, and any layer pass by pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.arch import load_arch
from hwsim.engines import load_engine
from hwsim.engines.yodann import engine as counted
from hwsim.engines.yodann.engine import tree_levels
from hwsim.engines.yodann.passes import blocks
from hwsim.errors import InputError
from hwsim.workload import Workload
from tests.engines.yodann.layers import convolution, linear
from tests.engines.yodann.literal import run

ARCH = load_arch("yodann-like")
HIDDEN = load_arch("yodann-like", {"streaming": "hidden"})
ENGINE = load_engine("yodann")


def simulated(workload, arch=ARCH):
    return ENGINE.simulate(workload, arch)


def test_a_layer_by_hand():
    # 40 filters of 33 channels, 3 x 3 over 10 x 10: two filters a SoP, so one block of 40; channels
    # in blocks of 32 and 1.
    activity = simulated(convolution(40, 33, 3, 10, padding=(1, 1)))
    weights = 40 * 33 * 9
    # Of 32 channels: 960 words of weights, a first column of 10 x 32 pixels, 32 cycles a window. Of
    # one: 30 words, 10 pixels, and 20 cycles for 40 results on two streams.
    assert activity.cycles == (960 + 320 + 3200) + (30 + 10 + 2000)
    bits = {key: count for key, count in activity.counts.items() if key.unit == "DRAM"}
    assert bits == {
        counted.DRAM_READ._replace(operand="weights"): weights,
        counted.DRAM_READ._replace(operand="activations"): 33 * 100 * 12,
        counted.DRAM_READ._replace(operand="partial sums"): 4000 * 12,
        counted.DRAM_WRITE._replace(operand="partial sums"): 4000 * 12,
        counted.DRAM_WRITE._replace(operand="outputs"): 4000 * 12,
        counted.DRAM_ADD: 4000,
    }
    counts = activity.counts
    # A window moves by a row of 3 pixels; at the top of a column it is read whole.
    assert counts[counted.LOAD] == (100 + 10 * 2) * 3 * 33
    assert counts[counted.STORE] == 3300
    assert counts[counted.SHIFT] == counts[counted.SEND] == 100 * 33 * 9
    assert counts[counted.WEIGHT_WRITE] == weights
    assert counts[counted.WEIGHT_READ] == counts[counted.NEGATE] == 100 * weights
    assert counts[counted.WEIGHT_ROTATE] == 10 * weights
    assert counts[counted.ADD] == 100 * 33 * 40 * 8
    assert activity.levels == {counted.ADD: tuple(132000 * each for each in (4, 2, 1, 1))}
    assert counts[counted.SUM_ADD] == counts[counted.SUM_WRITE] == 100 * 33 * 40
    assert counts[counted.SCALE] == counts[counted.BIAS] == 2 * 4000
    assert activity.macs == activity.effectual_macs == 100 * weights
    assert activity.utilization == 100 * weights / (1600 * activity.cycles)
    assert activity.instances == {
        ("DRAM", "Memory"): 1,
        ("ImageMemory", "Memory"): 7,
        ("ImageBank", "Windows"): 32,
        ("ImageBank", "Wire"): 1,
        ("FilterBank", "Weights"): 32,
        ("SoP", "Operator"): 1600,
        ("SoP", "Adder"): 32 * 49,
        ("ChannelSummer", "Adder"): 64,
        ("ChannelSummer", "Register"): 64,
        ("ScaleBias", "Multiplier"): 2,
        ("ScaleBias", "Adder"): 2,
    }
    assert activity.statistics["idle"] == (
        "a window of 3 x 3 takes 18 of 50 operators; SoPs wait for the one stream in"
    )
    assert activity.pace is not None
    assert (activity.pace.operations, activity.pace.slack) == (1.0, 1.0)


def test_peak_throughput_is_a_window_of_49_for_each_sop_and_cycle():
    activity = simulated(convolution(32, 32, 7, 32, padding=(3, 3)), HIDDEN)
    assert activity.macs / activity.cycles == 32 * 49
    assert activity.statistics["idle"] == "a window of 7 x 7 takes 49 of 50 operators"
    assert simulated(linear(8, 8, 1), HIDDEN).statistics["idle"].startswith("a window of 1 x 1 ")


@pytest.mark.parametrize(
    ("kernel", "at_a_time"), [(1, 64), (3, 64), (5, 64), (6, 32), (7, 32), ((5, 7), 32)]
)
def test_small_windows_share_a_sop(kernel, at_a_time):
    def cycles(filters):
        return simulated(convolution(filters, 32, kernel, 32, padding=(3, 3)), HIDDEN).cycles

    assert cycles(at_a_time) == cycles(1) == cycles(at_a_time + 1) / 2


def test_windows_larger_than_a_sop_are_cut():
    # 11 x 11: four pieces of 6 or 5 a side, each a pass; only the one of 5 x 5 takes two filters.
    activity = simulated(convolution(64, 32, 11, 16, padding=(5, 5)), HIDDEN)
    assert activity.cycles == 256 * 32 * (2 + 2 + 2 + 1)
    assert activity.statistics["idle"] == "a window of 6 x 6 takes 36 of 50 operators"
    assert activity.counts[counted.NEGATE] == activity.macs
    assert activity.counts[counted.DRAM_ADD] == 3 * 64 * 256
    widths = [sum(tree_levels(products)) for products in (36, 30, 25)]
    assert activity.counts[counted.ADD] == 64 * 32 * 256 * (widths[0] + 2 * widths[1] + widths[2])


def test_an_image_higher_than_the_memory_comes_in_tiles():
    # 34 rows: tiles of 32 share 2 rows, so a second one has 4.
    workload = convolution(64, 32, 3, (34, 5), padding=(1, 1))
    assert simulated(workload, HIDDEN).cycles == 34 * 5 * 32 * 36 // 34
    waited = simulated(workload)
    weights, first, words = 64 * 32 * 9 // 12, 36 * 32, 36 * 5 * 32
    assert waited.cycles == weights + first + max(34 * 5 * 32, words - first)
    assert waited.counts[counted.STORE] == words
    assert waited.counts[counted.LOAD] == (34 * 5 + 2 * 5 * 2) * 3 * 32
    assert waited.counts[counted.WEIGHT_ROTATE] == 2 * 5 * 64 * 32 * 9
    # Windows of one row share none.
    flat = simulated(convolution(64, 32, (1, 3), (34, 5), padding=(0, 1)), HIDDEN)
    assert flat.cycles == 34 * 5 * 32
    low = simulated(convolution(64, 32, 3, (1, 5), padding=(1, 1)), HIDDEN)
    assert low.cycles == 5 * 32
    one = simulated(convolution(64, 32, 3, (32, 5), padding=(1, 1)), HIDDEN)
    assert one.cycles == 32 * 5 * 32
    # 35 rows that nothing pads: 33 x 3 windows; two tiles have 37 rows together.
    bare = simulated(convolution(1, 1, 3, (35, 5)), HIDDEN)
    assert bare.cycles == 105  # 99 x 37 / 35 = 104.7


def test_blocks_are_whole_but_for_the_last():
    cut = {total: blocks(total, 5) for total in (3, 5, 10, 11)}
    assert cut == {3: [(3, 1)], 5: [(5, 1)], 10: [(5, 2)], 11: [(5, 2), (1, 1)]}


def test_a_stride_waits_for_the_pixels_that_it_leaves_out():
    workload = convolution(64, 32, 3, 16, padding=(1, 1), stride=(2, 2))
    weights, first, words = 1536, 16 * 32, 256 * 32
    assert simulated(workload).cycles == weights + first + (words - first)
    assert simulated(workload, HIDDEN).cycles == 64 * 32
    assert simulated(workload).counts[counted.LOAD] == (64 * 2 + 8 * 1) * 3 * 32
    down = simulated(convolution(64, 32, 3, 16, padding=(1, 1), stride=(2, 1)))
    assert down.counts[counted.LOAD] == (128 * 2 + 16 * 1) * 3 * 32
    assert down.cycles == weights + first + max(128 * 32, words - first)
    along = simulated(convolution(64, 32, 3, (34, 8), padding=(1, 1), stride=(1, 2)), HIDDEN)
    assert along.cycles == 34 * 4 * 32 * 36 // 34  # a second tile shares 2 rows


def test_an_image_that_nothing_pads_is_streamed_whole():
    workload = convolution(64, 32, 3, 10)
    activity = simulated(workload)
    assert activity.counts[counted.STORE] == 100 * 32
    assert activity.cycles == 1536 + 2 * 10 * 32 + max(64 * 32, 80 * 32)
    # Of one channel the SoPs' cycles outlast the stream; two columns come before they begin.
    narrow = simulated(convolution(64, 1, 3, 10))
    assert narrow.cycles == 64 * 9 // 12 + 2 * 10 + 64 * 32
    # Without operands nothing says that the input is larger than the output.
    unknown = simulated(replace(workload, operands=None))
    assert unknown.counts[counted.STORE] == 64 * 32


def test_groups_run_one_after_the_other():
    one = simulated(convolution(8, 4, 3, 8, padding=(1, 1)))
    two = simulated(convolution(16, 8, 3, 8, padding=(1, 1), groups=2))
    assert two.cycles == 2 * one.cycles
    assert two.counts == {key: 2 * count for key, count in one.counts.items()}


def test_vectors_of_a_linear_layer_are_pixels_of_a_row():
    activity = simulated(linear(64, 40, 5))
    assert activity.cycles == (64 * 32 // 12 + 1 + 5 * 32) + (-(-64 * 8 // 12) + 5 * 32)
    assert activity.counts[counted.SUM_ADD] == 64 * 40 * 5
    assert activity.counts.get(counted.ADD, 0) == 0
    assert activity.levels == {}
    matrix = Workload("a", np.ones((1, 64, 40), np.int8), 5, coding="sign")
    assert simulated(matrix).cycles == activity.cycles


def test_zeros_save_nothing_where_operators_are_masks():
    masks = load_arch("yodann-like", {"multiplier": "mask"})
    dense = convolution(8, 4, 3, 8, coding="zero", padding=(1, 1))
    levels = dense.levels.copy()
    levels[:, :, ::2] = 0
    found = simulated(replace(dense, levels=levels), masks)
    assert (found.cycles, found.counts) == (
        simulated(dense, masks).cycles,
        simulated(dense, masks).counts,
    )
    assert found.effectual_macs == found.macs // 2


def test_workloads_that_differ_in_what_counts_have_other_keys():
    base = convolution(8, 4, 3, 8, padding=(1, 1))
    levels = -base.levels
    assert ENGINE.key(base) == ENGINE.key(replace(base, levels=levels, layer="b"))
    levels = base.levels.copy()
    levels[0, 0, 0] = 0
    others = [
        replace(base, levels=levels),
        replace(base, coding="zero"),
        replace(base, operands=None),
        replace(base, window=None),
        convolution(8, 4, 3, 8, padding=(1, 1), stride=(2, 2)),
        linear(8, 36, 64),
    ]
    assert len({ENGINE.key(each) for each in (base, *others)}) == 7


@pytest.mark.parametrize(
    ("workload", "settings", "message"),
    [
        (
            convolution(8, 4, 3, 8, coding="value"),
            {},
            "arch yodann-like, layer 'a': the machine takes weights of one bit, of the coding "
            "'sign'. Got 'value'",
        ),
        (
            convolution(8, 4, 3, 8),
            {"multiplier": "mask"},
            "arch yodann-like (multiplier=mask), layer 'a': the machine takes weights of one bit, "
            "of the coding 'zero'. Got 'sign'",
        ),
        (
            convolution(8, 4, 3, 8, dilation=(1, 2)),
            {},
            "arch yodann-like, layer 'a': the machine slides windows of neighbouring pixels. Got a "
            "dilation of 1 x 2",
        ),
        (
            convolution(8, 4, 3, 8),
            {"multiplier": "number"},
            "arch yodann-like (multiplier=number): multiplier number: the engine 'yodann' has SoPs "
            "of sign or mask operators only",
        ),
        (
            convolution(8, 4, 3, 8),
            {"memory_rows": 223},
            "arch yodann-like (memory_rows=223): 223 rows of memory for 32 channels are fewer than "
            "the 7 rows of a window; set more memory_rows, or fewer channels",
        ),
    ],
)
def test_what_the_machine_cannot_run_is_refused(workload, settings, message):
    with pytest.raises(InputError) as error:
        simulated(workload, load_arch("yodann-like", settings))
    assert str(error.value) == message


def test_as_many_rows_as_a_window_has_are_enough():
    # 255 rows of memory are 7 of each channel, and some are left over.
    few = load_arch("yodann-like", {"memory_rows": 255, "streaming": "hidden"})
    found = simulated(convolution(32, 32, 7, 9, padding=(3, 3)), few)
    assert found.cycles == 81 * 32 * (3 * 7) // 9  # a tile more for each row more


def test_a_machine_without_technology_is_refused():
    with pytest.raises(InputError) as error:
        ENGINE.check(replace(ARCH, technology=None))
    assert str(error.value) == (
        "arch 'yodann-like': the engine 'yodann' needs the widths of a technology"
    )
    ENGINE.check(ARCH)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_layer_is_the_sum_of_its_passes(data):
    def draw(low, high):
        return data.draw(st.integers(low, high))

    kernel, stride = (draw(1, 5), draw(1, 5)), draw(1, 2)
    groups = draw(1, 2)
    sides = [draw(2, 9) * 2 for _ in range(2)]
    filters, channels = draw(1, 9), draw(1, 9)
    sizes = {"sops": 2, "operators": 9, "channels": 2, "memory_rows": 16, "streams": 2}
    workload = convolution(
        filters * groups,
        channels * groups,
        kernel,
        tuple(sides),
        stride=(stride, stride),
        padding=(kernel[0] // 2, kernel[1] // 2),
        groups=groups,
    )
    assert workload.window is not None
    padded = kernel[0] > stride and kernel[1] > stride and min(kernel) % 2
    if not padded:
        return
    layer = {
        "groups": groups,
        "filters": filters,
        "channels": channels,
        "kernel": kernel,
        "output": workload.window.output,
        "stride": (stride, stride),
    }
    for streaming in ("waited", "hidden"):
        arch = load_arch("yodann-like", {**sizes, "streaming": streaming})
        activity = simulated(workload, arch)
        cycles, expected = run(layer, **sizes, waited=streaming == "waited")
        counts = activity.counts
        assert activity.cycles == cycles
        assert counts[counted.WEIGHT_WRITE] == expected["weights"]
        assert counts[counted.STORE] == expected["words"]
        assert counts[counted.NEGATE] == expected["products"] == workload.macs
        assert counts[counted.ADD] == expected["additions"]
        assert counts[counted.SCALE] == expected["sums"]
        outputs = workload.groups * workload.filters * workload.streams
        assert counts.get(counted.DRAM_ADD, 0) == expected["sums"] - outputs
