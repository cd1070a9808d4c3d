"""Tuples as keys, and the groups of a tile that kernels are made of."""

import numpy as np
import pytest

from hwsim.engines.repetition import LevelCodes, merged_groups
from hwsim.engines.repetition.tuples import block_keys, digits, most_filters


@pytest.mark.parametrize(
    ("base", "filters"), [(3, 1), (3, 10), (5, 9), (255, 2), (255, 8), (3, 39)]
)
def test_keys_are_digits(base, filters):
    largest = (base - 1) // 2
    codes = np.random.default_rng(0).integers(-largest, largest + 1, (1, filters, 6))
    codes[0, :, 0], codes[0, :, 1], codes[0, :, 2] = largest, -largest, 0
    keys = block_keys(codes, base)[0]
    assert keys[0] == -keys[1] > 0
    assert keys[2] == 0
    found = dict(digits(keys, filters, base))
    assert np.array([found[each] for each in range(filters)]).tolist() == codes[0].tolist()


def test_keys_are_no_wider_than_they_must():
    for filters, dtype in ((10, np.int16), (11, np.int32), (20, np.int32), (21, np.int64)):
        assert block_keys(np.ones((1, filters, 1), np.int8), 3).dtype == dtype


def test_most_filters_that_64_bits_hold():
    assert most_filters(3) == 40
    assert most_filters(255) == 8
    assert most_filters(513) == 7 - 1 + (513**7 // 2 < 2**63)


def test_merged_groups_give_the_weights_back():
    rng = np.random.default_rng(1)
    for _ in range(20):
        levels = rng.integers(-1, 2, (4, 30)).astype(np.int8)
        found = merged_groups(LevelCodes.of(levels))
        assert (found.group == -1).tolist() == (~levels.any(axis=0)).tolist()
        assert len({tuple(each) for each in found.tuples.tolist()}) == len(found.tuples)
        assert all(each[np.flatnonzero(each)[0]] > 0 for each in found.tuples)
        back = np.where(found.group < 0, 0, found.tuples[found.group].T * found.sign)
        assert back.tolist() == levels.tolist()
