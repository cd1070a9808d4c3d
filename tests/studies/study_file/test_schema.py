"""The JSON Schema of studies: what it takes and refuses."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from hwsim.studies.study_file import read_study, study_schema

CHECKOUT = Path(__file__).parents[3]
EXAMPLES = sorted((CHECKOUT / "examples" / "studies").glob("*.yaml"))
SCHEMA = CHECKOUT / "docs" / "study.schema.json"
STUDY = jsonschema.Draft202012Validator(study_schema())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_fit_the_schema_and_name_it(path):
    text = path.read_text(encoding="utf-8")
    hint, schema = text.splitlines()[0].split("=")
    assert hint == "# yaml-language-server: $schema"
    assert (path.parent / schema).resolve() == SCHEMA
    STUDY.validate(yaml.safe_load(text))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_can_be_read_without_a_word(path, tmp_path):
    for model in ("studies/resnet20.npz", "digits/float.npz"):
        (tmp_path / model).parent.mkdir()
        (tmp_path / model).touch()
    copy = tmp_path / "studies" / path.name
    copy.write_text(path.read_text(encoding="utf-8"))
    study = read_study(copy)
    assert len(study.points) > 10
    assert not [note for note in study.notes if "evaluated without" not in note]


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"model": ["a", "b"], "arch": "sigma", "set": {"num_ms": 4, "sigma": {"node": ["28 nm"]}}},
        {"set": {"num_ms": [4, 8], "dram": "LPDDR4"}, "engine": [None, "sigma"], "seed": [0, 1]},
        {"sparsity": 0.5, "activations": [0.5, "dense"], "activation_density": 1},
        {"sparsity": "0:0.5:0.1", "input_size": 3},
        {"sparsity": [0.5, "0:0.5:0.1"], "input_size": [3, 4], "engine": None},
        {"sparsity": {"levels": [0.5], "method": "random", "seed": 3}},
        {"exclude": [{"num_ms": 4, "scheme": ["a*", "b"], "seed": None}], "expect": "a >= 1"},
        {"explore": {"objectives": ["energy"], "budget": 2, "sampler": "x", "seed": 0}},
    ],
)
def test_what_a_study_may_say(keys):
    STUDY.validate({"model": "a.npz", **keys})


@pytest.mark.parametrize(
    "keys",
    [
        {"model": 3},
        {"model": []},
        {"archs": "sigma"},
        {"set": {"num_ms": 1.5}},
        {"set": {"sigma": {"num_ms": {"a": 1}}}},
        {"engine": [3]},
        {"seed": -1},
        {"seed": [0.5]},
        {"activation_density": 0},
        {"sparsity": {"level": 3}},
        {"sparsity": {}},
        {"density": "some"},
        {"exclude": {"arch": "sigma"}},
        {"explore": {"budget": 0}},
        {"timeout_s": 0},
    ],
)
def test_what_it_may_not(keys):
    with pytest.raises(jsonschema.ValidationError):
        STUDY.validate({"model": "a.npz", **keys})
