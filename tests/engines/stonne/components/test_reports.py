"""The result files of the flexible fabric, byte for byte those of the real program."""

import json
from hashlib import sha256

import numpy as np
import pytest

from hwsim.engines.stonne.components.adder_modes import AdderModes, Mode
from hwsim.engines.stonne.components.reports import dense_report
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
