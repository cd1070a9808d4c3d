"""Groups of a layer, added up by hand."""

import numpy as np

from hwsim.activity import ActionKey, Activity
from hwsim.engines.stonne.sigma.groups import MULTIPLICATION, add_groups
from hwsim.workload import Workload

ADD = ActionKey("ReduceNetwork", "ADDER", "ADD_2_1")


def group(cycles, utilization, counts):
    return Activity(
        engine="sigma",
        cycles=cycles,
        counts=counts,
        instances={("MSNetwork", "MULTIPLIER"): 4},
        macs=1,
        effectual_macs=1,
        utilization=utilization,
        statistics={
            "Dataflow": "MK_STA_KN_STR",
            "Total_cycles": cycles,
            "N_reconfigurations": 2,
            "N_SRAM_weight_reads": 5,
            "Avg_utilization": utilization,
        },
    )


def layer(groups):
    return Workload("conv", np.ones((groups, 2, 3), dtype=np.int8), 7)


def test_one_group_is_the_layer():
    one = group(3, 0.1, {MULTIPLICATION: 42})  # 3 x 0.1 / 3 is not 0.1
    added = add_groups(layer(1), [(one, 1)])
    assert added.statistics == one.statistics
    assert (added.cycles, added.utilization, added.counts) == (3, 0.1, one.counts)
    assert added.macs == added.effectual_macs == 42  # of the layer


def test_equal_groups_are_one_result_times_their_number():
    added = add_groups(layer(3), [(group(10, 0.3, {MULTIPLICATION: 42}), 3)])
    assert added.counts == {MULTIPLICATION: 126}
    assert added.cycles == 30
    assert added.utilization == 0.3
    assert added.statistics == {
        "Dataflow": "MK_STA_KN_STR",
        "Total_cycles": 30,
        "N_reconfigurations": 6,
        "N_SRAM_weight_reads": 15,
    }
    assert added.instances == {("MSNetwork", "MULTIPLIER"): 4}


def test_different_groups_are_weighted_by_their_cycles():
    runs = [
        (group(10, 0.5, {MULTIPLICATION: 1, ADD: 2}), 1),
        (group(20, 0.25, {MULTIPLICATION: 10}), 2),
    ]
    added = add_groups(layer(3), runs)
    assert added.counts == {MULTIPLICATION: 21, ADD: 2}
    assert added.cycles == 50
    assert added.utilization == (10 * 0.5 + 20 * 0.25 * 2) / 50
    assert added.statistics["N_SRAM_weight_reads"] == 15
    assert added.statistics["Total_cycles"] == 50


def test_groups_without_weights_take_no_time():
    added = add_groups(layer(2), [(group(0, 0.0, {}), 2)])
    assert (added.cycles, added.utilization) == (0, 0.0)
