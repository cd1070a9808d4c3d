"""Metadata counted on tensors equal what a literal encoder writes."""

import numpy as np
import pytest

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.sparse._encoded_tiles import encoded_units
from tests.engines.timeloop.sparse.literal_encoder import encode, tensor, tiles_of

FORMATS = ("u", "uop", "cp", "rle", "b", "ub")


def counted(mask, subtiles, formats):
    units = encoded_units(ActualData(mask), subtiles, formats)
    return [[part.reshape(-1).tolist() for part in rank] for rank in units]


def walked(mask, subtiles, formats):
    tiles = [encode(tile, subtiles, formats) for tile in tiles_of(mask, subtiles[-1])]
    return [
        [[len(tile[rank][part]) for tile in tiles] for part in (0, 1)]
        for rank in range(len(formats))
    ]


def test_each_format_by_hand():
    # rows of four points: two non-zeros, one, none
    mask = np.array([[1, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]], dtype=bool)
    subtiles = [(1, 1), (1, 4), (3, 4)]

    def units(inner, outer):
        return counted(mask, subtiles, [inner, outer])

    # three coordinates in the two rows that hold any; four offsets for three rows
    assert units("cp", "uop") == [[[3], [0]], [[0], [4]]]
    assert units("rle", "cp") == [[[3], [0]], [[2], [2]]]
    # masks of the rows that are written: two of four bits, and of all three where none is left out
    assert units("b", "b") == [[[8], [0]], [[3], [2]]]
    assert units("b", "u") == [[[12], [0]], [[0], [0]]]
    assert units("b", "ub") == [[[12], [0]], [[3], [3]]]
    assert units("ub", "cp") == [[[8], [0]], [[2], [2]]]
    # offsets are no data: those of the innermost rank are there
    assert units("uop", "uop") == [[[0], [10]], [[0], [4]]]
    # where the innermost rank says nothing the payload of the next is the data
    assert units("u", "cp") == [[[0], [0]], [[2], [0]]]
    assert units(None, "b") == [[[0], [0]], [[3], [0]]]
    assert units("u", "u") == [[[0], [0]], [[0], [0]]]


def test_tiles_without_a_non_zero_are_not_written_unless_nothing_is_left_out():
    mask = np.zeros((2, 4), dtype=bool)
    subtiles = [(1, 1), (1, 2), (1, 4)]
    assert counted(mask, subtiles, ["b", "uop"]) == [[[0, 0], [0, 0]], [[0, 0], [0, 0]]]
    assert counted(mask, subtiles, ["b", "u"]) == [[[4, 4], [0, 0]], [[0, 0], [0, 0]]]
    assert counted(mask, subtiles, ["cp", "ub"]) == [[[0, 0], [0, 0]], [[2, 2], [2, 2]]]


def test_offsets_are_counted_beyond_what_a_byte_holds():
    # 128 coordinates and as many ends: 256
    assert counted(np.ones((128, 1), dtype=bool), [(1, 1), (1, 1), (128, 1)], ["uop", "uop"]) == [
        [[0], [256]],
        [[0], [129]],
    ]


@pytest.mark.parametrize("clustered", [False, True])
def test_counts_are_those_of_a_literal_encoder(clustered):
    generator = np.random.default_rng(int(clustered))
    for _ in range(250):
        ranks = int(generator.integers(1, 4))
        axes = int(generator.integers(1, 4))
        subtiles = [(1,) * axes]
        for _ in range(ranks):
            factors = generator.integers(1, 4, size=axes)
            subtiles.append(tuple(int(a * b) for a, b in zip(subtiles[-1], factors, strict=True)))
        grid = generator.integers(1, 3, size=axes)
        shape = [int(length * tiles) for length, tiles in zip(subtiles[-1], grid, strict=True)]
        if generator.random() < 0.3:  # factors that leave a rest
            shape = [int(generator.integers(1, extent + 1)) for extent in shape]
        formats = [str(each) for each in generator.choice(FORMATS, size=ranks)]
        mask = tensor(generator, shape, generator.choice([0.05, 0.3, 0.7, 1.0]), clustered)
        expected = walked(mask, subtiles, formats)
        assert counted(mask, subtiles, formats) == expected, (subtiles, formats, mask)
