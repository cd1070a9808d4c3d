"""All that is wrong with a study is told at once, before anything runs."""

import pytest

from hwsim.errors import InputError, ProblemsError
from hwsim.studies.study_file import read_study, study_of


def test_kinds_of_values_are_told_first_and_together(file_refused):
    assert file_refused(
        """
        model: [3, a.npz, true]
        archs: sigma
        schem: x
        set:
          a: 1.5
          sigma:
            b: [1, true]
        sparsity: {levls: 3}
        seed: [-1]
        activation_density: [0, 0.5, 2]
        expect: 1
        explore: {objective: energy}
        engine: []
        exclude: [{scheme: {a: 1}}]
        timeout_s: 0
        input_size: [1, 2, 3]
        """
    ) == [
        "s.yaml: 16 problems",
        "s.yaml, line 1: model.0: should be a weight file, or a section with one. Got 3",
        "s.yaml, line 1: model.2: should be a weight file, or a section with one. Got True",
        "s.yaml, line 2: unknown key 'archs'; did you mean 'arch'?",
        "s.yaml, line 3: unknown key 'schem'; did you mean 'scheme'?",
        "s.yaml, line 5: set.a: should be a whole number or a text such as '45 nm'. Got 1.5",
        "s.yaml, line 6: set.sigma: should be a whole number or a text such as '45 nm'. Got True",
        "s.yaml, line 8: sparsity: unknown key 'levls'; did you mean 'levels'?",
        "s.yaml, line 9: seed.0: should be greater than or equal to 0. Got -1",
        "s.yaml, line 10: activation_density.0: should be greater than 0. Got 0",
        "s.yaml, line 10: activation_density.2: should be less than or equal to 1. Got 2",
        "s.yaml, line 11: expect: should be a valid string. Got 1",
        "s.yaml, line 12: explore: unknown key 'objective'; did you mean 'objectives'?",
        "s.yaml, line 13: engine: should not be an empty list; leave the key out",
        "s.yaml, line 14: exclude.0.scheme: should be a text, a number or null, or several. Got "
        "{'a': 1}",
        "s.yaml, line 15: timeout_s: should be greater than or equal to 0.001. Got 0",
        "s.yaml, line 16: input_size: should be a whole number, or a pair [rows, columns]",
    ]


def test_what_the_study_means_is_told_together(file_refused):
    assert file_refused(
        """
        model:
          - a.npz
          - c.npz
        topology: resnet17
        tokens: x
        activations: [1.5, none.csv]
        activation_density: 0.5
        energy: stonn
        baseline: dens
        """
    ) == [
        "s.yaml: 8 problems",
        "s.yaml, line 3: model.1: c.npz: no such file",
        "s.yaml, line 4: topology: no topology is named 'resnet17'; did you mean 'resnet18'?",
        "s.yaml, line 5: tokens: tokens 'x': expected N or GLOB=N with N from 1 to 1,000,000, e.g. "
        "128 or 'lstm.*=160'",
        "s.yaml, line 6: activations.0: expected a share above 0, at most 1. Got 1.5",
        "s.yaml, line 6: activations.1: none.csv: no such file",
        "s.yaml, line 7: activation_density: stands beside activations; give one",
        "s.yaml, line 8: energy: unknown energy table 'stonn'; did you mean 'stonne'?",
        "s.yaml, line 9: baseline: no scheme of the study; did you mean 'dense'?",
    ]


def test_problems_are_counted_and_no_more_than_twenty_told(refused, study):
    with pytest.raises(ProblemsError) as caught:
        study(scheme=[f"scheme{number}" for number in range(22)])
    lines = str(caught.value).split("\n")
    assert lines[0] == "study: 22 problems"
    assert lines[20].startswith("study: scheme.19: unknown scheme 'scheme19'")
    assert lines[21:] == ["and 2 more"]
    assert len(caught.value.problems) == 22
    assert len(refused(scheme=[f"scheme{number}" for number in range(20)])) == 20
    with pytest.raises(ProblemsError) as caught:
        study(scheme=[f"scheme{number}" for number in range(20)])
    assert len(str(caught.value).split("\n")) == 21


def test_more_points_than_anybody_looks_at_are_refused(refused, study, monkeypatch):
    keys = {"scheme": "pruned:method=random", "sparsity": "0:0.999:0.001", "seed": [0, 1]}
    sizes = {"num_ms": [8, 16, 32, 64, 128], "clock": [f"{number} MHz" for number in range(11)]}
    assert refused(**keys, set=sizes) == ["study: 110,000 points are more than 100,000"]
    monkeypatch.setattr("hwsim.studies.study_file.points.MOST_POINTS", 5)
    assert refused(scheme=["dense", "binary"], set={"num_ms": [8, 16, 32]}) == [
        "study: 6 points are more than 5"
    ]
    assert len(study(scheme="dense", set={"num_ms": sizes["num_ms"]}).points) == 5


def test_a_study_needs_a_name_and_a_model(folder):
    with pytest.raises(InputError) as caught:
        study_of({"model": "a.npz"}, "my study", folder)
    assert str(caught.value) == "my study: study: missing; this key is required"
    with pytest.raises(InputError) as caught:
        study_of({"study": "s"}, "my study", folder)
    assert str(caught.value) == "my study: model: missing; this key is required"


def test_what_is_no_mapping_is_refused(folder):
    with pytest.raises(InputError) as caught:
        study_of(["a"], "my study", folder)
    assert str(caught.value) == "my study: expected keys and values. Got ['a']"
    (folder / "s.yaml").write_text("- a\n")
    with pytest.raises(InputError, match="expected keys and values"):
        read_study(folder / "s.yaml")


def test_a_model_that_is_listed_twice_is_evaluated_once(study):
    read = study(model=["a.npz", "a.npz"], scheme="dense")
    assert len(read.points) == 1
    assert read.notes == ("model a.npz is listed twice, evaluated once",)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (
            {"sparsity": [0.5, True]},
            "sparsity.1: should be a level, or a range such as '0:0.9:0.1'. Got True",
        ),
        (
            {"sparsity": [None]},
            "sparsity.0: should be a level, or a range such as '0:0.9:0.1'. Got None",
        ),
        (
            {"set": {"num_ms": None}},
            "set.num_ms: should be a whole number or a text such as '45 nm'. Got None",
        ),
        ({"set": {"num_ms": []}}, "set.num_ms: should not be an empty list; leave the key out"),
        ({"model": ["a.npz", ""]}, "model.1: String should have at least 1 character. Got ''"),
        ({"activations": [1, 0]}, "activations.1: expected a share above 0, at most 1. Got 0"),
        ({"activations": [True]}, "activations.0: should be a valid string. Got True"),
        ({"tokens": True}, "tokens: should be a valid string. Got True"),
        (
            {"exclude": [{"arch": [True]}]},
            "exclude.0.arch: should be a text, a number or null, or several. Got True",
        ),
        ({"explore": {"seed": -1}}, "explore.seed: should be greater than or equal to 0. Got -1"),
    ],
)
def test_values_of_another_kind(refused, keys, problem):
    assert refused(**keys) == [f"study: {problem}"]


def test_lines_of_values_that_stand_for_a_section(file_refused):
    assert file_refused(
        """
        model: a.npz
        scheme: pruned
        sparsity:
          - 0.5
          - 2
        """
    ) == [
        "s.yaml, line 5: sparsity.1: sparsity 2: expected a share of zeros of at least 0 and less "
        "than 1"
    ]


def test_null_stands_for_nothing(study):
    names = ("topology", "skip", "layers", "engine", "activations", "sparsity", "seed", "explore")
    assert study(**dict.fromkeys(names)) == study()
