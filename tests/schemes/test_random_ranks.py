import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.schemes import _random_ranks
from hwsim.schemes._random_ranks import random_ranks, ranks_of, smallest_at_random
from hwsim.schemes._ranking import smallest


@pytest.mark.parametrize("size", [1, 4, 7])
def test_random_ranks_are_a_public_stream(size):
    stream = np.random.default_rng([5, zlib.crc32(b"layer1.0.conv1")])
    expected = stream.integers(1, 2**32, size=size, dtype=np.uint32)
    assert np.array_equal(random_ranks(5, "layer1.0.conv1", size), expected)


def test_ranks_are_the_halves_of_words_and_never_zero():
    words = np.array(
        [0x0000_0002_0000_0001, 0xFFFF_FFFF_0000_0000, 0x0000_0000_0000_0005], np.uint64
    )
    assert ranks_of(words).tolist() == [1, 2, 1, 2**32 - 1, 5, 1]


@given(st.integers(1, 300), st.data())
def test_the_smallest_of_them(size, data):
    count = data.draw(st.integers(0, size))
    expected = smallest(random_ranks(1, "a", size), count)
    assert np.array_equal(smallest_at_random(1, "a", size, count), expected)


@pytest.mark.parametrize("block", [2, 64, 1000, 4096])
@pytest.mark.parametrize("deviations", [0, 1e-3, 1, 6, 1000])
def test_in_blocks_and_wherever_the_border_lies(monkeypatch, block, deviations):
    monkeypatch.setattr(_random_ranks, "_BLOCK", block)
    monkeypatch.setattr(_random_ranks, "_DEVIATIONS", deviations)
    for count in (0, 1, 350, 650, 999, 1000):
        expected = smallest(random_ranks(3, "b", 1000), count)
        assert np.array_equal(smallest_at_random(3, "b", 1000, count), expected)


def test_few_ranks_are_kept_and_the_border_is_among_them(monkeypatch):
    kept = []
    monkeypatch.setattr(
        _random_ranks, "smallest", lambda *given: kept.append(given) or smallest(*given)
    )
    for seed in range(20):
        smallest_at_random(seed, "c", 100_000, 65_000)
    # 6 standard deviations, sqrt(0.65 * 0.35 * 100000) = 151, to either side.
    assert len(kept) == 20
    for ranks, missing in kept:
        assert abs(ranks.size - 1810) < 200
        assert abs(missing - 905) < 5 * 151
