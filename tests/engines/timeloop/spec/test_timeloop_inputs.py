"""Reading Timeloop's inputs: forms that mean the same, and what is refused in which words."""

import copy

import numpy as np
import pytest
import yaml

import hwsim
from hwsim.errors import InputError
from tests.engines.timeloop.designs import gemm, table
from tests.engines.timeloop.spec.inputs import MAPPING, inputs


def refusal(given):
    with pytest.raises(InputError) as caught:
        hwsim.evaluate_timeloop(given)
    return str(caught.value)


def test_files_and_data_are_the_same(tmp_path):
    paths = []
    for name, part in inputs().items():
        path = tmp_path / f"{name}.yaml"
        path.write_text("---\n" + yaml.safe_dump({name: part}), encoding="utf-8")
        paths.append(path)
    assert hwsim.evaluate_timeloop(paths).to_dict() == hwsim.evaluate_timeloop(inputs()).to_dict()


def test_documents_under_any_names_are_merged():
    documents = {
        f"part{number}": {key: value} for number, (key, value) in enumerate(inputs().items())
    }
    assert hwsim.evaluate_timeloop(documents).cycles == hwsim.evaluate_timeloop(inputs()).cycles


def test_hyphens_and_underscores_are_the_same():
    def hyphenated(data):
        if isinstance(data, dict):
            return {key.replace("_", "-"): hyphenated(value) for key, value in data.items()}
        return [hyphenated(item) for item in data] if isinstance(data, list) else data

    given = {key: hyphenated(part) for key, part in inputs().items()}
    assert hwsim.evaluate_timeloop(given).to_dict() == hwsim.evaluate_timeloop(inputs()).to_dict()


NODES = """
variables: {rows: 2 ** 12}
architecture:
  version: 0.4
  nodes:
  - !Container {name: system, attributes: {word_bits: 16}}
  - !Component
    name: DRAM
    class: DRAM
    attributes: &memory {width: word_bits * 1, block_size: 1, metadata_storage_width: 16}
  - !Component
    name: GLB
    class: SRAM
    attributes: &buffer {<<: *memory, depth: 4 * 1024, metadata_storage_depth: rows}
  - !Container
    name: PE
    spatial: {meshX: 4}
  - !Hierarchical
    nodes:
    - !Component {name: Spad, class: regfile, attributes: *buffer}
    - !Component {name: MAC, class: intmac, attributes: {datawidth: 16}}
"""


def test_nodes_of_version_four_are_the_same_machine(tmp_path):
    rest = tmp_path / "rest.yaml"
    parts = inputs()
    del parts["architecture"]
    rest.write_text(yaml.safe_dump(parts), encoding="utf-8")
    nodes = tmp_path / "nodes.yaml"
    nodes.write_text(NODES, encoding="utf-8")
    found = hwsim.evaluate_timeloop([nodes, rest]).to_dict()
    assert found == hwsim.evaluate_timeloop(inputs()).to_dict()


def test_sparse_optimizations_may_stand_at_components(tmp_path):
    saving = {"type": "gating", "options": [{"target": "A", "condition_on": ["B"]}]}
    problem = gemm(4, 6, 8, B=0.5)
    apart = inputs(
        problem=problem,
        sparse_optimizations={"targets": [{"name": "Spad", "action_optimization": [saving]}]},
    )
    rest = tmp_path / "rest.yaml"
    rest.write_text(
        yaml.safe_dump({"problem": problem, "mapping": MAPPING, "ERT": table(4)}), encoding="utf-8"
    )
    nodes = tmp_path / "nodes.yaml"
    own = (
        "sparse_optimizations: {action_optimization: ["
        + yaml.safe_dump(saving, default_flow_style=True).strip()
        + "]}}"
    )
    text = NODES.replace(
        "class: regfile, attributes: *buffer}", f"class: regfile, attributes: *buffer, {own}"
    )
    nodes.write_text(text, encoding="utf-8")
    found = hwsim.evaluate_timeloop([nodes, rest])
    assert found.levels["Spad"]["A"]["Gated scalar reads (per-instance)"] == 24
    assert found.levels == hwsim.evaluate_timeloop(apart).levels


def test_actual_data_are_arrays_of_the_tensor():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(4, 8)) * (rng.random((4, 8)) < 0.5)
    sparse = {
        "targets": [
            {
                "name": "Spad",
                "action_optimization": [
                    {"type": "skipping", "options": [{"target": "B", "condition_on": ["A"]}]}
                ],
            }
        ]
    }
    result = hwsim.evaluate_timeloop(
        inputs(problem=gemm(4, 6, 8, A=values, B=np.ones((8, 6))), sparse_optimizations=sparse)
    )
    assert result.computes == int((values != 0).sum()) * 6


def edited(change):
    given = copy.deepcopy(inputs())
    change(given)
    return given


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda g: g["mapping"][0].update(factors="M=2 N=6 K=1"),
            "inputs: mapping: the factors of M multiply up to 8, but the problem's M is 4",
        ),
        (
            lambda g: g["mapping"][0].update(target="DRAMM"),
            "inputs: mapping[0].target: unknown storage level 'DRAMM'; did you mean 'DRAM'?",
        ),
        (
            lambda g: g["mapping"][0].update(type="temporl"),
            "inputs: mapping[0].type: unknown type 'temporl'; did you mean 'temporal'?",
        ),
        (
            lambda g: g["mapping"][0].update(factors="M=1 N=6 Q=1"),
            "inputs: mapping[0].factors: unknown dimension 'Q'; known: K, M, N",
        ),
        (
            lambda g: g["problem"]["instance"].pop("K"),
            "inputs: problem.instance: the length of dimension 'K' is missing",
        ),
        (
            lambda g: g["problem"]["instance"].update(densities={"A": 1.5}),
            "inputs: problem.instance.densities.A: expected a density between 0 and 1. Got 1.5",
        ),
        (
            lambda g: g["problem"]["instance"].update(densities={"A": {"distribution": "normal"}}),
            "inputs: problem.instance.densities.A.distribution: unknown distribution 'normal'; "
            "known: actual, banded, fixed_structured, hypergeometric",
        ),
        (
            lambda g: g["problem"]["instance"].update(densities={"A": np.ones((8, 4))}),
            "inputs: problem.instance.densities.A: expected an array of 4x8 (the ranks of the data "
            "space). Got 8x4",
        ),
        (lambda g: g.pop("mapping"), "inputs: missing; 'mapping' is required here"),
        (
            lambda g: g.update(
                sparse_optimizations={
                    "targets": [{"name": "MAC", "compute_optimization": [{"type": "gate"}]}]
                }
            ),
            "inputs: sparse_optimizations.targets[0].compute_optimization: unknown type 'gate'; "
            "did you mean 'gating'?",
        ),
        (
            lambda g: g.update(
                sparse_optimizations={
                    "targets": [
                        {
                            "name": "DRAM",
                            "representation_format": {
                                "data_spaces": [{"name": "A", "ranks": [{"format": "CP"}]}]
                            },
                        }
                    ]
                },
            ),
            "GLB: A is compressed in DRAM and plain here, but decompression_supported is not set",
        ),
    ],
)
def test_refusals(change, message):
    assert refusal(edited(change)).startswith(message)


def test_too_few_ranks():
    rank = {"format": "CP", "metadata_word_bits": 4}
    targets = [
        {"name": name, "representation_format": {"data_spaces": [{"name": "B", "ranks": [rank]}]}}
        for name in ("DRAM", "GLB", "Spad")
    ]
    assert refusal(inputs(sparse_optimizations={"targets": targets})) == (
        "DRAM: more compression ranks needed for B than the 1 given; list one rank for each loop "
        "that iterates here and for each rank of the compressed levels below"
    )


def test_file_and_line_of_a_problem(tmp_path):
    paths = []
    for name, part in inputs().items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump({name: part}), encoding="utf-8")
        paths.append(path)
    text = paths[2].read_text(encoding="utf-8").replace("target: GLB", "target: GLBB", 1)
    paths[2].write_text(text, encoding="utf-8")
    line = text[: text.index("GLBB")].count("\n") + 1
    assert refusal(paths) == (
        f"{paths[2]}, line {line}: mapping[1].target: unknown storage level 'GLBB'; "
        "did you mean 'GLB'?"
    )


def test_files_that_cannot_be_read(tmp_path):
    missing = tmp_path / "none.yaml"
    assert refusal([missing]) == f"{missing}: no such file"
    broken = tmp_path / "broken.yaml"
    broken.write_text("problem: {a: 1\nmapping: [\n", encoding="utf-8")
    assert refusal([broken]).startswith(f"{broken}, line ")
    config = tmp_path / "a.cfg"
    assert refusal([config]) == f"{config}: expected a YAML file (.yaml or .yml)"


def test_fused_layers_are_refused():
    tree = {"type": "fused", "nodes": [{"type": "storage", "target": 0, "dspace": ["A"]}]}
    assert refusal(inputs(mapping=tree)) == (
        "inputs: mapping: expected a list of directives; a tree of loops, as LoopTree maps fused "
        "layers, is not modelled"
    )
    assert refusal(inputs(problem=[inputs()["problem"]] * 2)) == (
        "inputs: problem: several problems, as LoopTree fuses them, are not modelled; give one "
        "layer, with 'shape' and 'instance'"
    )
