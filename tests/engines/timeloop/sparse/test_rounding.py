"""Timeloop's rounding, and none where zeros are known."""

import numpy as np
import pytest

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.density import FixedStructured
from hwsim.engines.timeloop.sparse.rounding import TIMELOOP, Rounding, settled
from tests.engines.timeloop.sparse.parts import product


def test_counts_are_rounded_where_only_densities_are_known():
    assert Rounding.of(product(A=FixedStructured(0.5))) == TIMELOOP
    assert (TIMELOOP.down(3.9), TIMELOOP.up(3.1)) == (3, 4)
    assert (TIMELOOP.share(0.1234565), TIMELOOP.share(0.1234564)) == (0.123457, 0.123456)


def test_averages_over_instances_stay_where_zeros_are_known():
    exact = Rounding.of(product(B=ActualData(np.eye(8, 6, dtype=bool))))
    assert (exact.down(3.9), exact.up(3.1), exact.share(0.12345678)) == (3.9, 3.1, 0.12345678)
    assert (exact.down(2.9999999999999996), exact.up(3.0000000000000004)) == (3, 3)


@pytest.mark.parametrize(
    ("count", "found"),
    [(960.0000000000001, 960), (960.00001, 960.00001), (1e13 + 0.5, 10**13), (0.5e-12, 0),
     (2e-12, 2e-12), (41.75, 41.75)],
)  # fmt: skip
def test_only_what_doubles_miss_is_taken_for_whole(count, found):
    assert settled(count) == found
