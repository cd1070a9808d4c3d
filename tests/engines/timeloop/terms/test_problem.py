"""Where windows slide over a tensor."""

import pytest

from hwsim.engines.timeloop.terms.problem import make_problem


@pytest.mark.parametrize(
    ("ranks", "bounds", "slides"),
    [
        ([{"P": 1}, {"C": 1}], {"P": 4, "R": 3, "C": 2}, False),
        ([{"P": 1, "R": 1}], {"P": 4, "R": 3, "C": 2}, True),
        ([{"P": 1, "R": 1}], {"P": 4, "R": 1, "C": 2}, False),
        ([{"P": 1, "R": 1}], {"P": 1, "R": 3, "C": 2}, False),
        ([{"P": 2}], {"P": 4, "R": 1, "C": 2}, True),  # leaves gaps
        ([{"P": 2}], {"P": 1, "R": 1, "C": 2}, False),
        ([{"P": -1}], {"P": 4, "R": 1, "C": 2}, True),  # runs backwards
        ([{"C": 1}, {"C": 1}], {"P": 4, "R": 1, "C": 2}, True),  # a diagonal
    ],
)
def test_blocks_that_overlap_or_leave_gaps(ranks, bounds, slides):
    problem = make_problem(bounds, {"I": ranks, "O": [{"P": 1}]}, ["O"])
    assert problem.data_spaces[0].slides(problem.bounds) is slides
