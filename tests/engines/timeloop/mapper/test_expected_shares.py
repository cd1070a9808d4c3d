"""Shares by the densities of single points, by hand."""

import numpy as np
import pytest

from hwsim.engines.timeloop.density.density import FixedStructured
from hwsim.engines.timeloop.mapper._expected_shares import ExpectedShares
from hwsim.engines.timeloop.terms.formats import RankFormat, Representation
from hwsim.engines.timeloop.terms.sparse_spec import Condition, Saving, SparseOptimizations
from tests.engines.timeloop.sparse.parts import CP, compressed, level, machine, product

A, B, Z = range(3)
PROBLEM = product(A=FixedStructured(0.5), B=FixedStructured(0.25))
MACHINE = machine(level("Spad"), level("GLB"), level("DRAM"))
BITS = RankFormat("b", metadata_bits=1, payload_bits=0)
PLAIN = Representation((RankFormat("ub", metadata_bits=3, payload_bits=0),))


def shares(**sparse):
    return ExpectedShares(PROBLEM, MACHINE, SparseOptimizations(any=True, **sparse))


def by_level(look_up):
    return [[look_up(place, space) for space in (A, B, Z)] for place in range(3)]


def saving(kind, target, *conditions):
    return Saving(kind, tuple(Condition(target, given) for given in conditions))


SAVINGS = {
    1: (saving("skipping", B, (A,), (A, B)), saving("gating", Z, (A, B))),
    0: (saving("gating", A, (B,)), saving("skipping", B, (Z,))),
}
FORMS = {(2, A): compressed(), (1, A): compressed(CP), (0, A): PLAIN}


def test_what_is_saved_at_a_level_is_saved_inside_it_too():
    found = shares(savings=SAVINGS, representations=FORMS)
    assert by_level(found.priced) == [[0.25, 0.5, 0.125], [0.5, 0.5, 0.125], [0.5, 1, 1]]
    assert by_level(found.timed) == [[1, 0.5, 1], [0.5, 0.5, 1], [0.5, 1, 1]]
    assert (found.compute, found.timed_compute) == (0.5, 0.5)


def test_compressed_words_are_accessed_at_their_density_times_what_is_left():
    found = shares(savings={2: (saving("skipping", A, (B,)),)}, representations=FORMS)
    assert [found.priced(place, A) for place in range(3)] == [0.25, 0.125, 0.125]
    assert [found.timed(place, A) for place in range(3)] == [0.25, 0.125, 0.125]


@pytest.mark.parametrize(
    ("sparse", "compute", "timed"),
    [
        ({"compute_gates": True}, 0.125, 1),
        ({"compute_skips": True}, 0.125, 1),
        ({"representations": FORMS}, 0.5, 1),
        ({"representations": FORMS, "compute_skips": True}, 0.125, 0.5),
        ({"representations": FORMS | {(1, B): compressed()}, "compute_skips": True}, 0.125, 0.125),
        ({"representations": {(0, A): PLAIN}}, 1, 1),
        ({"representations": {(1, B): compressed()}}, 0.25, 1),
        ({"savings": SAVINGS}, 1, 1),
        ({"representations": {(1, Z): compressed()}}, 1, 1),
    ],
)
def test_operations(sparse, compute, timed):
    found = shares(**sparse)
    assert (found.compute, found.timed_compute) == (compute, timed)


def test_without_optimisations_everything_is_left():
    found = ExpectedShares(PROBLEM, MACHINE, SparseOptimizations(savings=SAVINGS))
    assert by_level(found.priced) == by_level(found.timed) == [[1] * 3] * 3
    assert (found.compute, found.timed_compute) == (1, 1)


def test_compressed_tiles_hold_their_non_zeros():
    found = shares(representations=FORMS)
    sizes = np.array([7.0, 8.0, 7.0, 1.0])
    assert found.held(1, A, sizes).tolist() == [4, 4, 4, 1]
    assert found.held(1, A, np.array([9.0, 7.0])).tolist() == [5, 4]
    assert found.held(1, B, sizes).tolist() == sizes.tolist()


@pytest.mark.parametrize(
    ("ranks", "bits"),
    [
        ([CP], [4 * 4, 1 * 4]),
        ([BITS], [7, 1]),
        ([RankFormat("ub", metadata_bits=3, payload_bits=0)], [21, 3]),
        ([RankFormat("u", metadata_bits=3, payload_bits=0)], None),
        ([RankFormat("uop", metadata_bits=0, payload_bits=6), CP], None),
        ([BITS, CP], [7, 1]),
    ],
)
def test_metadata_of_the_innermost_rank(ranks, bits):
    found = shares(representations={(1, A): Representation(tuple(ranks))})
    sizes = np.array([7.0, 1.0])
    held = found.held(1, A, sizes)
    told = found.metadata_bits(1, A, sizes, held)
    assert (None if told is None else told.tolist()) == bits
    assert found.metadata_bits(0, A, sizes, held) is None
    assert found.metadata_bits(1, B, sizes, held) is None
