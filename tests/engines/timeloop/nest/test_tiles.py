"""From traffic to reads, fills and updates, counted by hand; rows of a batch do not mix."""

import numpy as np
import pytest

from hwsim.engines.timeloop.nest.tile import tiles_of
from hwsim.engines.timeloop.nest.tiles import LevelRules, collapse
from hwsim.engines.timeloop.nest.traffic import Traffic

PLAIN = (LevelRules(), LevelRules())


def rows(*values):
    return np.array(values, dtype=float)


def two_levels(sizes, ways, keep, rules=PLAIN, fanout=4, read_write=False, links=0.0):
    """A level of 4 instances below one; of each level the ways of sharing of each mapping."""
    traffic = []
    for of_level in ways:
        one_by_one = [Traffic.of_one(of_mapping, 0.0) for of_mapping in of_level]
        most = max(len(found.sets) for found in one_by_one)
        padded = {
            name: np.concatenate(
                [
                    np.pad(getattr(found, name), ((0, most - len(found.sets)), (0, 0)))
                    for found in one_by_one
                ],
                axis=1,
            )
            for name in ("multicast", "sets", "accesses", "hops", "unicast_hops")
        }
        traffic.append(Traffic(**padded, links=np.full(len(of_level), links)))
    count = len(sizes[0])
    one = np.ones(count)
    return collapse(
        [rows(*size) for size in sizes],
        [rows(*size) for size in sizes],
        traffic,
        [one, fanout * one],
        [fanout * one, one],
        np.array(keep, dtype=bool),
        rules,
        read_write,
    )


def test_a_bypassed_level_leaves_its_accesses_to_the_next():
    ways = [
        [{(1, 1): (96.0, 0.0, 0.0)}] * 2,
        [{(2, 2): (16.0, 24.0, 40.0)}] * 2,  # 16 words from 2 sets of 2 instances: 8 words each
    ]
    tiles, _ = two_levels([(4, 4), (16, 16)], ways, [[1, 0], [1, 1]])
    kept, bypassed = (tiles_of(tiles, False, which) for which in (0, 1))
    assert [(tile.size, tile.reads, tile.fills) for tile in kept] == [(4, 96, 8), (16, 16, 0)]
    # each of the 4 instances asks for 96 words, two of them share each access
    assert [(tile.size, tile.reads, tile.fills) for tile in bypassed] == [(0, 0, 0), (16, 192, 0)]
    assert tiles[1].traffic.accesses.tolist() == [[16, 192]]
    assert (kept[0].parent, kept[1].child) == (1, 0)
    assert (bypassed[0].parent, bypassed[1].child) == (None, None)


def test_the_first_write_of_a_result_needs_no_read_unless_the_level_is_told_so():
    ways = [[{(1, 1): (96.0, 0.0, 0.0)}], [{(1, 4): (32.0, 0.0, 0.0)}]]
    counts = []
    for read_first in (False, True):
        rules = (LevelRules(rmw_first_update=read_first), LevelRules())
        tiles, _ = two_levels([(4,), (16,)], ways, [[1], [1]], rules, read_write=True)
        inner, outer = tiles_of(tiles, True)
        counts.append((inner.reads, inner.fills, inner.updates))
        assert (outer.reads, outer.fills, outer.updates) == (32 - 16, 0, 32)
        assert inner.temporal_reductions == inner.reads
    assert counts == [(96 - 4, 8 - 4, 96), (96, 8, 96)]


def test_a_level_that_does_not_coalesce_passes_every_access_on():
    rules = (LevelRules(no_coalesce=True), LevelRules())
    ways = [[{(1, 1): (96.0, 0.0, 0.0)}], [{(1, 4): (32.0, 0.0, 0.0)}]]
    tiles, _ = two_levels([(4,), (16,)], ways, [[1], [1]], rules, read_write=True)
    inner, outer = tiles_of(tiles, True)
    assert (inner.reads, inner.fills, inner.updates) == (96, 96, 96)
    assert outer.updates == 4 * 96


@pytest.mark.parametrize("size", [8, 9])
def test_a_network_that_splits_multicasts_splits_the_tile(size):
    rules = (LevelRules(distributes=True), LevelRules())
    ways = [
        [{(1, 1): (96.0, 10.0, 0.0)}, {(1, 1): (96.0, 10.0, 0.0)}],
        [{(4, 1): (16.0, 24.0, 40.0)}, {(2, 1): (8.0, 4.0, 4.0), (1, 2): (8.0, 2.0, 2.0)}],
    ]
    tiles, uneven = two_levels([(size, size), (16, 16)], ways, [[1, 1], [1, 1]], rules)
    assert uneven.tolist() == [0, 1]
    inner, outer = tiles
    assert inner.size[0] == inner.partition_size[0] == -(-size // 4)
    assert inner.content_accesses[0] == pytest.approx(1 + 95 / 4)
    assert inner.parent_share[0] == pytest.approx(1 + 15 / 4)
    assert (outer.traffic.multicast[0, 0], outer.traffic.sets[0, 0]) == (1, 4)
    assert (outer.traffic.accesses[0, 0], outer.traffic.hops[0, 0]) == (16, 40)
    gathered = outer.distributed
    assert (gathered.multicast[0, 0], gathered.sets[0, 0]) == (4, 1)
    assert (gathered.accesses[0, 0], gathered.hops[0, 0]) == (96, 24 * 96 / 16)
    # of the other mapping nothing is split
    assert (gathered.sets[0, 1], gathered.accesses[0, 1], gathered.hops[0, 1]) == (0, 0, 0)
    assert outer.traffic.sets[:, 1].tolist() == [1, 2]
    assert (inner.size[1], inner.partition_size[1], inner.content_accesses[1]) == (size, size, 96)


@pytest.mark.parametrize(
    ("multicasts", "sizes"),
    [
        ((2, 2), [4, 1 + 7 // 2, 16]),  # the level that splits is the one in the middle
        ((2, 1), [4, 8, 16]),  # its instances share nothing
    ],
)
def test_only_the_level_whose_network_splits_multicasts_is_split(multicasts, sizes):
    one = np.ones(1)
    inner, outer = multicasts
    traffic = [Traffic.uniform(multicast * one, one, 32 * one) for multicast in (1, inner, outer)]
    tiles, uneven = collapse(
        [rows(4), rows(8), rows(16)],
        [rows(4), rows(8), rows(16)],
        traffic,
        [one, inner * one, outer * one],
        [4 * one, 2 * one, one],
        np.ones((3, 1), dtype=bool),
        (LevelRules(), LevelRules(distributes=True), LevelRules()),
        False,
    )
    assert uneven.tolist() == [0]
    assert [tile.size[0] for tile in tiles] == sizes
    assert [tile.distributed is None for tile in tiles] == [True, True, outer == 1]


def test_only_the_innermost_of_the_networks_that_split_multicasts_does():
    one = np.ones(1)
    tiles, uneven = collapse(
        [rows(4), rows(8), rows(16)],
        [rows(4), rows(8), rows(16)],
        [Traffic.uniform(multicast * one, one, 32 * one) for multicast in (1, 2, 2)],
        [one, 2 * one, 2 * one],
        [4 * one, 2 * one, one],
        np.ones((3, 1), dtype=bool),
        (LevelRules(distributes=True), LevelRules(distributes=True), LevelRules()),
        False,
    )
    assert uneven.tolist() == [0]
    assert [tile.size[0] for tile in tiles] == [1 + 3 // 2, 8, 16]
    assert [tile.distributed is None for tile in tiles] == [True, False, True]


def test_shares_of_large_tensors_are_exact():
    """Products of a tensor and a tile beyond 2**53, which doubles would round."""
    whole, tile = 3 * 100_000_007, 100_000_007
    ways = [[{(1, 1): (1.0, 0.0, 0.0)}]] * 2
    tiles, _ = two_levels([(tile,), (whole,)], ways, [[1], [1]], fanout=1)
    assert tiles_of(tiles, False)[0].partition_size == whole


ONE_BY_ONE = [[{(1, 1): (96.0, 0.0, 0.0)}] * 2, [{(1, 4): (32.0, 0.0, 0.0)}] * 2]


def actions(tile, which):
    return tile.reads[which], tile.fills[which], tile.updates[which]


@pytest.mark.parametrize(("read_write", "kept"), [(False, (98, 10, 0)), (True, (94, 6, 96))])
def test_words_of_neighbours_are_read_there_and_filled_here(read_write, kept):
    # of 8 words that go round among 4 instances each reads two for a neighbour, and fills two
    tiles, _ = two_levels(
        [(4, 4), (16, 16)], ONE_BY_ONE, [[1, 0], [1, 1]], read_write=read_write, links=8.0
    )
    inner, outer = tiles
    assert inner.peer.tolist() == [2, 0]  # instances that hold nothing have no words
    assert actions(inner, 0) == kept
    assert actions(inner, 1) == (0, 0, 0)
    assert outer.traffic.links.tolist() == [8, 0]


@pytest.mark.parametrize("no_coalesce", [False, True])
def test_a_bypassed_level_does_nothing_of_its_own(no_coalesce):
    rules = (LevelRules(no_coalesce=no_coalesce), LevelRules())
    tiles, _ = two_levels([(4, 4), (16, 16)], ONE_BY_ONE, [[1, 0], [1, 1]], rules, read_write=True)
    assert actions(tiles[0], 1) == (0, 0, 0)


def test_words_of_which_part_arrives_are_whole():
    ways = [[{(1, 1): (96.0, 0.0, 0.0)}], [{(1, 4): (30.0, 0.0, 0.0)}]]
    (inner, _), _ = two_levels([(4,), (16,)], ways, [[1], [1]])
    assert inner.fills[0] == 7  # of 7.5
    (inner, _), _ = two_levels([(4,), (16,)], ways, [[1], [1]], read_write=True)
    assert inner.fills[0] == 4  # 3.5 without the first writes, away from zero as C rounds


def test_nothing_is_above_the_outermost_level_that_stores():
    (inner, outer), _ = two_levels([(4, 4), (16, 16)], ONE_BY_ONE, [[1, 1], [1, 0]], links=8.0)
    assert inner.fills.tolist() == [10, 0]
    assert (inner.parent_share.tolist(), inner.kept.tolist()) == ([8, 0], [True, True])
    assert (outer.size.tolist(), outer.kept.tolist()) == ([16, 0], [True, False])
    assert (outer.partition_size.tolist(), outer.reads.tolist()) == ([16, 0], [32, 0])
    assert (outer.traffic.accesses.tolist(), outer.fanout.tolist()) == ([[32, 0]], [4, 0])
    # what passes every access on stores nothing
    rules = (LevelRules(), LevelRules(no_coalesce=True))
    (inner, outer), _ = two_levels([(4, 4), (16, 16)], ONE_BY_ONE, [[1, 1], [1, 1]], rules)
    assert inner.fills.tolist() == [0, 0]
    assert (outer.size.tolist(), outer.reads.tolist()) == ([0, 0], [0, 0])
    assert outer.kept.tolist() == [False, False]


def test_a_single_word_may_be_all_that_arrives():
    ways = [[{(1, 1): (3.0, 0.0, 0.0)}], [{(1, 1): (1.0, 0.0, 0.0)}]]
    (_, outer), _ = two_levels([(4,), (16,)], ways, [[0], [1]], fanout=1)
    assert outer.reads[0] == 3


def test_an_instance_holds_its_share_of_what_its_parent_holds():
    one = np.ones(1)
    tiles, _ = collapse(
        [rows(4), rows(7), rows(32)],
        [rows(0), rows(7), rows(9)],  # tiles of children overlap
        [Traffic.uniform(one, one, one) for _ in range(3)],
        [one, 2 * one, 2 * one],
        [4 * one, 2 * one, one],
        np.ones((3, 1), dtype=bool),
        (LevelRules(),) * 3,
        False,
    )
    # 7 of 9 of 32, then 4 of 7 of those, rounded down
    assert [tile.partition_size[0] for tile in tiles] == [13, 24, 32]
