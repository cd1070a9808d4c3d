"""The best tile of a grid."""

import numpy as np

from hwsim.engines.repetition import GroupedCodes, LevelCodes, Operations, Tile, best_tiles


def layer(shape=(8, 300), groups=1, seed=0):
    levels = np.random.default_rng(seed).integers(-1, 2, shape).astype(np.int8)
    return GroupedCodes(LevelCodes.of(levels), groups)


def test_tiles_are_clipped_to_the_layer():
    assert layer().clip(Tile(10, 500)) == (8, 300)
    assert layer().clip(Tile(3, 200)) == (3, 200)
    assert layer(groups=4).clip(Tile(3, 200)) == (2, 200)
    bytes_ = GroupedCodes(LevelCodes.of(np.full((20, 2), 127, np.int8)), 1)
    assert bytes_.clip(Tile(12, 2)) == (8, 2)


def test_the_grid_has_each_tile_once_and_the_whole_reduction():
    assert layer().grid((1, 2, 9, 10), (64, 128, 512)) == [
        (filters, positions) for filters in (1, 2, 8) for positions in (64, 128, 300)
    ]


def test_the_grid_of_a_search():
    whole = layer((20, 2000))
    assert whole.grid() == [
        (filters, positions)
        for filters in (1, 2, 3, 4, 5, 6, 7, 8, 10, 12)
        for positions in (128, 256, 512, 1024, 2000)
    ]


def test_best_tile_has_the_fewest_operations():
    tiles = layer().grid()
    found = best_tiles(layer(), tiles)["summerge"]
    counts = {tile: layer().count(tile)["summerge"].arithmetic for tile in tiles}
    assert found.operations == layer().count(found.tile)["summerge"]
    assert found.operations.arithmetic == min(counts.values())
    assert found.tile not in (tiles[0], tiles[-1])


def test_of_equal_tiles_the_smallest_table_is_taken():
    levels = np.eye(2, 8, dtype=np.int8)  # two weights, which never meet
    found = best_tiles(GroupedCodes(LevelCodes.of(levels), 1), [Tile(2, 8), Tile(1, 8)])["ucnn"]
    assert found.tile == (1, 8)


def test_groups_are_counted_each_by_itself():
    grouped = layer((6, 40), groups=2)
    for tile in (Tile(3, 16), Tile(2, 40)):
        apart = [
            GroupedCodes(grouped.weights.rows(at, at + 3), 1).count(tile)["ucnn"] for at in (0, 3)
        ]
        assert grouped.count(tile)["ucnn"] == Operations.of_all(apart)
        table = grouped.smallest_jump_table(tile)
        assert table.entries >= sum(each.table_entries for each in apart)
        assert table.bits == table.entries * (table.jump_bits + tile.filters)


def test_zeros_are_skipped_unless_it_is_asked():
    skipped = best_tiles(layer(), [Tile(2, 64)])
    levels = best_tiles(layer(), [Tile(2, 64)], skip_zeros=False)
    for method, found in levels.items():
        assert found.operations.arithmetic > skipped[method].operations.arithmetic
