"""Layers on the machines of arch specs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.engines import load_engine
from hwsim.engines.registry import engine_names
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.engines.timeloop.layers._in_step import in_step_over_even, levels_of_a_unit
from hwsim.engines.timeloop.layers._in_vectors import in_vectors_over_even
from hwsim.engines.timeloop.layers._layer_problem import activation_tensor, layer_shape
from hwsim.engines.timeloop.layers._load_balance import slowest_over_mean, strewn
from hwsim.errors import InputError
from hwsim.workload import Activations, Workload
from tests.arch.quick_search import quick_arch
from tests.engines.timeloop.layers.small_layers import (
    TINY,
    convolution,
    operands,
    random_mask,
    write,
)


def test_the_registry_knows_it() -> None:
    assert "sparseloop" in engine_names()
    assert isinstance(load_engine("sparseloop"), SparseloopEngine)


def test_a_pe_of_eyeriss_v2_takes_a_cycle_for_every_non_zero_that_meets_an_output() -> None:
    engine, arch = SparseloopEngine(), load_arch("eyeriss_v2_pe")
    mask = random_mask((1, 16, 8, 3, 3), 0.4)
    activity = engine.simulate(convolution(mask, (6, 5), stride=(2, 2)), arch)
    assert activity.cycles == np.count_nonzero(mask) * 30
    computes = activity.by_action()["MAC", "MAC", "computes"]
    assert computes == activity.effectual_macs == activity.cycles
    assert activity.macs == mask.size * 30


def test_only_non_zeros_come_at_the_begin_of_a_pass(tmp_path) -> None:
    arch = load_arch(quick_arch(tmp_path, "eyeriss_v2", budget=100))
    workload = convolution(random_mask((1, 64, 64, 1, 1), 0.25), (2, 2))
    dense = replace(workload, levels=np.ones_like(workload.levels))
    (all_come, _), (some, _) = (
        SparseloopEngine().evaluation(each, arch) for each in (dense, workload)
    )
    share = np.count_nonzero(workload.levels) / workload.levels.size
    assert all_come.waiting_cycles > 50
    assert some.waiting_cycles == pytest.approx(all_come.waiting_cycles * share, abs=1)


def test_units_in_step_wait_for_activations_too(tmp_path) -> None:
    arch = load_arch(quick_arch(tmp_path, "eyeriss_v2", budget=100))
    workload = convolution(random_mask((1, 16, 16, 1, 1), 0.5), (8, 8))
    strewn_zeros = replace(workload, activations=Activations(0.5))
    one = np.zeros((1, 64, 16), dtype=bool)
    one[:, :32] = True
    half_of_the_windows = replace(workload, activations=Activations(nonzeros=one))
    engine = SparseloopEngine()
    waits = [
        engine.simulate(each, arch).statistics["slowest_over_mean"]
        for each in (workload, strewn_zeros, half_of_the_windows)
    ]
    assert 1 < waits[0] < waits[1]
    evaluation, taken = engine.evaluation(half_of_the_windows, arch)
    inputs = one[0].T.reshape(1, 16, 8, 8)
    weights = workload.levels.reshape(1, 16, 16, 1, 1) != 0
    shape, inside = layer_shape(half_of_the_windows), levels_of_a_unit(evaluation.machine)
    assert waits[2] == taken.imbalance
    assert waits[2] == in_step_over_even(weights, inputs, shape, evaluation.mapping, inside)


def test_units_in_vectors_leave_lanes_without_work(tmp_path) -> None:
    # One PE: nobody waits, and vectors are filled or not all the same.
    settings = {"columns": 1, "rows": 1, "dram_words": 4096}
    arch = load_arch(quick_arch(tmp_path, "scnn", budget=200), settings)
    nonzeros = np.zeros((1, 16, 8), dtype=bool)
    nonzeros[0, :3] = True  # the first of 4 rows, but a column
    mask = random_mask((1, 8, 8, 1, 1), 0.5)
    workload = replace(convolution(mask, (4, 4)), activations=Activations(nonzeros=nonzeros))
    for engine in (SparseloopEngine(), SparseloopEngine("statistical")):
        drawn = engine.density == "statistical"
        found = engine.simulate(workload, arch)
        evaluation, taken = engine.evaluation(workload, arch)
        shape = layer_shape(workload)
        weights = strewn(mask) if drawn else mask
        inputs = activation_tensor(workload, shape, drawn)
        share = 3 / 16 if drawn else None
        factor = in_vectors_over_even(weights, inputs, shape, evaluation.mapping, 0, share)
        assert found.statistics["slowest_over_mean"] == taken.imbalance == factor > 1.1
        assert found.cycles >= factor * mask.sum() * 3 / 16  # of 16 outputs 3 meet one, 16 at once


@pytest.mark.parametrize("name", ["simple-skipping", "eyeriss_v2", "scnn", "extensor-like"])
def test_weights_without_zeros_are_the_dense_layer(name: str, tmp_path) -> None:
    engine, arch = SparseloopEngine(), load_arch(quick_arch(tmp_path, name, budget=200))
    ones = convolution(np.ones((1, 8, 8, 3, 3)))
    almost = random_mask((1, 8, 8, 3, 3), 2.0)
    almost[0, 0, 0, 0, 0] = False
    dense, statistical = (
        engine.simulate(ones, arch),
        engine.with_density("statistical").simulate(ones, arch),
    )
    assert dense.counts == statistical.counts
    assert dense.cycles == statistical.cycles
    one_zero = engine.simulate(convolution(almost), arch)
    assert one_zero.cycles <= dense.cycles
    assert one_zero.by_action()["MAC", "MAC", "computes"] == (ones.levels.size - 1) * 16


def test_real_zeros_and_their_share_agree_where_zeros_lie_at_random(tmp_path) -> None:
    quick = quick_arch(tmp_path, "simple-skipping", budget=200)
    # bit masks inside bit masks are longer than Timeloop expects: DRAM must not be the limit
    engine, arch = SparseloopEngine(), load_arch(quick, {"dram_words": 64})
    workload = convolution(random_mask((1, 16, 16, 3, 3), 0.35))
    actual = engine.simulate(workload, arch)
    statistical = engine.with_density("statistical").simulate(workload, arch)
    assert statistical.cycles == pytest.approx(actual.cycles, rel=0.001)
    assert actual.statistics["slowest_over_mean"] > 1


def test_gating_saves_no_cycle(tmp_path) -> None:
    simple, gating = (
        load_arch(quick_arch(tmp_path, name, budget=200)) for name in ("simple", "simple-gating")
    )
    workload = convolution(random_mask((1, 16, 16, 3, 3), 0.35))
    dense = replace(workload, levels=np.ones_like(workload.levels))
    engine = SparseloopEngine()
    plain = engine.simulate(workload, simple)
    gated = engine.simulate(workload, gating)
    assert plain == replace(
        engine.simulate(dense, simple),
        effectual_macs=workload.effectual_macs,
        statistics=plain.statistics,
    )
    computes, stood_still = (
        gated.by_action()["MAC", "MAC", label] for label in ("computes", "gated_computes")
    )
    assert computes == workload.effectual_macs
    assert stood_still == pytest.approx(workload.macs - computes, abs=1)  # by a rounded density
    assert gated.cycles >= workload.macs / 256


def test_two_of_four_halves_the_time_of_a_tensor_core_and_other_zeros_do_not(tmp_path) -> None:
    engine, arch = SparseloopEngine(), load_arch(quick_arch(tmp_path, "stc", budget=200))
    shape = (1, 64, 64, 1, 1)
    two_of_four = np.tile([1, 0, 0, 1], (64, 16)).reshape(shape)
    strewn = random_mask(shape, 0.5)
    output = (56, 56)
    dense, structured, unstructured = (
        engine.simulate(convolution(mask, output), arch)
        for mask in (np.ones(shape), two_of_four, strewn)
    )
    assert structured.by_action()["MAC", "MAC", "computes"] == dense.macs / 2
    assert structured.cycles < 0.6 * dense.cycles
    assert structured.statistics["weights"] == "2:4 structured"
    assert unstructured.cycles == dense.cycles
    assert unstructured.statistics["weights"] == "dense, they are not 2:4"


def test_zeros_of_activations_are_skipped_too() -> None:
    engine, arch = SparseloopEngine(), load_arch("eyeriss_v2_pe")
    workload = convolution(np.ones((1, 16, 16, 1, 1)), (8, 8))
    half = engine.simulate(replace(workload, activations=Activations(0.5)), arch)
    assert half.cycles == pytest.approx(workload.macs / 2, rel=0.01)


def test_groups_run_as_one_problem(tmp_path) -> None:
    engine, arch = SparseloopEngine(), load_arch(write(tmp_path))
    depthwise = engine.simulate(convolution(np.ones((8, 1, 1, 3, 3))), arch)
    assert depthwise.macs == depthwise.by_action()["MAC", "MAC", "computes"] == 8 * 9 * 16


def test_fewer_bits_of_weights_never_make_a_layer_worse(tmp_path) -> None:
    engine, arch = SparseloopEngine(), load_arch(write(tmp_path))
    mask = np.ones((1, 16, 8, 3, 3))
    eight, *fewer = (
        engine.evaluation(convolution(mask, bits=bits), arch)[0] for bits in (8, 4, 2, 1)
    )
    assert all(each.energy <= eight.energy for each in fewer)
    assert all(each.cycles <= eight.cycles for each in fewer)


def test_finished_outputs_leave_as_activations(tmp_path) -> None:
    engine, arch = SparseloopEngine(), load_arch(write(tmp_path))
    activity = engine.simulate(convolution(np.ones((1, 8, 8, 3, 3))), arch)
    outputs = 8 * 16
    assert ("DRAM", "Outputs", "reads") not in activity.by_action() or not activity.by_action()[
        "DRAM", "Outputs", "reads"
    ]
    assert activity.by_action()["DRAM", "Outputs", "vector_updates"] == outputs * 8 / 64


def test_a_linear_layer_runs(tmp_path) -> None:
    engine, arch = SparseloopEngine(), load_arch(write(tmp_path))
    linear = Workload("fc", np.ones((1, 10, 8), dtype=bool), 3, kind="linear")
    activity = engine.simulate(linear, arch)
    assert activity.macs == activity.by_action()["MAC", "MAC", "computes"] == 240


def test_the_engine_says_what_makes_a_workload_another() -> None:
    engine = SparseloopEngine()
    mask = np.ones((1, 4, 4, 3, 3))
    eight, one = convolution(mask, bits=8), convolution(mask, bits=1)
    assert engine.key(eight) != engine.key(one)
    strided = convolution(mask, stride=(2, 2))
    assert engine.key(eight) != engine.key(strided)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "name: Buffer, class: SRAM",
            "name: Buffer, class: SRM",
            "class 'SRM'",
        ),
        ("depth: register_words", "depth: register_word", "'register_word'"),
        ("value: 32", "value: 4", "exceed the capacity of Registers (4 words)"),
    ],
)
def test_what_is_wrong_with_a_design_is_said(tmp_path, before, after, message) -> None:
    text = TINY.replace(before, after)
    if "capacity" in message:  # a sum of 64 bits has to lie in 4 registers of 8
        last = "width: 8, datawidth: 8}\n"
        kept = f"{last}        constraints: {{dataspace: {{keep: [Outputs]}}}}\n"
        text = text.replace(last, kept).replace("int32", "int64")
    path = write(tmp_path, text)
    with pytest.raises(InputError) as refusal:
        SparseloopEngine().simulate(convolution(np.ones((1, 4, 4, 3, 3))), load_arch(path))
    assert str(refusal.value).startswith("arch tiny, layer 'conv': ")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_spec_without_a_design_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        SparseloopEngine().simulate(convolution(np.ones((1, 4, 4, 3, 3))), load_arch("sigma"))
    assert str(refusal.value) == (
        "arch 'sigma': engine 'sparseloop' needs its memories and networks; add a design section "
        "to the spec"
    )


def test_another_density_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        SparseloopEngine("statistic")
    assert str(refusal.value) == "unknown density 'statistic'; did you mean 'statistical'?"


def test_operands_that_are_not_known_have_the_machines_widths(tmp_path) -> None:
    arch = load_arch(write(tmp_path))
    workload = convolution(np.ones((1, 8, 8, 3, 3)))
    engine = SparseloopEngine()
    unknown = engine.simulate(replace(workload, operands=None), arch)
    assert unknown == engine.simulate(replace(workload, operands=operands(8)), arch)


def test_run_lengths_end_unless_the_design_says_that_they_do_not(tmp_path) -> None:
    mask = random_mask((1, 64, 4, 1, 1), 0.04)
    mask[0, 60] = True  # before it a PE has up to 60 zeros
    path = quick_arch(tmp_path, "eyeriss_v2_pe", budget=50)
    padded = load_arch(path)
    endless = tmp_path / "endless.yaml"
    endless.write_text(path.read_text().replace("design:\n", "design:\n  run_lengths: unlimited\n"))
    workload = convolution(mask, (2, 1))
    for engine in (SparseloopEngine(), SparseloopEngine("statistical")):
        with_zeros, without = (
            engine.simulate(workload, arch) for arch in (padded, load_arch(endless))
        )
        more = with_zeros.statistics["Weights entries_per_nonzero"]
        assert "Weights entries_per_nonzero" not in without.statistics
        computes = with_zeros.by_action()["MAC", "MAC", "computes"]
        assert computes == pytest.approx(
            without.by_action()["MAC", "MAC", "computes"] * more, abs=1
        )
        assert more > 1.05
        assert with_zeros.statistics["Inputs entries_per_nonzero"] == 1.0
        assert with_zeros.cycles > without.cycles
        assert with_zeros.effectual_macs == without.effectual_macs == mask.sum() * 2


def test_units_in_step_wait_for_the_fullest(tmp_path) -> None:
    path = quick_arch(tmp_path, "simple-skipping", budget=200)
    in_step = tmp_path / "in-step.yaml"
    in_step.write_text(path.read_text().replace("design:\n", "design:\n  units: in step\n"))
    mask = random_mask((1, 32, 16, 3, 3), 0.35)
    mask[0, :16] = False
    mask[0, :16, :2] = True
    workload = convolution(mask, (14, 14))
    wide = {"dram_words": 4096}  # so that memories are no limit
    for engine in (SparseloopEngine(), SparseloopEngine("statistical")):
        even, waiting = (
            engine.simulate(workload, load_arch(each, wide)) for each in (path, in_step)
        )
        evaluation, _ = engine.evaluation(workload, load_arch(path, wide))
        zeros = mask if engine.density == "actual" else strewn(mask)
        inside = levels_of_a_unit(evaluation.machine)
        factor = in_step_over_even(zeros, None, layer_shape(workload), evaluation.mapping, inside)
        assert waiting.statistics["slowest_over_mean"] == factor > 1.05
        assert even.statistics["slowest_over_mean"] == slowest_over_mean(mask, evaluation.mapping)
        assert waiting.cycles == pytest.approx(even.cycles * factor, abs=factor)  # rounded up
        assert waiting.by_action() == even.by_action()
        assert even.pace is not None
        assert even.pace.slack == 1
        assert waiting.pace is not None
        # Other zeros may leave the units even.
        assert waiting.pace.slack == pytest.approx(factor)
        assert waiting.pace.waiting == "units wait for the one with the most products"
        assert waiting.utilization < even.utilization
