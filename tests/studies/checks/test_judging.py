"""Findings: what holds, fails, cannot be evaluated or is new."""

import pytest

from hwsim.errors import InputError
from hwsim.studies.checks.declared import Declared
from hwsim.studies.checks.judging import Judge
from hwsim.studies.checks.known import KnownPoint
from hwsim.studies.expectations import parse_expectation, subjects_of

PLACES = [
    {"num_ms": 64, "scheme": "dense", "sparsity": None, "seed": None},
    {"num_ms": 64, "scheme": "pruned", "sparsity": 0.5, "seed": 0},
    {"num_ms": 128, "scheme": "dense", "sparsity": None, "seed": None},
    {"num_ms": 128, "scheme": "pruned", "sparsity": 0.5, "seed": 0},
]
KNOWN = KnownPoint("n", "m", ("a", "b"), 5e8, {"physical": "pJ", "stonne": None})


@pytest.fixture
def judged(figures):
    """Judge a text: dense takes 12 and 6 units of everything, pruned 4 and 3."""

    def told(text, former=None, new=(), scales=(12, 4, 6, 3), changed=None, known=KNOWN):
        points = [figures(scale, dict(place)) for scale, place in zip(scales, PLACES, strict=True)]
        for number, fields in (changed or {}).items():
            points[number] = points[number].model_copy(update=fields)
        judge = Judge(PLACES, [known] * 4, points, former, Declared(new, list(PLACES[0])))
        expectation = parse_expectation(text)
        return judge.findings(expectation, subjects_of(expectation, PLACES, "dense"))

    return told


def facts(findings):
    return [(each.state, each.where, each.value, each.bound, each.unit) for each in findings]


def test_a_value_holds_or_fails(judged):
    assert facts(judged("cycles <= 2400")) == [
        ("fails", "num_ms=64, scheme=dense", 4800, 2400, ""),
        ("holds", "num_ms=64, scheme=pruned, sparsity=0.5, seed=0", 1600, 2400, ""),
        ("holds", "num_ms=128, scheme=dense", 2400, 2400, ""),
        ("holds", "num_ms=128, scheme=pruned, sparsity=0.5, seed=0", 1200, 2400, ""),
    ]
    assert [each.margin for each in judged("cycles <= 2400")] == [-1, pytest.approx(1 / 3), 0, 0.5]


def test_layers_together_and_by_themselves(judged):
    assert [each.value for each in judged("cycles(dense) <= 1 for b")] == [3600, 1800]
    assert [
        (each.where, each.value) for each in judged("cycles <= 1 at num_ms=128 for each a, b")
    ] == [
        ("num_ms=128, scheme=dense, layer a", 600),
        ("num_ms=128, scheme=dense, layer b", 1800),
        ("num_ms=128, scheme=pruned, sparsity=0.5, seed=0, layer a", 300),
        ("num_ms=128, scheme=pruned, sparsity=0.5, seed=0, layer b", 900),
    ]


def test_a_value_is_in_the_unit_of_its_bound(judged):
    (found,) = judged("energy(dense) <= 20 nJ at num_ms=128, energy_table=physical")
    assert facts([found]) == [("fails", "num_ms=128, scheme=dense, by physical", 24.0, 20.0, "nJ")]
    (found,) = judged("density(dense) <= 40 % at num_ms=64")
    assert (found.state, found.value, found.unit) == ("holds", 40.0, "%")


def test_every_table_is_asked(judged):
    found = judged("energy_ratio(dense, pruned) > 1")
    assert [(each.where.split(", ")[-1], each.value, each.state) for each in found] == [
        ("by physical", 3.0, "holds"),
        ("by stonne", 1.0, "fails"),
        ("by physical", 2.0, "holds"),
        ("by stonne", 1.0, "fails"),
    ]
    one = KnownPoint("n", "m", ("a", "b"), 5e8, {"physical": "pJ"})
    (found, _) = judged("energy(dense) >= 1 pJ", known=one)
    assert found.where == "num_ms=64, scheme=dense"


def test_ratios(judged):
    assert [each.value for each in judged("cycles_ratio >= 2")] == [3.0, 2.0]
    found = judged("edp_ratio >= 2 at energy_table=physical for a")
    assert [(each.value, each.unit) for each in found] == [(9.0, ""), (4.0, "")]
    assert [each.value for each in judged("cycles_ratio(pruned, dense) <= 1")] == [1 / 3, 0.5]


def test_the_level_of_the_other_point_is_said(judged):
    found = judged("cycles_ratio(pruned, dense) <= 1 at num_ms=64")
    assert [each.where for each in found] == [
        "num_ms=64, scheme=dense, against sparsity=0.5, against seed=0"
    ]


def test_what_has_no_value_cannot_be_evaluated(judged):
    lacking = {"layers": {}, "lacking": {"a": "failed: out of room", "b": "is not done"}}
    found = judged("cycles_ratio >= 2", changed={2: lacking})
    assert [(each.state, each.value, each.bound, each.reason) for each in found] == [
        ("holds", 3.0, 2.0, ""),
        ("error", None, None, "layer 'a' failed: out of room"),
    ]
    (found,) = judged("cycles_ratio >= 2 at num_ms=64", scales=(12, 0, 6, 3))
    assert found.reason == "cycles_ratio is not defined: cycles is 0"
    found = judged("utilization >= 0 at scheme=pruned", scales=(12, 0, 6, 3))
    assert [each.reason for each in found] == [
        "utilization is not defined: nothing was counted",
        "",
    ]
    (found,) = judged("area <= 1 at energy_table=physical, num_ms=64, scheme=dense")
    assert (found.state, found.value, found.unit) == ("error", 2e6, "um2")
    assert found.reason == "um2 cannot be compared with a number without unit"
    assert found.margin is None


@pytest.fixture
def former(figures):
    def made(*scales, **changed):
        return [
            None if scale is None else figures(scale, dict(place), **changed)
            for scale, place in zip(scales, PLACES, strict=True)
        ]

    return made


def test_a_baseline_is_multiplied(judged, former):
    found = judged("cycles <= baseline * 1.5", former(8, 8, 4, 1))
    assert [(each.state, each.value, each.bound) for each in found] == [
        ("holds", 4800, 4800),
        ("holds", 1600, 4800),
        ("holds", 2400, 2400),
        ("fails", 1200, 600),
    ]
    found = judged("cycles_ratio >= baseline", former(8, 4, 4, 1))
    assert [(each.state, each.value, each.bound) for each in found] == [
        ("holds", 3.0, 2.0),
        ("fails", 2.0, 4.0),
    ]
    (found,) = judged(
        "energy(dense) <= baseline at num_ms=64, energy_table=physical for a", former(12, 1, 1, 1)
    )
    assert (found.state, found.value, found.bound, found.unit) == ("holds", 12e3, 12e3, "pJ")


def test_what_the_baseline_has_not_cannot_be_evaluated_unless_it_is_declared(judged, former):
    asked = former(12, None, 6, 3)
    reason = "the baseline has no such point"
    told = f"{reason}; declare it with --new, or make a new one"
    found = judged("cycles <= baseline", asked)
    assert [(each.state, each.bound) for each in found] == [
        *(("holds", 4800), ("error", None)),
        *(("holds", 2400), ("holds", 1200)),
    ]
    assert (found[1].reason, found[1].value) == (told, 1600)
    found = judged("cycles <= baseline", asked, new=["num_ms=128", "scheme=prun*, num_ms=64"])
    assert (found[1].state, found[1].reason) == ("new", reason)
    assert judged("cycles <= baseline", asked, new=["scheme=pruned, num_ms=128"])[1].reason == told
    # Either point of a ratio may be the one that lacks.
    assert judged("cycles_ratio(pruned, dense) >= baseline", asked)[0].state == "error"
    assert judged("cycles_ratio(dense, pruned) >= baseline", asked)[0].state == "error"


def test_layers_that_the_baseline_has_not(judged, former, figures):
    alone = {"layers": {"a": figures().model_dump()["layers"]["a"]}}
    found = judged("cycles <= baseline", former(12, 4, 6, 3, **alone))
    assert {each.reason for each in found} == {
        "the baseline has no layer b; declare it with --new, or make a new one"
    }
    found = judged("cycles <= baseline", former(12, 4, 6, 3, **alone), new=["layer=b"])
    assert {each.state for each in found} == {"new"}
    found = judged("cycles <= baseline", former(12, 4, 6, 3, **alone), new=["layer=a"])
    assert {each.state for each in found} == {"error"}
    found = judged("cycles >= baseline for a", former(12, 4, 6, 3, **alone))
    assert {each.state for each in found} == {"holds"}


def test_layers_that_only_the_baseline_has(judged, former, figures):
    more = {"layers": {**figures().model_dump()["layers"], "c": figures().layers["a"]}}
    found = judged("cycles <= baseline", former(12, 4, 6, 3, **more))
    assert {each.reason for each in found} == {"the baseline is of layers more: c"}
    found = judged("cycles >= baseline for *", former(12, 4, 6, 3, **more))
    assert {each.state for each in found} == {"holds"}


def test_tables_that_the_baseline_has_not(judged, former, figures):
    fewer = {"prices": {"physical": figures().model_dump()["prices"]["physical"]}}
    asked = former(12, 4, 6, 3, **fewer)
    found = judged("energy(dense) >= baseline", asked)
    assert [(each.state, each.reason) for each in found[:2]] == [
        ("holds", ""),
        (
            "error",
            "the baseline has no prices by stonne; declare it with --new, or make a new one",
        ),
    ]
    found = judged("energy(dense) >= baseline", asked, new=["energy_table=stonne"])
    assert [each.state for each in found[:2]] == ["holds", "new"]


def test_another_unit_of_the_baseline(judged, former, figures):
    prices = figures().model_dump()["prices"]
    prices["physical"].update(energy_unit="nJ", energy={"a": 12.0, "b": 36.0})
    found = judged(
        "energy(dense) <= baseline at energy_table=physical, num_ms=64",
        former(12, 4, 6, 3, prices=prices),
    )
    assert facts(found) == [("holds", "num_ms=64, scheme=dense, by physical", 48e3, 48e3, "pJ")]


def test_without_a_baseline_everything_is_new(judged):
    found = judged("cycles <= baseline")
    assert {(each.state, each.bound, each.reason) for each in found} == {
        ("new", None, "the baseline is being written")
    }


def test_declarations_are_checked():
    for text, problem in (
        ("num_m=3", "--new 'num_m=3': no coordinate 'num_m'; did you mean 'num_ms'?"),
        (
            "num_ms",
            "'num_ms': expected a comparison after num_ms, as in num_ms=128. The text ends there",
        ),
    ):
        with pytest.raises(InputError) as caught:
            Declared([text], ["num_ms"])
        assert str(caught.value) == problem


def test_declarations_that_nothing_needed():
    declared = Declared(["scheme=a", "scheme=b", "layer=c"], ["scheme"])
    assert declared.covers({"scheme": "a"}, ["x"], None)
    assert not declared.covers({"scheme": "d"}, ["c", "x"], None)
    assert declared.unused == ["scheme=b", "layer=c"]
    assert declared.covers({"scheme": "d"}, ["c"], None)
    assert declared.unused == ["scheme=b"]
