"""Layers of networks on MAERI."""

import numpy as np
import pytest

import hwsim
from hwsim.activity import ACTIVATIONS, OUTPUTS, PARTIAL_SUMS, WEIGHTS, ActionKey
from hwsim.engines import load_engine
from hwsim.engines.protocol import activity_of
from hwsim.engines.stonne.maeri.engine import convolution_of
from hwsim.engines.stonne.maeri.operation import Convolution
from hwsim.errors import InputError
from hwsim.workload import Workload
from hwsim.workload.workload import ConvolutionWindow

WINDOW = ConvolutionWindow(2, (3, 3), (4, 5))


def layer(window=WINDOW, filters=3, groups=1, streams=20, **given):
    taps = 18 if window is None else window.channels * window.kernel[0] * window.kernel[1]
    levels = np.ones((groups, filters, taps), np.int8)
    return Workload("l", levels, streams, window=window, **given)


def run(workload, **sizes):
    arch = hwsim.load_arch("maeri", {"num_ms": 32, **sizes})
    return load_engine("maeri").simulate(workload, arch)


def test_a_convolution_is_run_as_it_is_with_its_groups():
    assert convolution_of(layer()) == Convolution(3, 3, 2, 3, X=6, Y=7)
    assert convolution_of(layer(groups=2)) == Convolution(3, 3, 4, 6, G=2, X=6, Y=7)
    strided = ConvolutionWindow(2, (3, 2), (4, 5), (2, 2))
    assert convolution_of(layer(strided)) == Convolution(3, 2, 2, 3, X=9, Y=10, strides=2)
    found = run(layer())
    assert found.engine == "maeri"
    assert {"T_R", "T_S", "T_C", "T_G", "T_K", "T_N", "T_X_", "T_Y_"} < found.statistics.keys()
    assert found.statistics["N_SRAM_psum_writes"] == 60


@pytest.mark.parametrize(
    ("window", "strides"),
    [
        (ConvolutionWindow(2, (3, 3), (1, 5), (3, 2)), 2),  # one row: its stride says nothing
        (ConvolutionWindow(2, (3, 3), (4, 1), (3, 2)), 3),
        (ConvolutionWindow(2, (3, 3), (1, 1), (3, 2)), 1),
        (ConvolutionWindow(2, (1, 3), (4, 5), (1, 1), (2, 1)), 1),  # one tap: so does its dilation
    ],
)
def test_a_stride_that_is_not_used_fits_any(window, strides):
    found = convolution_of(layer(window, streams=window.output[0] * window.output[1]))
    assert found is not None
    assert found.strides == strides


@pytest.mark.parametrize(
    "window",
    [
        None,
        ConvolutionWindow(2, (3, 3), (4, 5), (2, 1)),
        ConvolutionWindow(2, (3, 3), (4, 5), (1, 1), (1, 2)),
        ConvolutionWindow(2, (3, 3), (4, 5), (1, 1), (2, 1)),
    ],
)
def test_other_windows_are_dense_products(window):
    workload = layer(window)
    assert convolution_of(workload) is None
    found = run(workload)
    tile = {name: found.statistics[name] for name in ("T_M", "T_N", "T_K")}
    assert "T_R" not in found.statistics
    product = {"M": 20, "N": 3, "K": 18, "num_ms": 32, "dn_bw": 32, "rn_bw": 32}
    theirs = hwsim.simulate_stonne("DenseGEMM", {**product, **tile, "accumulation_buffer": 1})
    assert theirs.cycles == found.cycles
    assert (
        theirs.to_dict()["counters"]
        == hwsim.simulate_stonne("FC", {**product, **tile, "accumulation_buffer": 1}).to_dict()[
            "counters"
        ]
    )


def test_groups_of_a_product_run_one_after_the_other():
    one, three = run(layer(None)), run(layer(None, groups=3))
    assert three.cycles == 3 * one.cycles
    assert three.counts == {key: 3 * count for key, count in one.counts.items()}
    assert three.instances == one.instances
    assert three.statistics["N_SRAM_psum_writes"] == 3 * 60
    assert three.statistics["T_N"] == one.statistics["T_N"]
    assert three.statistics["Dataflow"] == "CNN_DATAFLOW"


def test_images_run_one_after_the_other():
    arch = hwsim.load_arch("maeri", {"num_ms": 32})
    two = activity_of(load_engine("maeri"), layer(streams=40, images=2), arch)
    assert two.cycles == 2 * run(layer()).cycles


def test_zeros_take_their_time():
    zeros = np.zeros((1, 3, 18), np.int8)
    zeros[0, 0, 0] = 1
    sparse = run(Workload("l", zeros, 20, window=WINDOW))
    assert sparse.cycles == run(layer()).cycles
    assert (sparse.macs, sparse.effectual_macs) == (3 * 18 * 20, 20)
    assert (sparse.pace.operations, sparse.pace.memories) == (1.0, 1.0)
    assert sparse.pace.slack == pytest.approx(32 * sparse.cycles / sparse.macs)


def test_shapes_decide_and_values_do_not():
    engine = load_engine("maeri")
    others = [layer(filters=4), layer(groups=2), layer(None), layer(None, kind="linear")]
    keys = {engine.key(each) for each in [layer(), *others]}
    assert len(keys) == 5
    flipped = Workload("other", -np.ones((1, 3, 18), np.int8), 20, window=WINDOW)
    assert engine.key(flipped) == engine.key(layer())
    fewer = np.ones((1, 3, 18), np.int8)
    fewer[0, 0, 0] = 0
    assert engine.key(Workload("l", fewer, 20, window=WINDOW)) not in keys
    arch = hwsim.load_arch("maeri")
    assert engine.reads(arch) == engine.reads(hwsim.load_arch("maeri", {"clock": "1 GHz"}))
    for change in ({"num_ms": 64}, {"accumulation": "buffer"}):
        assert engine.reads(arch) != engine.reads(hwsim.load_arch("maeri", change))


def test_sums_are_added_up_at_the_adders_or_over_the_buffer():
    adders = run(layer())
    buffer = run(layer(), accumulation="buffer")
    accumulator = ("ReduceNetwork", "ACCUMULATOR")
    assert adders.instances[accumulator] == 31
    assert accumulator not in buffer.instances
    back = ActionKey("GlobalBuffer", "GLOBALBUFFER", "READ", PARTIAL_SUMS)
    if buffer.counts[back]:
        assert buffer.statistics["N_SRAM_psum_reads"] == buffer.counts[back]
    assert adders.counts[back] == 0
    with pytest.raises(InputError, match="accumulation"):
        hwsim.load_arch("maeri", {"accumulation": "nowhere"})


@pytest.mark.parametrize(
    "params",
    [
        {"R": 3, "S": 3, "C": 4, "K": 2, "X": 5, "Y": 5, "T_R": 3, "T_S": 3, "T_K": 2},
        {"R": 3, "S": 3, "C": 4, "K": 2, "X": 5, "Y": 5, "T_R": 1, "T_S": 3, "T_K": 2, "dn_bw": 8},
        {"M": 3, "N": 4, "K": 9, "T_K": 3, "T_N": 2, "T_M": 3},
    ],
)
@pytest.mark.parametrize("accumulates", [0, 1])
def test_levels_of_the_trees_add_up_to_the_counts(params, accumulates):
    operation = "CONV" if "R" in params else "DenseGEMM"
    params = {"num_ms": 32, "dn_bw": 32, "rn_bw": 8, **params, "accumulation_buffer": accumulates}
    activity = hwsim.simulate_stonne(operation, params).activity
    for key, spread in activity.levels.items():
        if key.component == "DN_WIRE":
            assert sum(spread[:-1]) == activity.counts[key]
            assert 0 < spread[-1] <= spread[-2]
        elif key.action == "FORWARD_PSUM":
            assert len(spread) == 5
            assert spread[0] >= activity.counts[key] * (not accumulates)
        else:
            assert sum(spread) == activity.counts[key], key


def test_what_goes_through_accumulators_is_told_from_what_the_tree_adds():
    params = {"R": 3, "S": 3, "C": 2, "K": 2, "X": 4, "Y": 4, "T_R": 3, "T_S": 3, "num_ms": 16,
              "accumulation_buffer": 1}  # fmt: skip
    counts = hwsim.simulate_stonne("CONV", params).activity.counts
    outputs = 2 * 4
    wire = ActionKey("ReduceNetwork", "RN_WIRE", "WRITE", OUTPUTS)
    assert counts[wire] == 2 * outputs
    assert counts[wire._replace(component="FIFO", action="PUSH")] == 3 * outputs
    assert counts[ActionKey("ReduceNetwork", "ACCUMULATOR", "ADD")] == outputs
    assert counts[ActionKey("ReduceNetwork", "ACCUMULATOR", "READ", OUTPUTS)] == outputs
    assert counts[ActionKey("ReduceNetwork", "ACCUMULATOR", "WRITE", OUTPUTS)] == 2 * outputs
    read = ActionKey("GlobalBuffer", "GLOBALBUFFER", "READ", WEIGHTS)
    assert counts[read] == 2 * 2 * 9
    # the first position of each of two rows whole, then a column; 2 folds, 2 filters
    assert counts[read._replace(operand=ACTIVATIONS)] == 2 * 2 * 2 * (9 + 3)


def test_a_machine_chooses_tiles_for_what_it_is_told():
    window = ConvolutionWindow(8, (3, 3), (6, 6))
    found = {
        objective: run(layer(window, 8, streams=36), num_ms=64, tile_objective=objective)
        for objective in ("cycles", "energy", "edp")
    }
    prices = hwsim.energy.load_energy_table("stonne")
    energy = {name: prices.price(activity).total for name, activity in found.items()}
    cycles = {name: activity.cycles for name, activity in found.items()}
    products = {name: energy[name] * cycles[name] for name in found}
    assert cycles["cycles"] == min(cycles.values())
    assert energy["energy"] == min(energy.values()) < energy["cycles"]
    assert products["edp"] == min(products.values()) < products["energy"]
    assert cycles["cycles"] < cycles["energy"]


def test_folds_may_be_added_up_in_the_tree():
    given = {"accumulation": "tree", "dn_bw": 8, "rn_bw": 4}
    found = run(layer(), **given)
    said = {name: size for name, size in found.statistics.items() if name[:2] == "T_"}
    shape = {"R": 3, "S": 3, "C": 2, "K": 3, "X": 6, "Y": 7}
    fabric = {"num_ms": 32, "dn_bw": 8, "rn_bw": 4, "rn_type": "FENETWORK"}
    program = hwsim.simulate_stonne("CONV", {**shape, **said, **fabric}).activity
    assert found.cycles == program.cycles
    assert found.counts == program.counts
    assert not any(component == "ACCUMULATOR" for _, component in found.instances)
