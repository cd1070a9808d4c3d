"""The result files of the flexible fabric, byte for byte those of the real program."""

import json
from hashlib import sha256

import numpy as np
import pytest

from hwsim.engines.stonne.components.adder_modes import SECOND_ROOT, AdderModes, Mode
from hwsim.engines.stonne.components.distribution import Arrival, Kind
from hwsim.engines.stonne.components.linear_fabric import LinearFabric
from hwsim.engines.stonne.components.multipliers import Multiplier
from hwsim.engines.stonne.components.reports import dense_report
from hwsim.engines.stonne.components.sparse_controller import SparseController
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.operations import report_operation, simulate_operation
from hwsim.errors import InputError
from tests.measured import golden_folder


def runs(name):
    lines = (golden_folder("stonne_files") / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in lines.splitlines()]


def assert_files(run, report):
    for name, text in (("stats", report.stats_text()), ("counters", report.counters_text())):
        assert sha256(text.encode()).hexdigest()[:32] == run[name], (name, run["params"])


def test_files_of_sparse_gemms_are_those_of_the_real_program():
    found = runs("sparse")
    assert len(found) >= 30
    for run in found:
        settings = StonneSettings.of(run["operation"], run["params"])
        report = report_operation(settings)
        assert_files(run, report)
        assert report.cycles == simulate_operation(settings).cycles


def test_files_of_dense_layers_are_those_of_the_real_program():
    found = runs("dense")
    assert len(found) >= 40
    for run in found:
        assert_files(run, dense_report(StonneSettings.of(run["operation"], run["params"])))


def test_files_with_fold_nodes_and_with_strides_are_those_of_the_real_program():
    found = runs("fold_nodes_and_strides")
    assert len(found) == 34
    for run in found:
        settings = StonneSettings.of(run["operation"], run["params"])
        report = report_operation(settings)
        assert_files(run, report)
        assert report.cycles == simulate_operation(settings).cycles


def test_whole_sums_go_to_the_node_that_folds_them():
    # two neurons of two over four multipliers: the left one's node is the root, the other's the
    # second root; whole sums do not pass adders above
    modes = AdderModes.of([2, 2], 4, folds=True)
    assert modes.complete == {(1, 0), (1, 1)}
    assert modes.fold_nodes == {(0, 0), SECOND_ROOT}
    assert modes.modes[0, 0] is Mode.FOLD
    assert modes.children[0, 0] == (True, True)


def test_neurons_that_share_an_adder_pass_it():
    # two neurons of three over eight multipliers: 0-2 and 3-5
    modes = AdderModes.of([3, 3], 8)
    assert modes.modes[2, 0] is Mode.ADD_TWO
    assert modes.modes[2, 1] is Mode.SPLIT
    assert modes.children[2, 3] == (False, False)
    assert modes.complete >= {(1, 0)}


def test_one_neuron_over_all_multipliers_uses_no_link():
    modes = AdderModes.of([8], 8)
    assert set(modes.modes.values()) == {Mode.ADD_TWO}
    assert len(modes.modes) == 7
    assert not modes.receives
    assert modes.complete == {(0, 0)}


def test_accumulators_do_not_add_up_different_neurons():
    # two neurons of one multiplier share an adder, and its accumulator gets both
    settings = StonneSettings.of(
        "DenseGEMM",
        {"M": 2, "K": 4, "T_M": 2, "num_ms": 4, "accumulation_buffer": 1},
    )
    with pytest.raises(InputError) as caught:
        dense_report(settings)
    assert "an accumulator would add up the virtual neurons 0 and 1" in str(caught.value)


def test_operands_may_be_given_in_python_only():
    with pytest.raises(InputError):
        simulate_operation(StonneSettings.of("CONV", {}), np.ones((1, 3), np.bool_))


TEMPORAL = {"num_ms": 8, "dn_bw": 2, "rn_bw": 2, "accumulation_buffer": 1, "rn_type": "TEMPORALRN"}


def test_multipliers_with_an_accumulator_each_are_stepped():
    settings = StonneSettings.of(
        "DenseGEMM", {"M": 4, "N": 3, "K": 5, "T_M": 2, "T_N": 3, **TEMPORAL}
    )
    activity, report = simulate_operation(settings), report_operation(settings)
    assert activity.cycles == report.cycles
    assert activity.macs == activity.by_action()["MSNetwork", "MULTIPLIER", "MULTIPLICATION"] == 60
    assert activity.utilization == 60 / (8 * report.cycles)
    assert activity.instances["ReduceNetwork", "ACCUMULATOR"] == 8
    assert activity.statistics["N_SRAM_psum_writes"] == 12
    assert report.stats["ASNetworkConfiguration"] == {}


@pytest.mark.parametrize(
    ("operation", "given", "message"),
    [
        ("DenseGEMM", {"K": 4, "T_K": 2}, "every multiplier sums outputs of its own"),
        ("DenseGEMM", {"K": 4, "accumulation_buffer": 0}, "and accumulation_buffer 1 where there"),
        ("DenseGEMM", {"M": 3, "N": 3, "T_M": 3, "T_N": 3}, "the tile needs 9 multipliers of 8"),
        (
            "CONV",
            {"S": 1, "T_S": 1, "X": 3, "T_X_": 2, "strides": 2},
            "with a stride of 2, T_X_ must be 1, or 3 and more",
        ),
        ("CONV", {"S": 1, "T_S": 1, "T_N": 2, "T_G": 2}, "T_N or T_G must be 1"),
        ("CONV", {"S": 9}, "CONV: extents and strides must be at least 1"),
        ("DenseGEMM", {"T_M": 0}, "X of the layer and of its tile must be at least 1"),
    ],
)
def test_what_they_cannot_run(operation, given, message):
    with pytest.raises(InputError) as caught:
        dense_report(StonneSettings.of(operation, {**TEMPORAL, **given}))
    assert message in str(caught.value)


def test_operands_of_different_loads_do_not_meet():
    multiplier = Multiplier()
    multiplier.configure(0)
    multiplier.folds = multiplier.windows = 1
    multiplier.input.send([Arrival(Kind.WEIGHT, 2)])
    multiplier.cycle()
    multiplier.input.send([Arrival(Kind.ACTIVATION, 1)])
    with pytest.raises(InputError) as caught:
        multiplier.cycle()
    assert str(caught.value).startswith("the controller sends weights before all outputs of those")


def test_a_run_in_which_nothing_moves_ends():
    fabric = LinearFabric(4, 2, 1)
    sparse = SparseController(fabric, np.ones((1, 4), np.bool_), np.ones((1, 4), np.bool_), "")
    sparse.take = lambda line, neuron: None
    with pytest.raises(InputError) as caught:
        fabric.run(sparse)
    assert str(caught.value).startswith("some outputs never come")
    assert 1000 < fabric.cycles < 1100
