"""A study is run, judged, kept as a baseline, and compared with it."""

import pytest

from hwsim.errors import InputError
from hwsim.networks import save_network
from hwsim.studies.checks import check_study
from hwsim.studies.study_run import forecast, run_study
from tests.studies.networks import tiny_network


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "tiny.npz"
    save_network(tiny_network(), path)

    def made(*expect, **others):
        return {
            "study": "tiny",
            "model": str(path),
            "scheme": ["dense", "pruned"],
            "sparsity": 0.5,
            "quantize_layers": "all",
            "energy": "physical",
            **({"expect": list(expect)} if expect else {}),
            **others,
        }

    return made


@pytest.fixture
def store(tmp_path):
    return tmp_path / "x.db"


def states(result):
    return [each.state for each in result.findings]


def test_values_are_those_of_the_study(spec, store):
    measures = ("cycles", "energy", "density", "area", "time", "utilization")
    bounds = ("9e9", "1 J", "1", "9 mm2", "1 s", "1")
    asked = spec(*(f"{name} <= {bound}" for name, bound in zip(measures, bounds, strict=True)))
    result = check_study(asked, store)
    assert states(result) == ["holds"] * 12
    study = run_study(asked, store)
    values = {name: [] for name in measures}
    for each in result.findings:
        values[each.expectation.measure.name].append(each.value)
    assert values["cycles"] == study.points["cycles"].tolist()
    assert values["energy"] == pytest.approx((study.points["energy"] * 1e-12).tolist())
    assert values["density"] == pytest.approx(study.points["density"].tolist())
    assert values["area"] == pytest.approx((study.points["area"] * 1e-6).tolist())
    # SIGMA's clock is 500 MHz.
    assert values["time"] == pytest.approx((study.points["cycles"] / 5e8).tolist())
    layers = study.layers.assign(busy=study.layers["utilization"] * study.layers["cycles"])
    sums = layers.groupby("point")[["busy", "cycles"]].sum()
    assert values["utilization"] == pytest.approx((sums["busy"] / sums["cycles"]).tolist())
    assert result.provenance == study.entry.provenance | {"command": None}


def test_ratios_are_those_of_the_study(spec, store):
    result = check_study(spec("energy_ratio >= 1", "cycles_ratio(dense, pruned) >= 1"), store)
    points = run_study(spec(), store).points
    assert [each.value for each in result.findings] == pytest.approx(
        [points["energy_ratio"][1], points["cycles_ratio"][1]]
    )


def test_a_check_beside_its_own_baseline(spec, store, tmp_path):
    path = tmp_path / "baseline.json"
    asked = spec("cycles == baseline", "energy == baseline", "edp_ratio >= baseline")
    first = check_study(asked, store, makes_baseline=True)
    assert states(first) == ["new"] * 5
    first.save_baseline(path)
    second = check_study(asked, store, against=path)
    assert states(second) == ["holds"] * 5
    assert second.notes == ("no sparsity to set, evaluated without: dense",)
    more = {**asked, "scheme": ["dense", "pruned", "binary"]}
    third = check_study(more, store, against=path)
    assert states(third) == [
        *("holds", "holds", "error"),
        *("holds", "holds", "error"),
        *("holds", "error"),
    ]
    third = check_study(more, store, against=path, new=["scheme=binary", "scheme=dense"])
    assert sorted(states(third)) == ["holds"] * 5 + ["new"] * 3
    assert third.notes[1:] == ("--new 'scheme=dense' is of nothing that the baseline has not",)


def test_what_differs_from_the_baseline_is_noted(spec, store, tmp_path):
    path = tmp_path / "baseline.json"
    check_study(spec(), store, makes_baseline=True).save_baseline(path)
    save_network(tiny_network(quantized_layers=None), tmp_path / "other.npz")
    asked = spec("cycles <= 1 at scheme=dense", scheme="dense", model=str(tmp_path / "other.npz"))
    del asked["sparsity"]
    notes = check_study(asked, store, against=path).notes
    # The name of the file is no axis that varies, but a coordinate: other points altogether.
    assert notes == (
        "the baseline is of other weights of tiny",
        "2 of the baseline's points are not in the study",
        f"no expectation refers to the baseline {path}",
    )


def test_what_is_refused_before_anything_is_evaluated(spec, store, tmp_path):
    asked = spec("cycles <= baseline")
    for wrong, options, problem in (
        (spec(), {}, "study 'tiny' expects nothing; list it under 'expect'"),
        (
            asked,
            {},
            "study: 'cycles <= baseline' refers to a baseline; give one with --against, or make "
            "one with --write-baseline",
        ),
        (
            asked,
            {"against": "nosuch.json"},
            "nosuch.json: no such baseline; --write-baseline makes one",
        ),
        (
            spec("cycles <= 1 for blok.*"),
            {},
            "study: 'cycles <= 1 for blok.*': no layer of tiny matches 'blok.*'; known: "
            "block.conv1, block.conv2, block.depthwise, fc, stem",
        ),
        (
            spec("cycles <= 1"),
            {"new": ["schem=a"]},
            "--new 'schem=a': no coordinate 'schem'; did you mean 'scheme'?",
        ),
    ):
        with pytest.raises(InputError) as caught:
            check_study(wrong, store, **options)
        assert str(caught.value) == problem
    assert not store.exists() or forecast(asked, store).known == 0


def test_a_layer_that_failed_cannot_be_evaluated(spec, store, monkeypatch):
    from hwsim.engines import Engine
    from hwsim.engines.stonne.sigma import SigmaEngine

    simulate_all = SigmaEngine.simulate_all

    def failing(self, workloads, arch):
        if any(workload.layer == "fc" for workload in workloads):
            raise RuntimeError("no room")
        return simulate_all(self, workloads, arch)

    monkeypatch.setattr(SigmaEngine, "simulate_all", failing)
    monkeypatch.setattr(SigmaEngine, "simulate_alike", Engine.simulate_alike)
    result = check_study(spec("cycles >= 1", "cycles >= 1 for block.*"), store)
    assert states(result) == ["error", "error", "holds", "holds"]
    assert "layer 'fc' failed: " in result.findings[0].reason
    assert "no room" in result.findings[0].reason
    with pytest.raises(InputError, match=r"not written: point 0, layer 'fc' failed: "):
        result.save_baseline("nowhere.json")


def test_plain_values(spec, store):
    document = check_study(spec("cycles <= 1 at scheme=dense"), store).to_dict()
    assert document["states"] == {"error": 0, "fails": 1, "new": 0, "holds": 0}
    (found,) = document["findings"]
    assert found["margin"] == 1 - found["value"]
    assert (found["expectation"], found["place"], found["where"], found["state"]) == (
        *("cycles <= 1 at scheme=dense", "study", "scheme=dense", "fails"),
    )
