"""Axes multiply, networks outermost and seeds innermost."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from hwsim.errors import InputError
from hwsim.studies import Request
from hwsim.studies.study_file import read_study, study_of

FILE = """\
study: sizes
model: [a.npz, nets/b.npz]
arch: [sigma, eyeriss_v2]
set:
  num_ms: [64, 128]
  eyeriss_v2: {macs: 2}
scheme: [dense, "pruned:method=random"]
sparsity: 0:0.5:0.5
seed: [3, 4]
energy: [physical]
expect: cycles_ratio(dense, pruned) >= 1
explore: {objectives: energy, budget: 20}
"""


def test_a_study_file_becomes_points(folder, column):
    (folder / "nets").mkdir()
    (folder / "nets" / "b.npz").touch()
    (folder / "sizes.yaml").write_text(FILE)
    read = read_study(folder / "sizes.yaml")
    axes = ("model", "arch", "num_ms", "macs", "engine", "activations", "activation_density")
    assert read.axes == (*axes, "scheme", "sparsity", "seed")
    assert [tuple(point.coordinates) for point in read.points] == [read.axes] * 30
    weights = [
        ("dense", None, None),
        *(("pruned:method=random", level, seed) for level in (0.0, 0.5) for seed in (3, 4)),
    ]
    machines = [
        ("sigma", 64, None, "sigma"),
        ("sigma", 128, None, "sigma"),
        ("eyeriss_v2", None, 2, "sparseloop"),
    ]
    assert column(read, *read.axes) == [
        (model, *machine, None, None, *each)
        for model in ("a.npz", "nets/b.npz")
        for machine in machines
        for each in weights
    ]
    assert [point.number for point in read.points] == list(range(30))
    common = Request(
        model=folder / "a.npz",
        arch="sigma",
        overrides={"num_ms": 64},
        energy=("physical",),
        schemes=("dense",),
    )
    assert read.points[0].request == common
    last = "pruned:sparsity=0.5,method=random,seed=4"
    assert read.points[29].request == replace(
        common,
        model=folder / "nets" / "b.npz",
        arch="eyeriss_v2",
        overrides={"macs": 2},
        schemes=(last,),
    )
    assert (read.name, read.baseline) == ("sizes", "dense")
    assert [each.text for each in read.expectations] == ["cycles_ratio(dense, pruned) >= 1"]
    assert [each.place for each in read.expectations] == [f"{folder / 'sizes.yaml'}, line 11"]
    assert read.exploration == {"objectives": ["energy"], "budget": 20}
    assert read.notes == (
        "eyeriss_v2 has no parameter num_ms: evaluated once, as it is",
        "no sparsity to set, evaluated without: dense",
        "no seed to set, evaluated without: dense",
    )


def test_the_spec_is_plain_and_read_again_the_same_study(folder):
    (folder / "sizes.yaml").write_text(FILE.replace("nets/", ""))
    read = read_study(folder / "sizes.yaml")
    assert read.spec == {
        "study": "sizes",
        "model": ["a.npz", "b.npz"],
        "arch": ["sigma", "eyeriss_v2"],
        "set": {"num_ms": [64, 128], "eyeriss_v2": {"macs": [2]}},
        "scheme": ["dense", "pruned:method=random"],
        "sparsity": {"levels": [0.0, 0.5]},
        "seed": [3, 4],
        "energy": ["physical"],
        "expect": ["cycles_ratio(dense, pruned) >= 1"],
        "explore": {"objectives": ["energy"], "budget": 20},
    }
    assert study_of(json.loads(json.dumps(read.spec)), folder=folder) == read


def test_a_study_that_says_nothing_is_the_comparison_that_hwsim_is_for(study, column):
    read = study()
    assert column(read, "arch", "scheme") == [
        ("sigma", "dense"),
        ("sigma", "binary"),
        ("sigma", "signed-binary"),
    ]
    assert read.spec == {
        "study": "s",
        "model": ["a.npz"],
        "arch": ["sigma"],
        "scheme": ["dense", "binary", "signed-binary"],
    }
    assert (read.notes, read.expectations, read.exploration) == ((), (), None)
    assert [point.request.energy for point in read.points] == [None] * 3


def test_the_name_is_the_files_where_it_says_none(folder):
    (folder / "mine.yaml").write_text("model: a.npz\n")
    assert read_study(folder / "mine.yaml").name == "mine"
    (folder / "mine.yaml").write_text("model: a.npz\nstudy: other\n")
    assert read_study(folder / "mine.yaml").name == "other"


def test_every_option_of_a_request_can_be_said(study, folder):
    (folder / "table.yaml").write_text("")
    options = {
        "topology": "resnet18",
        "input_size": [160, 224],
        "skip": "head*",
        "take": ["a"],
        "transpose": ["b"],
        "unpack": ["c=int4"],
        "tokens": ["16"],
        "inputs": ["x=1x3"],
        "values": ["sr=2"],
        "key": "ema",
        "layout": "keras",
        "layers": "layer1.*",
        "quantize_layers": ["all"],
        "density": "statistical",
    }
    (point,) = study(arch="eyeriss_v2", scheme="dense", **options).points
    assert point.request == Request(
        model=folder / "a.npz",
        arch="eyeriss_v2",
        schemes=("dense",),
        **{**options, "input_size": (160, 224), "take": ("a",)},
    )


def test_a_time_for_programs_is_refused_where_none_runs(study):
    with pytest.raises(InputError, match="timeout_s: changes nothing: no engine of the study runs"):
        study(scheme="dense", timeout_s=5)


def test_engines_and_activations_are_axes(study, folder, column):
    (folder / "zeros.csv").touch()
    read = study(scheme="dense", engine=[None], activations=["measured", "dense", 0.5, "zeros.csv"])
    assert column(read, "engine", "activations") == [
        ("sigma", text) for text in ("measured", "dense", "0.5", "zeros.csv")
    ]
    requests = [point.request for point in read.points]
    assert [each.activations for each in requests] == [
        "measured",
        "dense",
        "0.5",
        folder / "zeros.csv",
    ]
    assert [each.engine for each in requests] == [None] * 4
    read = study(scheme="dense", engine="sigma", activation_density=[0.5, 1])
    assert column(read, "engine", "activations", "activation_density") == [
        ("sigma", None, 0.5),
        ("sigma", None, 1.0),
    ]
    assert [point.request.activation_density for point in read.points] == [0.5, 1.0]
    assert [point.request.engine for point in read.points] == ["sigma", "sigma"]


def test_engines_lie_outside_of_activations_and_those_of_schemes(study, column):
    read = study(engine=[None, "sigma"], activations=["dense", "0.5"], scheme=["dense", "binary"])
    assert column(read, "activations", "scheme") == [
        ("dense", "dense"),
        ("dense", "binary"),
        ("0.5", "dense"),
        ("0.5", "binary"),
    ]
    assert read.notes == ("4 points equal others and stand once, e.g. listed twice",)


def test_machines_files_and_prices_lie_beside_the_study(study, folder):
    (folder / "mine.yaml").write_text("schema: 1\nextends: sigma\nname: mine\n")
    (folder / "prices").write_text(
        "schema: 1\nname: prices\ntitle: t\nprovenance: p\nunit: pJ\narea_unit: um2\nentries: []\n"
    )
    (point,) = study(arch="mine.yaml", scheme="dense", docker=None).points
    assert point.request.arch == folder / "mine.yaml"
    assert point.coordinates["arch"] == "mine.yaml"


def test_files_of_other_folders_are_taken_as_they_are(folder):
    model = folder / "a.npz"
    (point, *_) = study_of({"study": "s", "model": str(model)}, folder="/nowhere").points
    assert point.request.model == model
    assert point.coordinates["model"] == str(model)


def test_without_a_folder_files_are_relative_to_the_working_one(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert study_of({"study": "s", "model": "a.npz"}).points[0].request.model == Path("a.npz")


@pytest.mark.parametrize(("given", "taken"), [("bin/stonne", "bin/stonne"), ("stonne", "stonne")])
def test_a_program_is_a_file_or_a_name_on_the_path(study, folder, monkeypatch, given, taken):
    monkeypatch.setattr(
        "hwsim.studies.request.Request.load_engine",
        lambda request, arch: SimpleNamespace(runs_program=True),
    )
    (point,) = study(scheme="dense", engine="stonne", program=given).points
    assert str(point.request.program) == (str(folder / taken) if "/" in given else taken)
    (point,) = study(scheme="dense", engine="stonne", program=given, docker="image").points
    assert point.request.program == given
