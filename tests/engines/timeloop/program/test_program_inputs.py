"""What is written is read back as the same problem, machine, mapping and optimisations."""

import gzip
import json
from dataclasses import replace

import numpy as np
import pytest
import yaml

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.density import FixedStructured, Hypergeometric
from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.result import TimeloopResult
from hwsim.engines.timeloop.program.program_inputs import as_timeloop_can, input_documents
from hwsim.engines.timeloop.spec import read_evaluation_inputs
from hwsim.engines.timeloop.spec.architecture.extension import without_extension
from hwsim.engines.timeloop.spec.documents import write_documents
from hwsim.engines.timeloop.spec.problem import problem_document
from hwsim.errors import InputError
from tests.measured import golden_folder


def golden_inputs():
    path = golden_folder("timeloop") / "cases.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["inputs"] for line in lines]


def first_golden():
    return evaluate(*read_evaluation_inputs(golden_inputs()[0]))


def same(left, right):
    assert json.dumps(TimeloopResult(left).to_dict()) == json.dumps(TimeloopResult(right).to_dict())
    assert left.energy == right.energy  # networks and leakage included
    assert left.area == right.area


@pytest.mark.parametrize(("layout", "first"), [("v0.3", 0), ("v0.4", 1)])
def test_all_measured_inputs_give_the_same_result_when_written_anew(layout, first):
    inputs = golden_inputs()
    assert len(inputs) >= 260
    for each in inputs[first::2]:  # each in one of the layouts: writing it takes long
        evaluation = evaluate(*read_evaluation_inputs(each))
        same(evaluate(*read_evaluation_inputs(input_documents(evaluation, layout))), evaluation)


def with_widths(evaluation, bits):
    machine = evaluation.machine
    levels = tuple(
        replace(
            level,
            bits=bits,
            read_network=replace(level.read_network, bits=bits),
            update_network=replace(level.update_network, bits=bits),
        )
        for level in machine.levels
    )
    machine = replace(machine, levels=levels)
    return evaluate(evaluation.problem, machine, evaluation.mapping, evaluation.sparse)


@pytest.mark.parametrize("layout", ["v0.3", "v0.4"])
def test_widths_of_data_spaces_are_kept_for_hwsim_and_left_out_for_timeloop(layout):
    plain = first_golden()
    narrow = with_widths(plain, {"Weights": 1, "Inputs": 16, "Outputs": 32})
    documents = input_documents(narrow, layout)
    same(evaluate(*read_evaluation_inputs(documents)), narrow)
    seen = evaluate(*read_evaluation_inputs(without_extension(documents)))
    assert all(not level.bits for level in seen.machine.levels)
    for ours, theirs in zip(narrow.machine.levels, seen.machine.levels, strict=True):
        # All that fits by bits has to fit by words, and bandwidth is taken as by bits.
        assert ours.size is None or theirs.size >= 16 * ours.size
        assert theirs.bandwidth_scale == {"Weights": 1 / 16, "Outputs": 2.0}


def test_files_are_yaml_with_the_tags_of_nodes(tmp_path):
    evaluation = first_golden()
    files = write_documents(input_documents(evaluation, "v0.4"), tmp_path)
    assert "- !Component\n    name: DRAM" in (tmp_path / "arch.yaml").read_text()
    same(evaluate(*read_evaluation_inputs(files)), evaluation)
    for file in write_documents(input_documents(evaluation), tmp_path):
        assert yaml.safe_load(file.read_text())
        assert "&id" not in file.read_text()


def test_a_last_round_of_its_own_and_denied_savings_are_written():
    dense = next(each for each in golden_inputs() if "sparse" not in each)
    problem, machine, mapping, sparse = read_evaluation_inputs(dense)
    names = [space.name for space in problem.data_spaces]
    inner, *outer = mapping.levels
    loop = next(loop for level in mapping.levels for loop in level.temporal if loop.end > 1)
    odd = replace(loop, residual=loop.end - 1)
    denied = tuple(name == "Weights" for name in names)
    levels = tuple(
        replace(
            level,
            temporal=tuple(odd if each is loop else each for each in level.temporal),
            no_multicast=denied,
            no_temporal_reuse=denied,
            no_coalesce=denied,
        )
        for level in (inner, *outer)
    )
    changed = replace(mapping, levels=levels)
    bounds = [0] * len(problem.dimensions)
    for level in reversed(levels):
        for each in reversed(level.loops):
            bounds[each.dimension] = bounds[each.dimension] * each.end + each.residual - 1
    problem = replace(problem, bounds=tuple(bound + 1 for bound in bounds))
    evaluation = evaluate(problem, machine, changed, sparse)
    back = read_evaluation_inputs(input_documents(evaluation))[2]
    assert [level.temporal for level in back.levels] == [level.temporal for level in levels]
    assert all(level.no_coalesce == denied == level.no_temporal_reuse for level in back.levels)
    assert any(level.no_multicast == denied for level in back.levels)


def zeros_of(evaluation, share):
    box = evaluation.problem.data_spaces[0].box(evaluation.problem.bounds)
    mask = np.random.default_rng(1).random(box) < share
    densities = (ActualData(mask), *evaluation.problem.densities[1:])
    problem = replace(evaluation.problem, densities=densities)
    return replace(evaluation, problem=problem), float(mask.mean())


def test_real_zeros_become_a_density():
    real, share = zeros_of(first_golden(), 0.3)
    random = as_timeloop_can(real).problem.densities[0]
    assert isinstance(random, Hypergeometric)
    assert random.density == share
    assert as_timeloop_can(real, "fixed-structured").problem.densities[0] == FixedStructured(share)
    same_already = first_golden()
    assert as_timeloop_can(same_already) is same_already


def test_real_zeros_are_not_written():
    real, _ = zeros_of(first_golden(), 0.3)
    with pytest.raises(InputError) as error:
        problem_document(real.problem)
    name = real.problem.data_spaces[0].name
    assert str(error.value) == (
        f"{name}: Timeloop cannot read a tensor's own zeros; describe them by a hypergeometric or "
        "fixed structured density"
    )


def test_an_unknown_data_space_in_the_extension():
    documents = input_documents(with_widths(first_golden(), {"Weights": 1}))
    text = json.dumps(documents).replace('"bits": {"Weights"', '"bits": {"Weihgts"')
    with pytest.raises(InputError) as error:
        read_evaluation_inputs(json.loads(text))
    assert str(error.value).endswith(
        "x-hwsim.bits.Weihgts: unknown data space; did you mean 'Weights'?"
    )
