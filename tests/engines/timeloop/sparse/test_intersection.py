"""Operations on two non-zeros, against loops over all operations."""

import itertools

import numpy as np
import pytest

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.density import FixedStructured
from hwsim.engines.timeloop.sparse._intersection import effectual_operations, effectual_share
from hwsim.engines.timeloop.terms.problem import make_problem
from tests.engines.timeloop.sparse.parts import product


def mask(*shape, seed=0):
    return np.random.default_rng(seed).random(shape) < 0.5


def test_a_product_by_hand():
    a = np.array([[1, 0], [1, 1]], dtype=bool)
    b = np.array([[0, 1, 1], [1, 0, 0]], dtype=bool)
    # k = 0: two of A's column meet two of B's row; k = 1: one meets one
    problem = product(2, 3, 2, A=ActualData(a), B=ActualData(b))
    assert effectual_operations(problem, 0, 1) == 5
    assert effectual_operations(problem, 1, 0) == 5


def test_one_known_and_one_without_zeros():
    a = mask(4, 8)
    problem = product(A=ActualData(a))
    assert effectual_operations(problem, 0, 1) == a.sum() * 6
    b = mask(8, 6)
    problem = product(B=ActualData(b))
    assert effectual_operations(problem, 0, 1) == b.sum() * 4


def test_unknown_zeros_are_not_counted():
    assert effectual_operations(product(), 0, 1) is None
    problem = product(A=ActualData(mask(4, 8)), B=FixedStructured(0.5))
    assert effectual_operations(problem, 0, 1) is None
    problem = product(A=FixedStructured(0.5), B=ActualData(mask(8, 6)))
    assert effectual_operations(problem, 0, 1) is None


@pytest.mark.parametrize(("stride", "sign"), [(1, 1), (2, 1), (1, -1), (2, -1)])
def test_windows(stride, sign):
    bounds = {"M": 2, "P": 3, "C": 2, "R": 3, "G": 2}
    shape = 1 + stride * 2 + 2
    weights, inputs = mask(2, 2, 3), mask(2, shape, seed=1)
    problem = make_problem(
        bounds,
        {
            "W": [{"M": 1}, {"C": 1}, {"R": 1}],
            "I": [{"C": 1}, {"P": stride, "R": sign}],
            "O": [{"M": 1}, {"P": 1}, {"G": 1}],
        },
        ["O"],
        {"W": ActualData(weights), "I": ActualData(inputs)},
    )
    offset = 0 if sign > 0 else 2
    met = sum(
        weights[m, c, r] and inputs[c, stride * p + sign * r + offset]
        for m, p, c, r in itertools.product(range(2), range(3), range(2), range(3))
    )
    assert effectual_operations(problem, 0, 1) == met * 2  # for every G


def test_a_window_over_a_known_tensor_beside_one_without_zeros_is_not_a_product():
    problem = make_problem(
        {"P": 3, "R": 2},
        {"W": [{"R": 1}], "I": [{"P": 1, "R": 1}], "O": [{"P": 1}]},
        ["O"],
        {"I": ActualData(np.ones(4, dtype=bool))},
    )
    assert effectual_operations(problem, 0, 1) is None


def test_the_share_of_non_zeros_that_meet_others_is_counted():
    a = np.array([[1, 1, 0, 0], [1, 0, 0, 1]], dtype=bool)
    b = np.array([[1, 1, 1], [0, 0, 0], [1, 0, 0], [0, 0, 1]], dtype=bool)
    problem = product(2, 3, 4, A=ActualData(a), B=ActualData(b))
    # A has 2, 1, 0 and 1 non-zeros along K, B 3, 0, 1 and 1: 7 of 12 meetings
    assert effectual_share(problem, 0, 1, (1, 1)) == 7 / 12
    # tiles of two rows of B: in the upper half all three columns hold one, in the lower two
    assert effectual_share(problem, 0, 1, (2, 1)) == (3 * 3 + 1 * 2) / 12
    # of B's 5 non-zeros: two rows of A that lie in tiles of two by two
    assert effectual_share(problem, 1, 0, (2, 2)) == 1.0
    assert effectual_share(problem, 1, 0, (1, 2)) == (3 * 2 + 2 * 1) / 10
    assert effectual_share(product(2, 3, 4, A=ActualData(a)), 0, 1, (1, 1)) is None
    nothing = product(2, 3, 4, A=ActualData(a & False), B=ActualData(b))
    assert effectual_share(nothing, 0, 1, (1, 1)) == 0.0


@pytest.mark.parametrize("box", [(1, 1, 1), (1, 2, 1), (2, 2, 3), (1, 4, 2)])
def test_shares_with_dimensions_of_one_and_in_any_order(box):
    # the window has one row, so that positions walk the tensor alone
    bounds = {"M": 3, "P": 4, "C": 6, "R": 1, "G": 2}
    weights, inputs = mask(3, 2, 1, 6), mask(2, 4, 6, seed=2)
    problem = make_problem(
        bounds,
        {
            "W": [{"M": 1}, {"G": 1}, {"R": 1}, {"C": 1}],
            "I": [{"G": 1}, {"P": 1, "R": 1}, {"C": 1}],
            "O": [{"M": 1}, {"P": 1}, {"G": 1}],
        },
        ["O"],
        {"W": ActualData(weights), "I": ActualData(inputs)},
    )
    met = total = 0
    for m, g, c, p in itertools.product(range(3), range(2), range(6), range(4)):
        if weights[m, g, 0, c]:
            low = [at // n * n for at, n in zip((g, p, c), box, strict=True)]
            tile = inputs[tuple(slice(a, a + n) for a, n in zip(low, box, strict=True))]
            met += bool(tile.any())
            total += 1
    assert effectual_share(problem, 0, 1, box) == met / total


def test_windows_that_slide_are_counted_point_by_point_only():
    bounds = {"M": 2, "P": 3, "R": 3}
    weights, inputs = mask(2, 3), mask(5, seed=1)
    problem = make_problem(
        bounds,
        {"W": [{"M": 1}, {"R": 1}], "I": [{"P": 1, "R": 1}], "O": [{"M": 1}, {"P": 1}]},
        ["O"],
        {"W": ActualData(weights), "I": ActualData(inputs)},
    )
    met = sum(
        bool(inputs[p + r])
        for m, p, r in itertools.product(range(2), range(3), range(3))
        if weights[m, r]
    )
    assert effectual_share(problem, 0, 1, (1,)) == met / (3 * weights.sum())
    assert effectual_share(problem, 0, 1, (2,)) is None
