"""Networks with options of their own."""

import pytest

from hwsim.studies import Request
from hwsim.studies.study_file import study_of

TWO = {
    "study": "s",
    "model": [
        "a.npz",
        {"file": "b.npz", "name": "bert", "tokens": 128, "layers": "encoder.*", "layout": "torch"},
    ],
    "scheme": "dense",
    "tokens": ["16"],
    "layers": "all.*",
    "layout": "keras",
    "skip": "x",
}


def test_options_of_a_network_take_the_place_of_the_studys(folder, column):
    read = study_of(TWO, folder=folder)
    assert column(read, "model") == ["a.npz", "bert"]
    common = {"schemes": ("dense",), "skip": ("x",), "overrides": None}
    assert [point.request for point in read.points] == [
        Request(folder / "a.npz", tokens="16", layers="all.*", layout="keras", **common),
        Request(folder / "b.npz", tokens="128", layers="encoder.*", layout="torch", **common),
    ]


def test_the_spec_says_what_each_network_says(folder):
    read = study_of(TWO, folder=folder)
    assert read.spec["model"] == [
        "a.npz",
        {
            "file": "b.npz",
            "name": "bert",
            "tokens": ["128"],
            "layers": ["encoder.*"],
            "layout": "torch",
        },
    ]
    assert list(read.spec) == [
        "study",
        "model",
        "arch",
        "scheme",
        "skip",
        "tokens",
        "layout",
        "layers",
    ]
    assert study_of(read.spec, folder=folder) == read


def test_a_network_may_have_none_of_what_the_study_has(folder):
    model = {"file": "a.npz", "layers": None, "tokens": None}
    read = study_of({**TWO, "model": model}, folder=folder)
    assert (read.points[0].request.layers, read.points[0].request.tokens) == (None, ())
    assert study_of(read.spec, folder=folder) == read


def test_one_file_may_be_two_networks(study, column):
    one, other = {"file": "a.npz", "name": "one"}, {"file": "a.npz", "layers": "conv1"}
    assert column(study(model=[one, other], scheme="dense"), "model") == ["one", "a.npz"]
    same = study(model=[one, "a.npz"], scheme="dense")
    assert column(same, "model") == ["one"]
    assert same.notes == ("1 point equals another and stands once: model 'one' and 'a.npz'",)


def test_one_name_is_one_network(refused):
    assert refused(model=["a.npz", {"file": "b.npz", "name": "a.npz"}]) == [
        "study: model.1: two networks are called 'a.npz'; give one another name"
    ]


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        ({"name": "x"}, "model.file: missing; this key is required"),
        ({"file": "a.npz", "token": 3}, "model: unknown key 'token'; did you mean 'tokens'?"),
        (
            {"file": "a.npz", "layout": "jax"},
            "model.layout: should be 'torch' or 'keras'. Got 'jax'",
        ),
        (["a.npz", {"file": "c.npz"}], "model.1: c.npz: no such file"),
        (
            {"file": "a.npz", "topology": "resnet17"},
            "model.topology: no topology is named 'resnet17'; did you mean 'resnet18'?",
        ),
        (
            ["a.npz", {"file": "b.npz", "unpack": "x"}],
            "model.1.unpack: unpack 'x': expected GLOB=FORMAT, e.g. 'fc*.weight=zero-point:128'",
        ),
    ],
)
def test_what_is_wrong_with_one_is_told_there(refused, folder, model, problem):
    (told,) = refused(model=model)
    assert told.replace(f"{folder}/", "") == f"study: {problem}"


def test_a_topology_may_lie_beside_the_study(study, folder):
    (folder / "t.yaml").write_text(
        "name: t\nsource: s\ninput: {channels: 1, size: 8}\nquantized_layers: null\nlayers:\n"
        "  - {conv: a, filters: 1, kernel: 3}\n"
    )
    (point,) = study(topology="t.yaml", scheme="dense").points
    assert point.request.topology == folder / "t.yaml"
