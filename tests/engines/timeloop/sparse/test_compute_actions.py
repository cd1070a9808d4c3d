"""Operations by the states of their operands, of 1000 with densities 1/2 and 1/4."""

import numpy as np
import pytest

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.density import FixedStructured
from hwsim.engines.timeloop.sparse.compute_actions import split_operations
from hwsim.engines.timeloop.sparse.propagation import ComputeEffect
from hwsim.engines.timeloop.terms.problem import make_problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError
from tests.engines.timeloop.sparse.parts import compressed, compute, product, tile


def split(
    a=None, b=None, saved=(None, None, None), gates=False, skips=False, problem=None, skipped=()
):
    units = compute(1000)
    split_operations(
        problem or product(A=FixedStructured(0.5), B=FixedStructured(0.25)),
        [[tile(0), tile(representation=a)], [tile(representation=b)], [tile()]],
        units,
        SparseOptimizations(compute_gates=gates, compute_skips=skips),
        ComputeEffect(list(saved)),
        position_skipped=skipped,
    )
    return tuple(units.counts[f"{how}_compute"] for how in ("random", "gated", "skipped"))


@pytest.mark.parametrize(
    ("a", "b", "gates", "skips", "counts"),
    [
        # plain operands: 125 meet, 125 + 375 have one zero, 375 two
        (None, None, False, False, (1000, 0, 0)),
        (None, None, True, False, (125, 875, 0)),
        (None, None, False, True, (1000, 0, 0)),
        # A compressed: 125 have B alone, 375 neither; 375 have A alone, with B's zero
        (compressed(), None, False, True, (500, 0, 500)),
        (compressed(), None, True, True, (125, 375, 500)),
        (compressed(), None, True, False, (125, 875, 0)),
        # B compressed: 375 have A alone, 375 a zero of A and no B; 125 a zero of A and B
        (None, compressed(), True, True, (125, 125, 750)),
        (None, compressed(), False, False, (1000, 0, 0)),
        # both compressed: 375 are nowhere, whether units skip or not; 500 have one of them
        (compressed(), compressed(), False, False, (625, 0, 0)),
        (compressed(), compressed(), False, True, (125, 0, 500)),
        (compressed(), compressed(), True, False, (125, 500, 0)),
    ],
)
def test_counts(a, b, gates, skips, counts):
    assert split(a, b, gates=gates, skips=skips) == counts


@pytest.mark.parametrize("a", [None, compressed()])
@pytest.mark.parametrize(
    ("skipped", "counts"),
    [
        ((0,), (125, 375, 0)),  # 500 positions of A: B's zeros are left
        ((1,), (125, 125, 0)),  # 250 of B
        ((0, 1), (125, 0, 0)),
    ],
)
def test_empty_positions_that_units_are_not_given_are_no_operations(a, skipped, counts):
    assert split(a, gates=True, skipped=skipped) == counts


def test_what_was_saved_leaves_more_non_zeros():
    # half of A's reads are saved where B is zero: B's are non-zero twice as often
    assert split(saved=(0.5, None, None), gates=True) == (250, 750, 0)
    # half of B's where A is zero: A's always
    assert split(saved=(None, 0.5, None), gates=True) == (250, 750, 0)
    # more than all cannot be non-zero; where all is saved what is left is
    assert split(saved=(0.9, 0.9, None), gates=True) == (1000, 0, 0)
    assert split(saved=(1.0, 1.0, None), gates=True) == (1000, 0, 0)


def test_counts_are_rounded_down_and_densities_to_millionths():
    problem = product(A=FixedStructured(0.3333333), B=FixedStructured(1.0))
    # 0.333333 x 1000 are done, and 666.667 gated
    assert split(gates=True, problem=problem) == (334, 666, 0)
    problem = product(A=FixedStructured(0.5000004), B=FixedStructured(1.0))
    assert split(gates=True, problem=problem) == (500, 500, 0)
    problem = product(A=FixedStructured(0.5000006), B=FixedStructured(1.0))
    assert split(gates=True, problem=problem) == (501, 499, 0)
    problem = product(A=FixedStructured(0.3333333), B=FixedStructured(0.75))
    # 583.33 have one of the two, 166.67 none
    both = compressed(), compressed()
    assert split(*both, skips=True, problem=problem) == (1000 - 583 - 166, 0, 583)
    assert split(*both, gates=True, problem=problem) == (1000 - 583 - 166, 583, 0)


def test_known_operands_are_counted():
    mask_a = np.zeros((4, 8), dtype=bool)
    mask_a[0, :3] = True
    mask_b = np.zeros((8, 6), dtype=bool)
    mask_b[2:5] = True
    problem = product(A=ActualData(mask_a), B=ActualData(mask_b))
    # A[0, 2] meets B[2, :]: 6 operations; of 192, but the units were handed 1000
    density_a, density_b = 3 / 32, 18 / 48
    gated = int(1000 * (1 - density_a * density_b))
    assert split(gates=True, problem=problem) == (6, gated, 0)
    assert split(problem=problem) == (6 + gated, 0, 0)


def test_two_operands_are_needed():
    problem = make_problem({"M": 4}, {"A": [{"M": 1}], "Z": [{"M": 1}]}, ["Z"])
    with pytest.raises(InputError) as caught:
        split(problem=problem)
    assert str(caught.value) == (
        "problem: sparse optimisations are modelled for two operands; this problem has 1"
    )


def test_an_operand_has_to_be_kept_somewhere():
    with pytest.raises(InputError) as caught:
        split_operations(
            product(),
            [[tile()], [tile(0)], [tile()]],
            compute(10),
            SparseOptimizations(),
            ComputeEffect([None, None, None]),
        )
    assert str(caught.value) == "mapping: no level keeps B; keep it in one at least"
