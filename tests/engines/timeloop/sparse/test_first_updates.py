"""Results that are updated while they first stay, by hand."""

import numpy as np
import pytest

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.density import FixedStructured, Hypergeometric
from hwsim.engines.timeloop.sparse._first_updates import first_update_share
from hwsim.engines.timeloop.terms.problem import make_problem
from tests.engines.timeloop.sparse.parts import extents, product

A, B, Z = range(3)
M, N, K = range(3)
#: Two rows of four: non-zeros at 0, and at 2 and 3.
ROWS = np.array([[1, 0, 0, 0], [0, 0, 1, 1]], dtype=bool)


def share(loops, conditions=(A, B), level=0, **densities):
    problem = product(2, 3, 4, **(densities or {"A": ActualData(ROWS)}))
    return first_update_share(problem, loops, Z, level, conditions)


def test_a_result_stays_while_loops_that_do_not_walk_it_run():
    # all of K inside the level, or right outside: both rows get an update
    assert share(extents(3, [(K, 4)], [(M, 2), (N, 3)])) == 1.0
    assert share(extents(3, [], [(K, 4), (M, 2), (N, 3)])) == 1.0


def test_loops_outside_of_those_that_walk_it_bring_it_back_later():
    # the first stay has the first half of K, or a quarter: row 0 alone
    assert share(extents(3, [(K, 2), (M, 2)], [(N, 3), (K, 2)])) == 0.5
    assert share(extents(3, [(M, 2)], [(N, 3), (K, 4)])) == 0.5
    # loops of the level itself and spatial ones that walk it do not end the stay
    assert share(extents(3, [(N, 3), (K, 2)], [(M, 2, "x"), (K, 2)])) == 1.0
    assert share(extents(3, [(K, 2)], [(N, 3), (M, 2, "x"), (K, 2)])) == 0.5


def test_instances_update_results_of_their_own():
    # of each row one half of K is empty, and lies in an instance of its own
    assert share(extents(3, [(K, 2)], [(K, 2, "x"), (M, 2), (N, 3)])) == 0.5
    # inside the level lanes share the result
    assert share(extents(3, [(K, 2, "x"), (K, 2)], [(M, 2), (N, 3)])) == 1.0


def test_both_known():
    columns = np.array([[0, 1, 0], [1, 1, 0], [1, 1, 0], [1, 1, 0]], dtype=bool)
    # row 0 meets column 1 alone, row 1 columns 0 and 1: three of six
    loops = extents(3, [(K, 4)], [(M, 2), (N, 3)])
    assert share(loops, A=ActualData(ROWS), B=ActualData(columns)) == 0.5
    # the first half of K: row 0 and column 1
    loops = extents(3, [(K, 2), (M, 2)], [(N, 3), (K, 2)])
    assert share(loops, A=ActualData(ROWS), B=ActualData(columns)) == pytest.approx(1 / 6)
    # instances: row 0 meets column 1 in the first, row 1 columns 0 and 1 in the second
    loops = extents(3, [(K, 2)], [(K, 2, "x"), (M, 2), (N, 3)])
    assert share(loops, A=ActualData(ROWS), B=ActualData(columns)) == 3 / 12


def test_one_known_beside_a_density():
    loops = extents(3, [(K, 4)], [(M, 2), (N, 3)])
    half = Hypergeometric(0.5)
    one, two = (1 - half.of_tensor((4, 3)).empty((n,)) for n in (1, 2))
    found = share(loops, A=ActualData(ROWS), B=half)
    assert found == pytest.approx((one + two) / 2)
    # a condition that is not there does not count
    assert share(loops, (A,), A=ActualData(ROWS), B=half) == 1.0


def test_nothing_known_and_windows():
    loops = extents(3, [(K, 4)], [(M, 2), (N, 3)])
    assert share(loops, A=FixedStructured(0.5)) is None
    assert share(loops, (B,)) is None
    problem = make_problem(
        {"P": 3, "R": 2},
        {"W": [{"R": 1}], "I": [{"P": 1, "R": 1}], "O": [{"P": 1}]},
        ["O"],
        {"I": ActualData(np.ones(4, dtype=bool))},
    )
    assert first_update_share(problem, extents(2, [(1, 2)], [(0, 3)]), 2, 0, (1,)) is None
