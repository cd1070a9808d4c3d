"""The tiles that STONNE's mapper takes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.engines.stonne.mapper.balanced_set import BalancedSet
from hwsim.engines.stonne.mapper.dense_gemm import MappedTile, stonne_tile
from hwsim.errors import InputError
from tests.measured import golden_folder


def test_tiles_are_those_of_the_real_program():
    lines = (golden_folder("stonne_files") / "mapped_tiles.txt").read_text().splitlines()
    assert len(lines) >= 60
    for line in lines:
        M, N, K, num_ms, *tile = map(int, line.split())
        assert stonne_tile(M, N, K, num_ms) == tuple(tile), line


def test_an_estimate_by_hand():
    # 1 x 4 x 4 of 9 x 7 x 5 on 16: all multipliers; 1, 7/8 and 5/8 inside; 4/7 of 0.1, 4/5 of 0.05
    estimate = MappedTile(9, 7, 5, 1, 4, 4, 16).estimate
    assert estimate == pytest.approx(1 + 2.5 / 3 + 0.4 / 7 + 0.04, rel=1e-6)
    assert isinstance(estimate, np.float32)
    assert MappedTile(9, 2, 1, 1, 8, 4, 64).estimate == pytest.approx(
        0.5 + (1 + 0.25 + 0.25) / 3 + 0.1 + 0.05, rel=1e-6
    )


def test_no_room_for_the_shortest_tile():
    with pytest.raises(InputError) as caught:
        stonne_tile(3, 3, 3, 1)
    assert str(caught.value) == (
        "generate_tile: STONNE's mapper takes no tile of less than 2 along K, and num_ms = 1 has "
        "no room for it"
    )
    assert stonne_tile(3, 3, 1, 1) == (1, 1, 1)


@given(st.lists(st.integers(-20, 20)))
def test_with_an_order_it_is_a_sorted_set(items):
    kept = BalancedSet(int.__lt__)
    for item in items:
        kept.add(item)
    assert list(kept) == sorted(set(items))


def test_the_tree_stays_flat():
    kept = BalancedSet(int.__lt__)
    compared = 0

    def before(one, other):
        nonlocal compared
        compared += 1
        return one < other

    kept = BalancedSet(before)
    for item in range(1024):
        kept.add(item)
    compared = 0
    kept.add(512)
    assert compared <= 22  # the way down a red-black tree of 1024, and the one before
