import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.schemes import detection, trained_forms
from hwsim.schemes.detection import forms_of_layers
from tests.schemes.networks import laplace, weights


@pytest.mark.parametrize(
    ("weight", "forms"),
    [
        ([[1, -1, 1], [-2, 2, 2]], ("binary", "ternary")),
        ([[1, 0, 1], [0, -2, -2]], ("signed-binary", "ternary")),
        ([[1, 0, -1], [0, 2, 2]], ("ternary",)),
        ([[1, 1, 1], [-2, -2, -2]], ("binary", "signed-binary", "ternary")),
        ([[0, 0, 0], [0, 0.3, 0.3]], ("signed-binary", "ternary")),
        ([[1, 0.5, 1], [1, 1, 1]], ()),
        ([[1, 1, 1], [1, 0.5, 1]], ()),
        ([[1, 1, 1]] * 20 + [[1, 1, 0.5]], ()),
        ([[0, 0, 0], [0, 0, 0]], ()),
        # One weight a filter is of every form, and proves none, unless magnitudes repeat.
        ([[0.3], [0.7], [-0.2]], ()),
        ([[1], [1], [-1]], ("binary", "signed-binary", "ternary")),
        ([[0.3, 0, 0], [0, -0.7, 0]], ()),
    ],
)
def test_forms(weight, forms):
    assert trained_forms(np.array(weight, dtype=np.float32)) == forms


def test_magnitudes_are_compared_exactly():
    weight = np.full((2, 4), 0.1, dtype=np.float32)
    weight[1, 3] = np.nextafter(weight[1, 3], np.float32(1))
    assert trained_forms(weight) == ()


def test_float_weights():
    assert trained_forms(laplace(64, 64, 3, 3)) == ()


@given(weights(st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 2.0**-149])))
def test_equals_a_look_at_each_filter(weight):
    rows = weight.reshape(len(weight), -1)
    signed = [{float(w) for w in row if w} for row in rows]
    one_magnitude = all(len({abs(w) for w in values}) <= 1 for values in signed)
    shared = np.count_nonzero(rows) > len({abs(w) for values in signed for w in values})
    expected = []
    if one_magnitude and shared:
        expected += ["binary"] * bool(np.all(rows))
        expected += ["signed-binary"] * all(len(values) <= 1 for values in signed)
        expected += ["ternary"]
    assert trained_forms(weight) == tuple(expected)


@given(st.integers(0, 2**16))
def test_random_filters_are_never_taken_for_trained(seed):
    assert trained_forms(laplace(4, 5, seed=seed)) == ()


def test_what_was_looked_at_leaves_memory(monkeypatch):
    gone = []
    monkeypatch.setattr(detection, "let_go", gone.append)
    floats, trained = laplace(4, 5), np.float32([[1, -1, 1], [2, -2, -2]])
    assert forms_of_layers([floats, trained, floats]) == [(), ("binary", "ternary"), ()]
    assert [id(each) for each in gone] == [id(trained)]  # of floats the extremes tell
    assert forms_of_layers([]) == []
