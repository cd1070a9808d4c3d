"""Counts equal the literal ones, without tolerance."""

from dataclasses import asdict

import numpy as np
import pytest

from hwsim.engines.repetition import (
    METHODS,
    LevelCodes,
    Operations,
    Tile,
    count_all,
    count_dot_products,
    count_sum_merge,
    count_ucnn,
)
from hwsim.engines.repetition.jumps import JumpTable, count_long_jumps, smallest_jump_table
from hwsim.engines.repetition.methods import LONGEST_BEST
from tests.engines.repetition import literal

TENSORS = 500


def binary(rng, shape):
    return np.where(rng.random(shape) < rng.random(), 1, -1).astype(np.int8)


def ternary(rng, shape):
    return (binary(rng, shape) * (rng.random(shape) < rng.random())).astype(np.int8)


def signed_binary(rng, shape):
    sign = np.where(rng.random(shape[0]) < 0.5, 1, -1)[:, None]
    return (sign * (rng.random(shape) < rng.random())).astype(np.int8)


def int4(rng, shape):
    return np.clip(np.rint(rng.normal(size=shape) * rng.uniform(0.5, 4)), -8, 7).astype(np.int8)


def code_book(rng, shape):
    """A few numbers of the filter's own, zero and +-1 perhaps among them, as floats."""
    books = rng.choice([-2.5, -1.0, -0.75, 0.0, 0.3, 0.75, 1.0, 4.0], (shape[0], 5))
    return np.take_along_axis(books, rng.integers(0, 5, shape), axis=1)


SCHEMES = {each.__name__: each for each in (binary, ternary, signed_binary, int4, code_book)}
LITERAL = {
    "dot products": lambda levels, tile, skip: literal.dot_products(levels, skip),
    "ucnn": lambda levels, tile, skip: literal.ucnn(levels, *tile, skip),
    "ucnn-16": lambda levels, tile, skip: (
        literal.ucnn(levels, *tile, skip) | literal.limited_ucnn(levels, *tile, 16, skip)
    ),
    "summerge": lambda levels, tile, skip: literal.sum_merge(levels, *tile, skip),
    "summerge-halves": lambda levels, tile, skip: literal.sum_merge(
        levels, *tile, skip, literal.halve
    ),
    "summerge-pairs": lambda levels, tile, skip: literal.sum_merge(
        levels, *tile, skip, literal.pair
    ),
}


def counted(operations: Operations) -> dict[str, int]:
    return {name: count for name, count in asdict(operations).items() if count}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_counts_are_the_literal_ones(scheme):
    rng = np.random.default_rng(sum(map(ord, scheme)))
    for _ in range(TENSORS):
        shape = rng.integers(1, 8), rng.integers(1, 14)
        levels = SCHEMES[scheme](rng, shape)
        tile = Tile(int(rng.integers(1, shape[0] + 1)), int(rng.integers(1, shape[1] + 1)))
        skip = bool(rng.random() < 0.8)
        weights, plain = LevelCodes.of(levels), levels.tolist()
        for name, found in count_all(weights, tile, skip).items():
            expected = {key: n for key, n in LITERAL[name](plain, tile, skip).items() if n}
            assert counted(found) == expected, (name, plain, tile, skip)


def test_tuples_that_64_bits_just_hold_are_the_literal_ones():
    rng = np.random.default_rng(8)
    for _ in range(20):
        levels = rng.choice(np.array([-127, -5, 0, 127], np.int8), (9, 7))
        levels[:, 1] = -levels[:, 0]
        levels[0, 0] = 127  # 255 codes, of which 8 fill 64 bits
        weights, plain, skip = LevelCodes.of(levels), levels.tolist(), bool(rng.random() < 0.7)
        for name, found in count_all(weights, Tile(8, 5), skip).items():
            expected = {key: n for key, n in LITERAL[name](plain, Tile(8, 5), skip).items() if n}
            assert counted(found) == expected, (name, plain, skip)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_limited_groups_and_jumps_are_the_literal_ones(scheme):
    rng = np.random.default_rng(len(scheme))
    for _ in range(100):
        shape = rng.integers(1, 6), rng.integers(1, 40)
        levels = SCHEMES[scheme](rng, shape)
        tile = Tile(int(rng.integers(1, shape[0] + 1)), int(rng.integers(1, shape[1] + 1)))
        skip, limit = bool(rng.random() < 0.7), int(rng.integers(1, 8))
        weights, plain = LevelCodes.of(levels), levels.tolist()
        free = counted(count_ucnn(weights, tile, skip))
        found = counted(count_ucnn(weights, tile, skip, limit))
        expected = literal.limited_ucnn(plain, *tile, limit, skip)
        assert found == free | {key: n for key, n in expected.items() if n}
        widths = range(1, 5)
        jumps = count_long_jumps(weights, tile, widths, skip)
        assert jumps == [literal.long_jumps(plain, *tile, width, skip) for width in widths]


def counts_of(levels, method, *tile, skip=True):
    weights = LevelCodes.of(np.array(levels, np.int8))
    return counted(count_all(weights, Tile(*tile), skip)[method])


def test_one_filter_by_hand():
    # 3 x 2, 2 x -1, 1 x 1, 1 x 0: 6 additions, one product, by 3; levels -1, 1, 3 are all there.
    found = counts_of([[3, -1, 0, 1, 3, -1]], "ucnn", 1, 6)
    assert found["multiplications"] == 1
    assert found["additions"] == 5
    assert found["groups"] == 3
    assert found["table_entries"] == 5
    assert found["table_bits"] == 5 * (3 + 1)


def test_two_filters_share_groups_by_hand():
    # Tuples (1,1) at 0 and 1, (1,-1) at 2, (-1,1) at 3; the first filter's groups are {0,1,2}, {3}.
    levels = [[1, 1, 1, -1], [1, 1, -1, 1]]
    found = counts_of(levels, "ucnn", 2, 4)
    assert found["additions"] == 1 + 1 + 2 + 3  # of (1,1); of the first filter's; taken by both
    merged = counts_of(levels, "summerge", 2, 4)
    assert merged["groups"] == 2  # (1,-1) and (-1,1) are one
    assert merged["additions"] == 2 + 4


def test_a_skipped_level_takes_an_entry():
    # Where the first filter has -1, the second has only 1: its level -1 is passed over.
    found = counts_of([[-1, 1, 1], [1, -1, 1]], "ucnn", 2, 3)
    assert found["table_entries"] == 4
    assert found["table_bits"] == 4 * (2 + 2)


def test_groups_of_two_at_most_by_hand():
    # Five times 3: sums of 2, 2 and 1, each multiplied; 2 additions in them and one for each.
    found = counts_of([[3, 3, 3, 3, 3]], "ucnn", 1, 5)
    assert (found["multiplications"], found["additions"]) == (1, 5)
    limited = count_ucnn(LevelCodes.of(np.full((1, 5), 3, np.int8)), Tile(1, 5), limit=2)
    assert (limited.multiplications, limited.additions, limited.terms) == (3, 5, 3)
    assert limited.table_entries == found["table_entries"]


def test_jumps_by_hand():
    # Of level -1 positions 1 and 6, of level 1 position 2: one passed over, four, and then, from 7
    # on over the end, two.
    weights = LevelCodes.of(np.array([[0, -1, 1, 0, 0, 0, -1]], np.int8))
    assert count_long_jumps(weights, Tile(1, 7), [1, 2, 3]) == [1 + 4 + 2, 0 + 1 + 0, 0]
    # 3 entries and so many more, of a bit for the filter and 1, 2 or 3 for the jump.
    assert smallest_jump_table([weights], Tile(1, 7)) == JumpTable(2, 4, 12)
    plain = count_ucnn(weights, Tile(1, 7))
    assert (plain.table_entries, plain.table_bits) == (3, 3 * 4)


def test_pairs_by_hand():
    # Groups a, b, c of tuples 110, 101, 111: a and c serve the first two filters, so that their
    # sum takes their places there; then b and what is left of c serve the third alone.
    levels = [[1, 1, 1], [1, 0, 1], [0, 1, 1]]
    assert counts_of(levels, "summerge", 3, 3)["additions"] == 3 + 2 + 2
    found = counts_of(levels, "summerge-pairs", 3, 3)
    assert found["additions"] == 1 + 2 + 1 + 2
    assert found["group_sum_writes"] == 3 + 1
    assert found["table_bits"] == 3 * (2 + 2) + (2 + 2 + 1 + 2) * (2 + 2)


def test_pairs_take_tiles_of_ten_filters():
    weights = LevelCodes.of(ternary(np.random.default_rng(0), (11, 12)))
    assert "summerge-pairs" in count_all(weights, Tile(10, 12))
    assert "summerge-pairs" not in count_all(weights, Tile(11, 12))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_tiles_that_are_cut_take_no_less(scheme):
    rng = np.random.default_rng(3)
    for _ in range(20):
        weights = LevelCodes.of(SCHEMES[scheme](rng, (6, 48)))
        filters, skip = int(rng.integers(1, 7)), bool(rng.random() < 0.5)
        lengths = [48, 24, 12, 4, 1]
        counts = [count_all(weights, Tile(filters, length), skip) for length in lengths]
        for method in LONGEST_BEST:
            taken = [each[method].arithmetic for each in counts]
            assert taken == sorted(taken), method


def test_pairs_add_no_more_than_none():
    rng = np.random.default_rng(6)
    for scheme in SCHEMES.values():
        weights = LevelCodes.of(scheme(rng, (8, 60)))
        found = count_all(weights, Tile(8, 60))
        assert found["summerge-pairs"].additions <= found["summerge"].additions


@pytest.mark.parametrize("method", METHODS)
def test_zeros_cost_nothing(method):
    found = counts_of(np.zeros((3, 5)), method, 2, 5)
    kept = {"tile_activations", "tile_sums", "tiles"}
    assert set(found) <= kept
    dense = counts_of(np.zeros((3, 5)), method, 2, 5, skip=False)
    assert dense["additions"] == {"dot products": 15}.get(method, 4 + 2 + 4 + 1)


@pytest.mark.parametrize("method", ["summerge", "summerge-halves", "summerge-pairs"])
@pytest.mark.parametrize(("filters", "additions"), [(1, 12), (2, 9), (3, 6)])
def test_equal_filters_are_summed_once(method, filters, additions):
    # Of 3 filters by 4 positions, all 1: 3 additions a block and one a filter.
    assert counts_of(np.ones((3, 4)), method, filters, 4)["additions"] == additions


def test_halves_never_add_more():
    rng = np.random.default_rng(5)
    for _ in range(20):
        levels = ternary(rng, (8, 60))
        direct = counts_of(levels, "summerge", 8, 60)
        halves = counts_of(levels, "summerge-halves", 8, 60)
        assert halves["additions"] <= direct["additions"]


def test_working_set():
    found = count_sum_merge(LevelCodes.of(np.ones((2, 4), np.int8)), Tile(2, 3))
    # Three activations, a group and two filters; 3 entries of 2 + 2 bits, 2 of 0 + 2.
    assert found.working_set_bits(8, 32) == 3 * 8 + 3 * 32 + 3 * 4 + 2 * 2


def test_large_layers_are_taken_in_pieces(monkeypatch):
    levels = LevelCodes.of(ternary(np.random.default_rng(0), (9, 10)))
    whole = count_all(levels, Tile(2, 4))
    monkeypatch.setattr("hwsim.engines.repetition.tuples._CHUNK", 20)
    assert count_all(levels, Tile(2, 4)) == whole


def test_each_method_alone_is_what_it_is_among_all():
    weights, tile = LevelCodes.of(int4(np.random.default_rng(0), (6, 10))), Tile(2, 4)
    for skip in (True, False):
        assert count_all(weights, tile, skip) == {
            "dot products": count_dot_products(weights, skip),
            "ucnn": count_ucnn(weights, tile, skip),
            "ucnn-16": count_ucnn(weights, tile, skip, 16),
            "summerge": count_sum_merge(weights, tile, skip),
            "summerge-halves": count_sum_merge(weights, tile, skip, "halves"),
            "summerge-pairs": count_sum_merge(weights, tile, skip, "pairs"),
        }
