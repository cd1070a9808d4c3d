"""Which tiles an access meets, and how much is saved where they are empty. Dimensions M, N, K."""

import numpy as np
import pytest

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.density import FixedStructured
from hwsim.engines.timeloop.sparse.conditional_saving import find_savings
from hwsim.engines.timeloop.terms.formats import RankOccupancy
from hwsim.engines.timeloop.terms.machine import STORAGE_ACTIONS
from hwsim.engines.timeloop.terms.sparse_spec import Condition, Saving, SparseOptimizations
from hwsim.errors import InputError
from tests.engines.timeloop.sparse.parts import (
    compressed,
    extents,
    level,
    machine,
    product,
    tile,
)

M, N, K = range(3)
A, B, Z = range(3)
#: A tile of n points of A is empty with chance 1 - n / 16, of B 1 - n / 32.
PROBLEM = product(A=FixedStructured(1 / 16), B=FixedStructured(1 / 32))


def savings(loops, *wanted, problem=PROBLEM, levels=None, tiles=None):
    """Wanted: (level, kind, (target, others) ...)."""
    by_level = {}
    for number, kind, *options in wanted:
        conditions = tuple(Condition(of, on) for of, on in options)
        by_level[number] = (*by_level.get(number, ()), Saving(kind, conditions))
    levels = levels or tuple(level(f"L{number}") for number in range(len(loops)))
    spaces = tiles or [
        [tile(8, child=number - 1 if number else None) for number in range(len(loops))]
        for _ in range(3)
    ]
    return find_savings(
        problem, spaces, extents(3, *loops), SparseOptimizations(savings=by_level), machine(*levels)
    )


@pytest.mark.parametrize(
    ("loops", "target", "other", "points"),
    [
        # operands of the innermost level are used point by point: B meets one point of A
        ([[(K, 4)]], B, A, 1),
        ([[(M, 4), (K, 2)]], B, A, 1),
        # spread over units below, it meets as many as share it
        ([[(M, 4, "x"), (K, 2)]], B, A, 4),
        ([[(K, 4, "x"), (M, 2)]], B, A, 1),
    ],
)
def test_operands_for_compute_units(loops, target, other, points):
    found = savings(loops, (0, "gating", (target, (other,))))
    assert found.kind == {(0, target): "gated"}
    assert found.probability == {(0, target): pytest.approx(1 - points / 16)}


@pytest.mark.parametrize(
    ("inner", "outer", "target", "other", "points"),
    [
        # B's tile below is replaced by K: it meets a tile of A, 2 x 2 points
        ([(M, 2), (K, 2)], [(K, 2)], B, A, 4),
        # it stays while M runs, so it meets both tiles
        ([(M, 2), (K, 2)], [(M, 2), (K, 2)], B, A, 8),
        # what runs outside the loop that replaces it does not matter
        ([(M, 2), (K, 2)], [(K, 2), (M, 2)], B, A, 4),
        # N replaces B's tile, but not A's
        ([(M, 2), (K, 2)], [(N, 3)], B, A, 4),
        # A's tile stays while N runs and meets three tiles of B, 2 x 3 points
        ([(M, 2), (K, 2)], [(N, 3), (M, 2)], A, B, 6),
        ([(M, 2), (K, 2), (N, 2)], [(K, 2)], A, B, 4),
        # beside one another in space
        ([(M, 2), (K, 2)], [(M, 2, "x"), (K, 2)], B, A, 8),
        # spread along K, each place meets its own part of A
        ([(M, 2)], [(K, 2, "y"), (N, 2)], B, A, 2),
        ([(M, 2)], [(N, 3, "y"), (M, 2), (K, 2)], B, A, 4),
        # but it does not stay while K runs, and another meets what M brings after that
        ([(M, 2)], [(N, 3, "y"), (K, 2), (M, 2)], B, A, 2),
        # trivial loops change nothing
        ([(M, 2), (K, 2)], [(N, 1), (M, 2), (K, 1), (K, 2)], B, A, 8),
    ],
)
def test_tiles_for_the_level_inside(inner, outer, target, other, points):
    found = savings([inner, outer], (1, "skipping", (target, (other,))))
    whole = 16 if other == A else 32
    assert found.kind == {(1, target): "skipped"}
    assert found.probability[1, target] == pytest.approx(1 - points / whole)


def test_tiles_that_would_be_walked_against_their_order_save_nothing():
    loops = [(M, 2)], [(K, 2, "y"), (M, 2), (N, 2)]
    found = savings(loops, (1, "skipping", (B, (A,))))
    assert found.probability[1, B] == 0
    # nor where zeros are known
    problem = product(A=ActualData(np.eye(4, 8) > 0), B=ActualData(np.eye(8, 6) > 0))
    tiles = [[tile(8), tile(8, child=0, representation=compressed())] for _ in range(3)]
    found = savings(loops, (1, "skipping", (B, (A,))), problem=problem, tiles=tiles)
    assert found.probability[1, B] == 0


def test_savings_need_all_others_to_be_there():
    # results are saved where A or B is empty
    found = savings([[(K, 4)]], (0, "gating", (Z, (A, B))))
    assert found.probability[0, Z] == pytest.approx(1 - (1 / 16) * (1 / 32))


def test_savings_are_of_whole_blocks():
    # blocks of 4 words of B cover 4 steps of K, along which A has 4 points, too
    found = savings([[(K, 4, "x")]], (0, "gating", (B, (A,))),
                    levels=(level(block_size=4),))  # fmt: skip
    assert found.probability[0, B] == pytest.approx(1 - 4 / 16)
    found = savings([[(K, 4, "x")]], (0, "gating", (B, (A,))),
                    levels=(level(block_size=2),))  # fmt: skip
    assert found.probability[0, B] == pytest.approx(1 - 2 / 16)


def test_blocks_beyond_the_loops_stretch_the_last_one_twice():
    # 8 steps of K are covered for a block of 8, and Timeloop multiplies by what is left again
    problem = product(A=FixedStructured(1 / 64))
    found = savings(
        [[(K, 2, "x")], [(K, 2)]],
        (0, "gating", (B, (A,))),
        problem=problem,
        levels=(level("In", block_size=8), level("Out")),
    )
    assert found.probability[0, B] == pytest.approx(1 - 8 * 4 / 64)


def test_the_nearest_level_that_keeps_the_target_is_saved_at():
    tiles = [[tile(8), tile(8, child=0)], [tile(0), tile(8)], [tile(8), tile(8, child=0)]]
    found = savings([[(K, 2)], [(M, 2)]], (0, "gating", (B, (A,))), tiles=tiles)
    assert list(found.kind) == [(1, B)]


def test_a_target_that_nothing_keeps_is_refused():
    tiles = [[tile(8)], [tile(0)], [tile(8)]]
    with pytest.raises(InputError) as caught:
        savings([[(K, 2)]], (0, "gating", (B, (A,))), tiles=tiles)
    assert str(caught.value) == (
        "L0: no storage from here outwards keeps B, so its accesses cannot be saved here"
    )


def test_of_options_the_one_that_saves_most_energy_is_built():
    # A is saved in 31/32 of cases, B in 15/16
    options = ((A, (B,)), (B, (A,)))
    assert list(savings([[(K, 4)]], (0, "gating", *options)).kind) == [(0, A)]
    # but words of B take two accesses
    wide = (level(bits={"B": 16}),)
    assert list(savings([[(K, 4)]], (0, "gating", *options), levels=wide).kind) == [(0, B)]
    # or its tiles hold more
    tiles = [[tile(8)], [tile(16)], [tile(8)]]
    assert list(savings([[(K, 4)]], (0, "gating", *options), tiles=tiles).kind) == [(0, B)]
    # or metadata are saved with it, two words each
    tiles = [[tile(8)], [tile(8)], [tile(8)]]
    tiles[B][0].ranks = [RankOccupancy(0.25, 0.25, 8, 8)]
    metadata = (level(default_metadata_word_bits=16),)
    chosen = savings([[(K, 4)]], (0, "gating", *options), levels=metadata, tiles=tiles)
    assert list(chosen.kind) == [(0, B)]
    # blocks of several words of A make each word cheaper
    blocks = (level(bits={"A": 2}),)
    assert list(savings([[(K, 4)]], (0, "gating", *options), levels=blocks).kind) == [(0, B)]
    # of equals the last
    free = (level(energy=dict.fromkeys(STORAGE_ACTIONS, 0.0)),)
    assert list(savings([[(K, 4)]], (0, "gating", *options), levels=free).kind) == [(0, B)]


def test_of_several_optimisations_the_one_that_saves_more_is_kept():
    wanted = (0, "gating", (Z, (A,))), (0, "skipping", (Z, (B,)))
    found = savings([[(K, 4)]], *wanted)
    assert found.kind == {(0, Z): "skipped"}
    assert found.probability[0, Z] == pytest.approx(31 / 32)
    wanted = (0, "skipping", (Z, (A,))), (0, "gating", (Z, (B,)))
    found = savings([[(K, 4)]], *wanted)
    assert found.kind == {(0, Z): "gated"}
    # gating comes first and stays when skipping saves as much
    wanted = (0, "skipping", (Z, (A,))), (0, "gating", (Z, (A,)))
    assert savings([[(K, 4)]], *wanted).kind == {(0, Z): "gated"}


def test_skipping_in_space_is_another_matter():
    assert savings([[(K, 4)]], (0, "skipping_spatial", (B, (A,)))).kind == {}


def test_entries_beside_non_zeros_are_met_too():
    """With two entries a non-zero a word of A is there twice as often; a tile of four is not."""

    def left(loops, entries):
        tiles = [[tile(8)] for _ in range(3)]
        tiles[A][0].entries = entries
        found = savings([loops], (0, "gating", (B, (A,))), tiles=tiles)
        return 1 - found.probability[0, B]

    assert left([(K, 4)], 2.0) == pytest.approx(2 / 16)
    assert left([(K, 4)], 1.0) == pytest.approx(1 / 16)
    assert left([(K, 4)], 20.0) == 1
    assert left([(M, 4, "x"), (K, 2)], 2.0) == pytest.approx(4 / 16)


def test_others_that_nothing_keeps_have_no_entries_but_non_zeros():
    tiles = [[tile(0)], [tile(8)], [tile(8)]]
    found = savings([[(K, 4)]], (0, "gating", (B, (A,))), tiles=tiles)
    assert found.probability[0, B] == pytest.approx(15 / 16)


def test_units_beside_one_another_outside_share_a_word():
    """B goes past the inner level, and one word of it to four rows of A."""
    tiles = [[tile(8), tile(8, child=0)], [tile(0), tile(8)], [tile(8), tile(8, child=0)]]
    loops = [(K, 2)], [(M, 4, "x"), (N, 2)]
    found = savings(loops, (0, "gating", (B, (A,))), tiles=tiles)
    assert found.probability == {(1, B): pytest.approx(1 - 4 / 16)}


def test_known_zeros_of_two_others_are_counted_word_by_word_only():
    """Of 8 steps of K two have words of A, and the same two words of B."""
    a, b = np.zeros((4, 8), dtype=bool), np.zeros((8, 6), dtype=bool)
    a[:, :2] = b[:2] = True
    problem = product(A=ActualData(a), B=ActualData(b))
    words = savings([[(K, 8), (N, 6), (M, 4)]], (0, "gating", (Z, (A, B))), problem=problem)
    assert words.probability[0, Z] == 1 - 2 / 8
    # of tiles of two steps a quarter is not empty, whichever of B's meets A's
    tiles = [(M, 2), (K, 2)], [(M, 2), (N, 6), (K, 4)]
    apart = savings(tiles, (1, "skipping", (Z, (A, B))), problem=problem)
    assert apart.probability[1, Z] == 1 - 1 / 4 * 1 / 4
