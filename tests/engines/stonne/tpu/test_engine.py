"""Layers of networks on the mesh."""

import numpy as np
import pytest

import hwsim
from hwsim.activity import ACTIVATIONS, OUTPUTS, PARTIAL_SUMS, WEIGHTS
from hwsim.engines import load_engine
from hwsim.engines.protocol import activity_of
from hwsim.errors import InputError
from hwsim.workload import Activations, Workload


def layer(filters=5, K=6, streams=7, groups=1, **given):
    levels = np.ones((groups, filters, K), np.int8)
    return Workload("l", levels, streams, **given)


def run(workload, **sizes):
    return load_engine("tpu").simulate(workload, hwsim.load_arch("tpu", {"ms_rows": 4, **sizes}))


def reads(activity):
    return {key.operand: count for key, count in activity.counts.items()
            if key[:3] == ("GlobalBuffer", "GLOBALBUFFER", "READ")}  # fmt: skip


def test_filters_of_a_convolution_come_from_the_left_and_those_of_a_linear_layer_from_the_top():
    tile = {"tile_m": 2, "tile_n": 4}
    # conv: 5 rows of weights for 2 passes across, 7 columns of activations for 3 passes down
    assert reads(run(layer(), **tile)) == {WEIGHTS: 5 * 6 * 2, ACTIVATIONS: 7 * 6 * 3}
    # linear: 7 rows of activations for 2 passes across, 5 columns of weights for 4 passes down
    linear = run(layer(kind="linear"), **tile)
    assert reads(linear) == {ACTIVATIONS: 7 * 6 * 2, WEIGHTS: 5 * 6 * 4}
    assert linear.statistics["N_SRAM_weight_reads"] == 5 * 6 * 4
    assert (linear.statistics["T_M"], linear.statistics["T_N"]) == (2, 4)


def test_operands_are_handed_on_but_at_the_last_place_and_products_added_but_the_first():
    counts = run(layer(), tile_m=2, tile_n=4).counts
    products, outputs = 5 * 7 * 6, 5 * 7
    links = ("MSNetwork", "MN_WIRE", "WRITE")
    assert counts[*links, WEIGHTS] == products - 60
    assert counts[*links, ACTIVATIONS] == products - 126
    queue = ("MSNetwork", "FIFO", "PUSH")
    assert counts[*queue, WEIGHTS] == 2 * products - 60
    assert counts[*queue, ACTIVATIONS] == 2 * products - 126
    assert counts[*queue, PARTIAL_SUMS] == products
    assert counts["ReduceNetwork", "ACCUMULATOR", "ADD", PARTIAL_SUMS] == products - outputs
    assert counts["ReduceNetwork", "FIFO", "POP", OUTPUTS] == outputs
    assert counts["MSNetwork", "MULTIPLIER", "CONFIGURATION", ""] == 6 * 16


def test_ports_with_trees_switch_every_element_at_every_level():
    counts = run(layer(), dn_bw=2, tile_m=2, tile_n=4)
    assert counts.counts["DSNetwork", "SWITCH", "ROUTE_UNICAST", WEIGHTS] == 2 * 60
    assert counts.counts["DSNetwork", "DN_WIRE", "WRITE", ACTIVATIONS] == 3 * 126
    assert counts.instances["DSNetwork", "SWITCH"] == 2 * 3
    assert counts.instances["DSNetwork", "DN_WIRE"] == 2 * 7
    assert run(layer()).by_action().keys() == counts.by_action().keys() - {
        ("DSNetwork", "SWITCH", "ROUTE_UNICAST"), ("DSNetwork", "SWITCH", "ROUTE_BROADCAST")
    }  # fmt: skip


def test_one_multiplier_has_no_links():
    one = run(layer(), ms_rows=1)
    assert ("MSNetwork", "MN_WIRE") not in one.instances
    assert not any(key[1] == "MN_WIRE" for key in one.counts)
    assert one.instances["CollectionBus", "FIFO"] == 65
    assert one.instances["CollectionBus", "CB_WIRE"] == 66


def test_groups_and_images_run_one_after_the_other():
    one = run(layer())
    three = run(layer(groups=3))
    assert three.cycles == 3 * one.cycles
    assert three.counts == {key: 3 * count for key, count in one.counts.items()}
    assert three.instances == one.instances
    assert three.statistics["N_reconfigurations"] == 3 * one.statistics["N_reconfigurations"]
    assert three.statistics["Dataflow"] == "CNN_DATAFLOW"
    assert three.utilization == one.utilization == 210 / (16 * one.cycles)
    assert not load_engine("tpu").images_together


def test_zeros_take_their_time():
    zeros = np.zeros((1, 5, 6), np.int8)
    zeros[0, 0, 0] = 1
    sparse = run(Workload("l", zeros, 7))
    assert sparse.cycles == run(layer()).cycles
    assert (sparse.macs, sparse.effectual_macs) == (210, 7)
    assert (sparse.pace.operations, sparse.pace.memories) == (1.0, 1.0)
    assert sparse.pace.slack == pytest.approx(16 * sparse.cycles / 210)


def test_equal_shapes_are_one_result_and_other_shapes_are_others():
    engine = load_engine("tpu")
    flipped = Workload("other", -np.ones((1, 5, 6), np.int8), 7)
    assert engine.key(layer()) == engine.key(flipped)
    keys = {engine.key(each) for each in (layer(), layer(streams=8), layer(kind="linear"))}
    assert len(keys) == 3
    assert engine.key(Workload("l", np.eye(5, 6, dtype=np.int8)[None], 7)) not in keys


def test_a_matrix_of_activations_is_run_like_any_other():
    present = np.zeros((1, 7, 6), np.bool_)
    known = layer(activations=Activations(nonzeros=present))
    arch = hwsim.load_arch("tpu", {"ms_rows": 4})
    assert activity_of(load_engine("tpu"), known, arch).cycles == run(layer()).cycles


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"tile_m": 2},
            "arch 'tpu (ms_rows=4, tile_m=2)': set both tile_m and tile_n, or neither: the best "
            "tile is found where both are 0. Got 2 and 0",
        ),
        (
            {"tile_m": 5, "tile_n": 1},
            "T_M must be at most ms_rows = 4: each row of the tile is a row of the mesh. Got 5",
        ),
    ],
)
def test_a_tile_that_is_set_is_checked(given, message):
    with pytest.raises(InputError) as caught:
        run(layer(), **given)
    assert str(caught.value) == message


def test_a_gemm_on_the_mesh_from_python():
    result = hwsim.simulate_gemm(np.ones((9, 5)), 7, hwsim.load_arch("tpu", {"ms_rows": 4}))
    assert result.cycles <= 115  # of the tile 4 x 3, measured
    assert result.to_dict()["sdmemory"]["N_SRAM_psum_writes"] == 63
