"""The point that ratios are relative to."""

import pytest


def _pairs(study):
    def number(point):
        return None if point is None else point.number

    return [number(study.baseline_of(point)) for point in study.points]


def test_it_is_the_dense_scheme_on_the_same_machine(study):
    read = study(set={"num_ms": [64, 128]}, scheme=["pruned", "dense"], sparsity=[0.5, 0.6])
    assert read.baseline == "dense"
    assert _pairs(read) == [2, 2, 2, 5, 5, 5]


def test_it_is_the_one_of_the_same_level_and_seed_where_there_are_several(study):
    scheme, other = "pruned:method=random", "pruned:method=random,scope=network"
    read = study(scheme=[scheme, other], sparsity=[0.5, 0.6], seed=[0, 1], baseline=scheme)
    assert _pairs(read) == [0, 1, 2, 3, 0, 1, 2, 3]


def test_another_can_be_said_in_any_wording(study):
    read = study(scheme=["dense", "signed-binary:p=0.50"], baseline="signed_binary")
    assert read.baseline == "signed-binary:p=0.50"
    assert _pairs(read) == [1, 1]


def test_there_is_none_without_a_dense_scheme_or_its_point(study):
    read = study(scheme=["binary", "ternary"])
    assert read.baseline is None
    assert _pairs(read) == [None, None]
    read = study(
        scheme=["dense", "binary"],
        set={"num_ms": [64, 128]},
        exclude=[{"num_ms": 64, "scheme": "dense"}],
    )
    assert _pairs(read) == [None, 1, 1]


@pytest.mark.parametrize("scheme", ["dense", "dense "])
def test_dense_is_known_by_what_it_is(study, scheme):
    assert study(scheme=["binary", scheme]).baseline == scheme
