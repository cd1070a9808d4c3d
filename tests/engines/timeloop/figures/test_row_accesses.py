"""Rows that the words of a tensor with known zeros take, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.figures._row_accesses import rows_a_word

#: Tiles of 8: three non-zeros, none, eight, one.
MASK = np.zeros((4, 8), bool)
MASK[0, :3] = MASK[2] = MASK[3, 5] = True


def tile(mask=MASK, compressed=True):
    density = ActualData(mask)
    share = float(mask.mean())
    return SimpleNamespace(
        compressed=compressed, density=density, box=(1, 8), expected_density=share
    )


def test_every_compressed_tile_begins_a_row() -> None:
    """In rows of 4 words: 1 + 0 + 2 + 1 rows for 12 words."""
    assert rows_a_word(tile(), 4) == pytest.approx(4 / 12)


def test_no_more_rows_than_without_zeros() -> None:
    """In rows of 64 words three tiles would begin a row; 32 words fill half of one."""
    assert rows_a_word(tile(), 64) == pytest.approx(32 / 64 / 12)


def test_plain_words_stand_side_by_side() -> None:
    assert rows_a_word(tile(compressed=False), 4) == 1 / 4
    assert rows_a_word(tile(), 1) == 1


def test_a_tensor_of_zeros_has_no_words() -> None:
    assert rows_a_word(tile(np.zeros((4, 8), bool)), 4) == 1 / 4
