"""The fewest non-zeros of a tile as Timeloop finds them: right, or with its faults."""

import numpy as np
import pytest

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.banded_density import Banded
from hwsim.engines.timeloop.density.density import FixedStructured, Hypergeometric
from hwsim.engines.timeloop.density.least_occupancy import least_to_timeloop


@pytest.mark.parametrize(
    ("density", "box", "expected"),
    [
        (FixedStructured(0.5), (4, 4), 8),
        (FixedStructured(0.0), (4, 4), 0),
        (FixedStructured(1.0), (49,), 49),
        (FixedStructured(1 / 49), (49,), 0),  # 1 / 49 * 49 is less than 1
        (Hypergeometric(0.5, 64), (8,), 0),
        (Hypergeometric(1.0, 64), (64,), 64),
        (Hypergeometric(1.0, 64), (8,), 0),  # 8 - 64 has no sign: 2^64 - 56
        (Hypergeometric(0.9, 10_000), (2_000,), 0),
        (Banded(7).of_tensor((8, 8)), (8, 8), 64),
        (ActualData(np.eye(4, dtype=bool)), (2, 2), 0),
    ],
)
def test_how_few(density, box, expected):
    assert least_to_timeloop(density, box) == expected


def test_what_cannot_be_held():
    """2^64 over 49 times 49 is less than 2^64: more than any tile holds, and not 0."""
    assert least_to_timeloop(Hypergeometric(1.0, 98), (49,)) > 2**63
