"""The best tile of a grid."""

import numpy as np

from hwsim.engines.repetition import GroupedCodes, LevelCodes, Operations, Tile, best_tile


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


def test_best_tile_has_the_fewest_operations():
    tiles = layer().grid()
    found = best_tile(layer(), "summerge", tiles)
    counts = {tile: layer().count("summerge", tile).arithmetic for tile in tiles}
    assert found.operations == layer().count("summerge", found.tile)
    assert found.operations.arithmetic == min(counts.values())
    assert found.tile not in (tiles[0], tiles[-1])


def test_of_equal_tiles_the_smallest_table_is_taken():
    levels = np.eye(2, 8, dtype=np.int8)  # two weights, which never meet
    found = best_tile(GroupedCodes(LevelCodes.of(levels), 1), "ucnn", [Tile(2, 8), Tile(1, 8)])
    assert found.tile == (1, 8)


def test_dot_products_have_no_tile():
    assert best_tile(layer(), "dot products", layer().grid()).tile == layer().grid()[0]


def test_groups_are_counted_each_by_itself():
    grouped = layer((6, 40), groups=2)
    for tile in (Tile(3, 16), Tile(2, 40)):
        apart = [
            GroupedCodes(grouped.weights.rows(at, at + 3), 1).count("ucnn", tile) for at in (0, 3)
        ]
        assert grouped.count("ucnn", tile) == Operations.of_all(apart)


def test_zeros_are_skipped_unless_it_is_asked():
    tiles = [Tile(2, 64)]
    all_of_them = best_tile(layer(), "ucnn", tiles, skip_zeros=False)
    assert (
        all_of_them.operations.arithmetic > best_tile(layer(), "ucnn", tiles).operations.arithmetic
    )
