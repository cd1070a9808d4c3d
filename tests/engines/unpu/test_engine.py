"""The engine ``unpu``: layers by hand, and the law of bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.arch import load_arch
from hwsim.engines import load_engine
from hwsim.engines.unpu import engine as counted
from hwsim.engines.unpu.sizes import Serial, UnpuSizes
from hwsim.errors import InputError
from hwsim.networks.network import Layer
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.workload import Workload, lower

ENGINE = load_engine("unpu")
#: 1 core of 2 units of 2 bundles; a bundle has 2 tables of 3 activations and 2 readers of 2 sums.
SMALL = {
    "cores": 1,
    "lbpes": 2,
    "bundles": 2,
    "tables": 2,
    "readers": 2,
    "accumulators": 2,
    "dram_words": 4096,
}
FAST = {"dram_words": 4096}


def convolution(filters, channels, kernel, size, bits=8, coding="value", sign_bits=0, **geometry):
    weight = np.ones((filters, channels // geometry.get("groups", 1), kernel, kernel), np.int8)
    layer = Layer("a", "conv", weight, input_size=(size, size), **geometry)
    return lower(QuantizedLayer(layer, "x", weight, bits, coding=coding, sign_bits=sign_bits))


def simulated(workload, **sizes):
    return ENGINE.simulate(workload, load_arch("unpu-like", sizes))


def test_a_layer_by_hand():
    # 5 filters of 8 channels over 3 x 3 pixels, 8 bits: 6 activations a step are 2 steps; 9
    # positions on 4 bundles are 3 rounds, 5 filters for 2 readers are 3: 2 x 3 x 3 x 8 cycles.
    activity = simulated(convolution(5, 8, 1, 3), **SMALL)
    assert activity.cycles == 144
    # 8 activations need 3 tables, filled anew for each 4 filters.
    made = 9 * 3 * 2
    fetched = 5 * 8 * 8 * 3
    assert activity.counts == {
        counted.LOAD: 8 * 9 * 2,
        counted.STORE: 45,
        counted.ALIGN: made * 3,
        counted.FETCH: fetched,
        counted.SEND: fetched,
        counted.HOLD: fetched * 2,  # in both units
        counted.MAKE: made * 4,
        counted.FILL: made * 8,
        counted.LOOK_UP: 45 * 8 * 3,
        counted.ADD: 45 * 8 * 3,
        counted.SUM_READ: 45 * 8 * 2,
        counted.SUM_WRITE: 45 * 8 * 2,
        counted.DRAM_READ._replace(operand="weights"): 40 * 8,
        counted.DRAM_READ._replace(operand="activations"): 72 * 16,
        counted.DRAM_WRITE._replace(operand="outputs"): 45 * 16,
    }
    assert activity.macs == activity.effectual_macs == 360
    assert activity.utilization == pytest.approx(360 * 8 / 3 / (4 * 2 * 2 * 144), rel=1e-12)
    assert activity.statistics == {
        "bits": 8,
        "bundles_of_a_weight": 4,
        "idle": "tables, bundles and readers that the layer does not fill",
    }
    assert activity.instances == {
        ("DRAM", "Memory"): 1,
        ("Core", "FeatureMemory"): 1,
        ("Core", "WeightMemory"): 1,
        ("Core", "Wire"): 1,
        ("LBPE", "FeatureLoader"): 2,
        ("LBPE", "WeightRegister"): 2,
        ("LBPE", "TableAdder"): 8,
        ("LBPE", "Table"): 8,
        ("LBPE", "Adder"): 16,
        ("LBPE", "Accumulators"): 8,
        ("Aggregation", "Adder"): 8,
    }
    assert activity.pace is not None
    assert activity.pace.operations == 0.5  # of 16 bits
    assert activity.pace.slack == pytest.approx(1 / activity.utilization, rel=1e-12)


def test_signs_are_looked_up_four_at_a_time():
    activity = simulated(convolution(5, 8, 1, 3, bits=1, coding="sign"), **SMALL)
    assert activity.cycles == 1 * 3 * 3  # 8 activations a step
    counts = activity.counts
    made = 9 * 2 * 2
    assert counts[counted.ALIGN] == made * 4
    assert counts[counted.MAKE] == made * 12  # 4 of pairs, 8 of those
    assert counts[counted.FILL] == made * 8
    assert counts[counted.LOOK_UP] == 45 * 2
    assert counts[counted.SUM_WRITE] == 45
    assert counts[counted.DRAM_READ._replace(operand="weights")] == 40
    assert activity.pace is not None
    assert activity.pace.operations == pytest.approx((1 / 4) / (16 / 3), rel=1e-12)


@pytest.mark.parametrize(
    ("bits", "coding", "products"),
    [(16, "value", 864), (32, "value", 864), (8, "value", 1728), (4, "value", 3456),
     (2, "ternary", 6912), (1, "zero", 13824), (1, "sign", 18432)],
)  # fmt: skip
def test_products_a_cycle_where_a_layer_fills_the_machine(bits, coding, products):
    workload = convolution(64, 64, 3, 24, bits, coding, padding=(1, 1))
    assert simulated(workload, **FAST).macs / simulated(workload, **FAST).cycles == products


def test_where_positions_are_few_bundles_take_filters():
    weight = np.ones((100, 144), np.int8)
    layer = Layer("a", "linear", weight, vectors=1)
    workload = lower(QuantizedLayer(layer, "x", weight, 1, coding="zero"))
    activity = simulated(workload, **FAST)
    # 25 fours of filters: 24 bundles need 2 rounds, 12 for filters would need 3.
    assert activity.statistics["bundles_of_a_weight"] == 1
    assert activity.cycles == 2
    assert activity.counts[counted.FETCH] == activity.counts[counted.HOLD] == 14400
    two = lower(QuantizedLayer(replace(layer, vectors=2), "x", weight, 1, coding="zero"))
    assert simulated(two, **FAST).statistics["bundles_of_a_weight"] == 2
    assert simulated(two, **FAST).cycles == 3
    assert simulated(two, **FAST).counts[counted.HOLD] == 14400


def test_of_equally_fast_ways_weights_are_shared_most():
    activity = simulated(convolution(2, 6, 1, 2), **SMALL)  # 4 positions, or 2 filters twice
    assert activity.statistics["bundles_of_a_weight"] == 4
    assert activity.counts[counted.FETCH] == 2 * 6 * 8


def test_sums_of_cores_are_added_once():
    def added(channels):
        workload = convolution(5, channels, 1, 3)
        return simulated(workload, **{**SMALL, "cores": 4}).counts.get(counted.AGGREGATE, 0)

    assert [added(channels) for channels in (6, 7, 24, 25)] == [0, 45, 45 * 3, 45 * 3]


def test_dram_is_waited_for():
    workload = convolution(5, 8, 1, 3, bits=1, coding="zero", sign_bits=5)
    activity = simulated(workload, **{**SMALL, "dram_words": 1})
    bits = 40 + 5 + 72 * 16 + 45 * 16
    assert activity.counts[counted.DRAM_READ._replace(operand="weights")] == 45
    assert activity.cycles == -(-bits // 16)
    assert activity.statistics["idle"] == "DRAM is waited for"


def test_groups_run_one_after_the_other():
    one = simulated(convolution(5, 8, 1, 3), **SMALL)
    two = simulated(convolution(10, 16, 1, 3, groups=2), **SMALL)
    assert two.cycles == 2 * one.cycles
    assert two.counts == {key: 2 * count for key, count in one.counts.items()}
    assert two.statistics == one.statistics


def test_without_operands_each_window_has_its_own_activations():
    workload = Workload("a", np.ones((2, 5, 18), np.int8), 9)
    activity = simulated(workload, **SMALL)
    assert activity.counts[counted.LOAD] == 2 * 18 * 9 * 2
    assert activity.counts[counted.DRAM_READ._replace(operand="weights")] == 180 * 16
    assert activity.statistics["bits"] == 16


def test_an_activation_is_loaded_once_for_all_windows():
    activity = simulated(convolution(4, 2, 3, 8, padding=(1, 1)), **SMALL)
    assert activity.counts[counted.LOAD] == 2 * 64


def test_zeros_save_nothing_and_other_shapes_have_other_keys():
    base = convolution(5, 8, 1, 3)
    levels = base.levels.copy()
    levels[:, :, 0] = 0
    sparse = replace(base, levels=levels)
    assert simulated(sparse, **SMALL).counts == simulated(base, **SMALL).counts
    assert simulated(sparse, **SMALL).effectual_macs == 315
    assert ENGINE.key(base) == ENGINE.key(replace(base, levels=-base.levels, layer="b"))
    others = [
        sparse,
        replace(base, coding="sign"),
        replace(base, operands=None),
        replace(base, streams=10),
        replace(base, kind="linear", window=None),
        convolution(5, 9, 1, 3),
    ]
    assert len({ENGINE.key(each) for each in (base, *others)}) == 7


@settings(max_examples=50, deadline=None)
@given(
    filters=st.integers(1, 20),
    channels=st.integers(1, 30),
    size=st.integers(1, 6),
    bits=st.integers(1, 15),
)
def test_a_bit_more_is_a_cycle_more_for_each_look_up(filters, channels, size, bits):
    narrow = simulated(convolution(filters, channels, 1, size, bits), **SMALL)
    wide = simulated(convolution(filters, channels, 1, size, bits + 1), **SMALL)
    assert wide.cycles * bits == narrow.cycles * (bits + 1)
    assert wide.counts[counted.LOOK_UP] * bits == narrow.counts[counted.LOOK_UP] * (bits + 1)
    assert wide.counts[counted.MAKE] == narrow.counts[counted.MAKE]
    assert narrow.macs * bits / 3 <= narrow.cycles * 16


@pytest.mark.parametrize("inputs", [2, 3, 4])
def test_a_table_is_filled_with_as_many_additions_as_its_sums_are(inputs):
    sizes = UnpuSizes.of(load_arch("unpu-like", {"inputs": inputs}))
    numbers = Serial.of(convolution(1, 1, 1, 1, bits=3), sizes)
    sums = [bin(pattern).count("1") for pattern in range(2**inputs)]
    assert numbers == Serial(3, inputs, sum(ones > 1 for ones in sums))
    signs = Serial.of(convolution(1, 1, 1, 1, bits=1, coding="sign"), sizes)
    pairs = (inputs + 1) // 2 * 2
    assert signs == Serial(1, inputs + 1, pairs + 2**inputs)
    assert sizes.entries == 2**inputs


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"weights": "fp32", "partial_sums": "fp32"},
            "arch unpu-like (weights=fp32, partial_sums=fp32): weights fp32 and activations int16; "
            "a machine that takes weights bit by bit needs integers, e.g. int16",
        ),
        (
            {"activations": "fp16", "partial_sums": "fp32"},
            "arch unpu-like (activations=fp16, partial_sums=fp32): weights int16 and activations "
            "fp16; a machine that takes weights bit by bit needs integers, e.g. int16",
        ),
    ],
)
def test_floats_have_no_bits_to_take_one_by_one(settings, message):
    with pytest.raises(InputError) as error:
        ENGINE.check(load_arch("unpu-like", settings))
    assert str(error.value) == message


def test_a_machine_without_technology_is_refused():
    with pytest.raises(InputError) as error:
        ENGINE.check(replace(load_arch("unpu-like"), technology=None))
    assert (
        str(error.value) == "arch 'unpu-like': the engine 'unpu' needs the widths of a technology"
    )
