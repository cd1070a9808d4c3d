"""Which points an expectation is about, and what a ratio compares."""

import pytest

from hwsim.errors import InputError
from hwsim.studies.expectations import Condition, parse_expectation, subjects_of


def points(*rows, axes=("num_ms", "scheme", "sparsity", "seed")):
    return [dict(zip(axes, row, strict=True)) for row in rows]


#: Two sizes; dense, one ternary of a fixed share, and pruned at two levels of two seeds.
SWEEP = points(
    *(
        (size, scheme, *weights)
        for size in (64, 128)
        for scheme, weights in (
            ("dense", (None, None)),
            ("ternary:sparsity=0.9", (0.9, None)),
            ("pruned:method=random", (0.5, 0)),
            ("pruned:method=random", (0.5, 1)),
            ("pruned:method=random", (0.75, 0)),
            ("pruned:method=random", (0.75, 1)),
        )
    )
)


def subjects(text, places=SWEEP, baseline="dense"):
    found = subjects_of(parse_expectation(text), places, baseline)
    return [each.point if each.over is None else (each.over, each.point) for each in found]


def refusal(text, places=SWEEP, baseline="dense"):
    with pytest.raises(InputError) as caught:
        subjects(text, places, baseline)
    return str(caught.value)


def test_points():
    assert subjects("cycles <= 1") == list(range(12))
    assert subjects("cycles(dense) <= 1") == [0, 6]
    assert subjects("cycles <= 1 at num_ms=128, sparsity=0.75") == [10, 11]
    assert subjects("cycles <= 1 at sparsity>=0.75") == [1, 4, 5, 7, 10, 11]
    assert subjects("cycles <= 1 at sparsity<0.75, num_ms=64") == [2, 3]
    assert subjects("cycles <= 1 at sparsity=none") == [0, 6]
    assert subjects("cycles <= 1 at sparsity=none|0.9, num_ms<=64") == [0, 1]
    assert subjects("cycles <= 1 at scheme=t*|dense, num_ms>64") == [6, 7]
    assert subjects("cycles <= 1 at seed!=0") == [3, 5, 9, 11]
    assert subjects("energy <= 1 at energy_table=stonne") == list(range(12))


def test_schemes_are_known_as_listed_as_they_are_or_by_name():
    for name in ("pruned:method=random", "pruned: method=random", "pruned"):
        assert subjects(f"cycles({name}) <= 1 at num_ms=64") == [2, 3, 4, 5]
    several = points((64, "pruned:scope=layer", 0.5, None), (64, "pruned:scope=network", 0.5, None))
    assert subjects("cycles(pruned:scope=layer) <= 1", several) == [0]
    assert refusal("cycles(pruned) <= 1 at num_ms=64", [*several[1:], *SWEEP]) == (
        "several schemes are 'pruned': pruned:scope=network, pruned:method=random; name one whole"
    )
    assert refusal("cycles(pruned:method=magnitude) <= 1") == (
        "no scheme 'pruned:method=magnitude' in the study; did you mean 'pruned:method=random'?"
    )
    assert refusal("cycles(nosuch:a=b) <= 1").startswith("no scheme 'nosuch:a=b' in the study")


def test_a_ratio_is_on_one_machine_of_one_level():
    assert subjects("energy_ratio(dense, pruned) <= 1 at seed=1") == [
        *((0, 3), (0, 5)),
        *((6, 9), (6, 11)),
    ]
    # One level is compared with all, and the baseline is the other scheme if none is named.
    against = [(1, number) for number in (2, 3, 4, 5)] + [(7, number) for number in (8, 9, 10, 11)]
    assert subjects("energy_ratio(ternary, pruned) <= 1") == against
    assert subjects("energy_ratio(pruned, ternary) <= 1") == [
        (above, below) for below, above in against
    ]
    assert subjects("energy_ratio(ternary) <= 1") == [(0, 1), (6, 7)]
    assert subjects("energy_ratio <= 1 at num_ms=64") == [(0, number) for number in range(1, 6)]
    assert subjects("energy_ratio <= 1 at scheme=ternary*") == [(0, 1), (6, 7)]


def test_a_ratio_of_two_sweeps_joins_their_levels():
    sweeps = points(
        *((64, "a", level, seed) for level in (0.5, 0.75) for seed in (0, 1)),
        *((64, "b", level, None) for level in (0.5, 0.75, 0.9)),
    )
    assert subjects("cycles_ratio(a, b) >= 1", sweeps) == [(0, 4), (1, 4), (2, 5), (3, 5)]
    assert subjects("cycles_ratio(a, b) >= 1 at seed=0", sweeps) == [(0, 4), (2, 5)]
    assert subjects("cycles_ratio(a, b) >= 1 at sparsity>0.5", sweeps) == [(2, 5), (3, 5)]
    assert subjects("cycles_ratio(b, a) >= 1", sweeps) == [(4, 0), (4, 1), (5, 2), (5, 3)]
    # The level of either point counts; an equal one is preferred to others.
    one = points((64, "a", 0.5, None), (64, "b", 0.5, None), (64, "b", 0.75, None))
    assert subjects("cycles_ratio(b, a) >= 1", one) == [(1, 0)]
    assert subjects("cycles_ratio(a, b) >= 1", one) == [(0, 1), (0, 2)]
    assert subjects("cycles_ratio(a, b) >= 1 at sparsity=0.5", one) == [(0, 1)]


def test_what_matches_nothing():
    assert refusal("cycles <= 1 at num_mss=3") == (
        "no coordinate 'num_mss'; did you mean 'num_ms'?"
    )
    assert refusal("cycles <= 1 at num_ms=3").startswith("no point has num_ms=3; known: 64, 128")
    assert refusal("cycles <= 1 at sparsity=0.8") == (
        "no point has sparsity=0.8; known: 0.5, 0.75, 0.9"
    )
    assert refusal("cycles <= 1 at scheme=dens") == (
        "no point has scheme=dens; did you mean 'dense'?"
    )
    assert refusal("cycles <= 1 at num_ms=none") == "no point has num_ms=none; known: 64, 128"
    assert refusal("cycles <= 1 at num_ms=64, num_ms=128") == (
        "no point at num_ms=64, num_ms=128 in the study"
    )
    assert refusal("cycles(dense) <= 1 at seed>1") == "no point of dense at seed>1 in the study"
    assert refusal("cycles <= 1 at energy_table=x") == (
        "cycles does not depend on the energy_table"
    )
    assert refusal("cycles <= 1 at scheme>1") == "scheme is no number, so that nothing is scheme>1"
    assert refusal("cycles_ratio(dense, pruned) <= 1 at num_ms>999") == (
        "no point of dense and pruned:method=random at num_ms>999 in the study"
    )
    assert refusal("cycles_ratio(pruned, pruned) <= 1") == (
        "compares 'pruned:method=random' with itself; name another scheme"
    )
    assert refusal("cycles_ratio(pruned) <= 1", baseline=None) == (
        "the study has no baseline; name two schemes, as in (dense, pruned)"
    )


def test_a_condition_as_text():
    assert str(Condition("num_ms", "=", ("64", "128"))) == "num_ms=64|128"


def test_shares_may_be_texts():
    places = points(
        ("0.6", "dense", None, None),
        ("dense", "dense", None, None),
        axes=("activations", "scheme", "sparsity", "seed"),
    )
    assert subjects("cycles <= 1 at activations=0.6", places) == [0]
    assert refusal("cycles <= 1 at activations>=0.6", places) == (
        "activations is no number, so that nothing is activations>=0.6"
    )


def test_numbers_are_told_in_full():
    places = points((1234567, "dense", None, None))
    assert refusal("cycles <= 1 at num_ms=3", places) == "no point has num_ms=3; known: 1234567"
