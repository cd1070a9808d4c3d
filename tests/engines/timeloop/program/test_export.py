"""Exported folders are read back with the result of the direct evaluation."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import yaml

import hwsim
from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.result import TimeloopResult
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.engines.timeloop.layers.layer_machine import design_inputs
from hwsim.engines.timeloop.program import export
from hwsim.engines.timeloop.program.export import write_export
from hwsim.engines.timeloop.program.program_inputs import as_timeloop_can
from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_problem
from hwsim.engines.timeloop.spec.constraints import constraint_targets, read_constraints
from hwsim.errors import InputError
from hwsim.networks.make import make_network
from hwsim.networks.network import Layer, Network
from hwsim.schemes import quantize
from hwsim.workload import lower
from tests.arch.quick_search import quick_arch
from tests.studies.networks import tiny_network

SCHEMES = ("dense", "signed-binary", "pruned:sparsity=0.6")


@pytest.fixture(scope="module")
def resnet18():
    return make_network("resnet18")


def as_timeloop_walks(evaluation):
    """Evaluate rests as Timeloop does."""
    mapping = replace(evaluation.mapping, rests="walked")
    return evaluate(evaluation.problem, evaluation.machine, mapping, evaluation.sparse)


def distinct(layers, engine):
    """One layer of each shape and width (zeros differ in all of them)."""
    found = {}
    for layer in layers:
        workload = lower(layer)
        dense = replace(workload, levels=np.ones_like(workload.levels))
        found.setdefault((engine.key(dense), workload.density < 1), layer)
    return list(found.values())


@pytest.mark.parametrize(
    ("name", "schemes"),
    [("simple", SCHEMES), ("simple-skipping", ("signed-binary",))],  # statistics take their time
)
def test_shapes_of_resnet18_under_every_scheme(resnet18, name, schemes, tmp_path):
    # Output sizes of ResNet-18 are multiples of 7: rests, which take seconds to walk, are rare.
    arch = hwsim.load_arch(quick_arch(tmp_path, name), {"columns": 7, "rows": 8})
    engine = SparseloopEngine("statistical")
    seen = 0
    for number, scheme in enumerate(schemes):
        layers = distinct(quantize(resnet18, scheme).layers, engine)
        if number or scheme != "dense":  # what a scheme leaves alone was there under dense
            layers = [layer for layer in layers if layer.scheme != "dense"][::2]
        folder = tmp_path / str(number)
        folder.mkdir()
        count = write_export(layers, arch, folder, engine=engine)
        assert count == len(layers)
        for layer in layers:
            workload = lower(layer)
            direct = as_timeloop_walks(as_timeloop_can(engine.evaluation(workload, arch)[0]))
            files = sorted((folder / workload.layer).glob("*.yaml"))
            back = hwsim.evaluate_timeloop(files)
            assert json.dumps(back.to_dict()) == json.dumps(TimeloopResult(direct).to_dict())
            assert back.evaluation.energy == direct.energy
            assert back.evaluation.area == direct.area
            seen += 1
    assert seen >= (11 if "dense" in schemes else 0) + 2 * len({*schemes} - {"dense"})


def tiny_export(tmp_path, scheme="signed-binary", name="simple", **options):
    arch = hwsim.load_arch(quick_arch(tmp_path, name))
    folder = tmp_path / "out"
    folder.mkdir()
    layers = quantize(tiny_network(), scheme).layers
    assert write_export(layers, arch, folder, **options) == 5
    return folder, arch, layers


def test_the_folder_says_what_is_lost(tmp_path):
    folder, _, _ = tiny_export(tmp_path)
    readme = (folder / "README.md").read_text()
    assert "- Buffer: a word is 8 bits to Timeloop; in hwsim Weights 1, Outputs 32\n" in readme
    assert "{" not in readme
    assert "/map.yaml` |" in readme
    assert "hwsim's mapping" in readme
    assert "mapper.yaml" not in readme
    assert {file.name for file in (folder / "stem").iterdir()} == {
        *("arch.yaml", "prob.yaml", "map.yaml", "ERT.yaml", "ART.yaml", "run.sh"),
    }


def test_of_several_images_one_is_exported_and_counted(tmp_path):
    arch = hwsim.load_arch(quick_arch(tmp_path, "simple"))
    conv = Layer("frames", "conv", np.ones((2, 3, 1, 1), np.float32), input_size=(2, 3), images=4)
    heads = Layer.product("heads", 5, 4, vectors=3, groups=2)
    (tmp_path / "out").mkdir()
    write_export(quantize(Network("n", (conv, heads)), "dense").layers, arch, tmp_path / "out")
    with (tmp_path / "out" / "layers.csv").open(newline="", encoding="utf-8") as file:
        frames, product = csv.DictReader(file)
    assert (frames["runs"], frames["P"], frames["Q"]) == ("4", "2", "3")
    assert [product[key] for key in ("runs", "G", "M", "C", "P")] == ["1", "2", "5", "4", "3"]
    assert (
        "- frames: one of its 4 feature maps, which run one after the other; column `runs` of "
        "layers.csv says how often each layer counts\n"
    ) in (tmp_path / "out" / "README.md").read_text()


def test_a_product_of_wider_activations_is_not_exported(tmp_path):
    heads = quantize(Network("n", (Layer.product("heads", 5, 4, vectors=3),)), "dense").layers
    arch = hwsim.load_arch("simple", {"weights": "int4"})
    with pytest.raises(InputError, match="'heads': a product of two activations of int8"):
        write_export(heads, arch, tmp_path)


def test_fixed_structured_densities(tmp_path):
    folder, _, _ = tiny_export(tmp_path, density="fixed-structured")
    assert "distribution: fixed_structured" in (folder / "block.conv1" / "prob.yaml").read_text()
    assert "densities" not in (folder / "stem" / "prob.yaml").read_text()


@pytest.mark.outside
def test_scripts_run_the_program_in_every_folder(tmp_path):
    folder, _, _ = tiny_export(tmp_path)
    program = tmp_path / "model"
    program.write_text('#!/bin/sh\ncat "$@" > all.yaml\n')
    program.chmod(0o755)
    subprocess.run(
        [folder / "run.sh"], env={**os.environ, "TIMELOOP_MODEL": str(program)}, check=True
    )
    for layer in ("stem", "block.depthwise"):
        document = yaml.safe_load((folder / layer / "out" / "all.yaml").read_text())
        assert document.keys() == {"ART", "ERT", "architecture", "mapping", "problem"}


@pytest.mark.outside
def test_the_front_end_is_called_for_v04(tmp_path):
    folder, _, _ = tiny_export(tmp_path, layout="v0.4")
    module = tmp_path / "pytimeloop" / "timeloopfe" / "v4.py"
    module.parent.mkdir(parents=True)
    module.write_text(
        "class Specification:\n"
        "    from_yaml_files = staticmethod(lambda *files: files)\n"
        "def call_model(files, output_dir):\n"
        "    open(output_dir + '/called', 'w').write(' '.join(files))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHON": sys.executable}
    subprocess.run([folder / "fc" / "run.sh"], env=environment, check=True)
    called = (folder / "fc" / "out" / "called").read_text()
    assert called == "ART.yaml ERT.yaml arch.yaml map.yaml prob.yaml"


def test_constraints_in_place_of_a_mapping(tmp_path):
    folder, arch, layers = tiny_export(tmp_path, name="eyeriss-like", constraints=True)
    place = folder / "block.conv1"
    assert not (place / "map.yaml").exists()
    assert "timeloop-mapper" in (place / "run.sh").read_text()
    readme = (folder / "README.md").read_text()
    assert "/constraints.yaml` and `mapper.yaml` |" in readme
    assert "what mappings may do, and how to search" in readme
    header = (folder / "layers.csv").read_text().splitlines()[0].split(",")
    assert not {"runs", "input_density", "cycles", "energy_pj"} & {*header}
    inputs = read_inputs(sorted(place.glob("*.yaml")))
    problem = read_problem(inputs)
    machine = read_machine(inputs, [space.name for space in problem.data_spaces])
    found = read_constraints(inputs, problem, machine)
    layer = next(layer for layer in layers if layer.layer.name == "block.conv1")
    evaluation, _ = SparseloopEngine("statistical").evaluation(lower(layer), arch)
    wanted = read_constraints(design_inputs(arch), evaluation.problem, evaluation.machine)
    assert found.keep == wanted.keep
    assert constraint_targets(problem, machine, found) == constraint_targets(
        problem, machine, wanted
    )


@pytest.mark.parametrize(
    ("layer", "taken", "name"),
    [
        ("conv1", (), "conv1"),
        ("block/conv 1", (), "block_conv_1"),
        ("../..x", (), "_..x"),
        (".-x", (), "x"),
        ("...", (), "layer"),
        ("a", ("a",), "a-2"),
        ("a", ("a", "a-2", "a-3"), "a-4"),
    ],
)
def test_folders_are_named_after_layers(layer, taken, name):
    assert export._free_name(layer, set(taken)) == name


def test_what_timeloop_does_not_know_of_run_lengths_is_noted(tmp_path):
    folder, arch, layers = tiny_export(tmp_path, name="scnn")
    readme = (folder / "README.md").read_text()
    for memory, name in (("WeightQueue", "Weights"), ("ActivationRAM", "Inputs")):
        assert (
            f"- {memory}: run lengths of {name} tell any number of zeros to Timeloop; in hwsim at "
            "most 15, and zeros are stored between longer ones\n"
        ) in readme
    layer = next(layer for layer in layers if layer.layer.name == "block.conv1")
    evaluation, _ = SparseloopEngine("statistical").evaluation(lower(layer), arch)
    assert evaluation.sparse.as_stored
    simpler = as_timeloop_can(evaluation)
    assert simpler.sparse == evaluation.sparse.as_timeloop_has_them()
    assert not simpler.sparse.as_stored
    assert as_timeloop_can(simpler) is simpler
    back = hwsim.evaluate_timeloop(sorted((folder / "block.conv1").glob("*.yaml")))
    walked = as_timeloop_walks(simpler)
    assert back.cycles == walked.cycles
    assert back.evaluation.energy == walked.energy


def test_waits_that_timeloop_does_not_know_are_left_out_and_noted(tmp_path):
    folder, arch, layers = tiny_export(tmp_path, name="eyeriss-like")
    readme = (folder / "README.md").read_text()
    assert (
        "- Buffer: one bandwidth for all words to Timeloop; in hwsim Outputs and Inputs have ports "
        "of their own\n"
        "- Buffer: new Weights come while units compute to Timeloop; in hwsim units wait for them\n"
    ) in readme
    layer = next(layer for layer in layers if layer.layer.name == "block.conv1")
    evaluation, _ = SparseloopEngine("statistical").evaluation(lower(layer), arch)
    simpler = as_timeloop_can(evaluation)
    assert (evaluation.waiting_cycles > 0, simpler.waiting_cycles) == (True, 0)
    assert not any(level.ports for level in simpler.machine.levels)
    assert simpler.machine.as_timeloop_has_it() is simpler.machine
    back = hwsim.evaluate_timeloop(sorted((folder / "block.conv1").glob("*.yaml")))
    assert back.cycles == simpler.cycles < evaluation.cycles
