"""Rows of a memory that the words of a tensor take, where the zeros of the problem are known."""

from __future__ import annotations

import numpy as np

from hwsim.engines.timeloop.sparse.sparse_tile import SparseTile


def rows_a_word(tile: SparseTile, block: int) -> float:
    """Average the rows that are touched for one word.

    A compressed tile begins a row of its own, and its last row is not full; where that would take
    more rows than the same tile has without zeros, tiles stand one behind the other as those of
    plain tensors do. So a tensor never takes more rows for one more zero.

    Parameters
    ----------
    tile : SparseTile
        Of a problem with known zeros.
    block : int
        Words of a row.
    """
    if not tile.compressed or block == 1:
        return 1 / block
    occupancies, chances = tile.density.distribution(tile.box)
    words = float((occupancies * chances).sum())
    if not words:
        return 1 / block
    touched = float((np.ceil(occupancies / block) * chances).sum())
    return min(touched / words, 1 / (block * tile.expected_density))
