"""The tile of a GEMM with the fewest cycles, by search over the closed form.

No tile is tried whose passes are longer than the best so far even if nothing waited on the bus: a
pass takes at least until its last product has passed the accumulator and the bus. Of tiles with
equal cycles the one that reads least is taken, then the one with the most rows.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.fabric.packing import Ints
from hwsim.engines.stonne.tpu.counts import edge_reads
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.tile import Gemm, Tile
from hwsim.engines.stonne.tpu.timing import edge_arrivals, gemm_cycles

#: Cycles of a pass besides those up to its last product: configuration, accumulator, line of the
#: bus, memory, and the cycle of the first element.
_AT_LEAST: Final = 5
_KEPT: Final = 4096


@lru_cache(maxsize=_KEPT)
def fastest_tile(gemm: Gemm, sizes: MeshSizes) -> Tile:
    """Find the tile with the fewest cycles.

    Parameters
    ----------
    gemm : Gemm
        What is run.
    sizes : MeshSizes
        The machine.
    """
    most_rows, most_columns = min(sizes.ms_rows, gemm.M), min(sizes.ms_cols, gemm.N)
    bounds = cycle_bounds(gemm, sizes, most_rows, most_columns)
    bounds[~_reach_the_bus(sizes, most_rows, most_columns)] = np.iinfo(np.int64).max
    order = np.argsort(bounds, axis=None, kind="stable")
    best: tuple[int, int, int, Tile] | None = None
    for place in order.tolist():
        bound = int(bounds.flat[place])
        if best is not None and bound > best[0]:
            break
        row, column = divmod(place, most_columns)
        tile = Tile(row + 1, column + 1)
        found = gemm_cycles(gemm, tile, sizes), sum(edge_reads(gemm, tile)), -tile.rows, tile
        if best is None or found < best:
            best = found
    assert best is not None
    return best[-1]


def cycle_bounds(gemm: Gemm, sizes: MeshSizes, most_rows: int, most_columns: int) -> Ints:
    """Bound the cycles of each tile from below, shape (rows, columns)."""
    shortest = _shortest_passes(gemm.K, sizes, most_rows, most_columns)
    rows, columns = np.arange(1, most_rows + 1), np.arange(1, most_columns + 1)
    down, low = np.divmod(gemm.M, rows)
    across, narrow = np.divmod(gemm.N, columns)
    rest = shortest[low]  # of the rows that are left; of none where the index is 0
    whole = shortest[rows]
    return np.asarray(
        down[:, None] * across * whole[:, columns]
        + down[:, None] * whole[:, narrow]
        + across * rest[:, columns]
        + rest[:, narrow]
    )


def _shortest_passes(K: int, sizes: MeshSizes, most_rows: int, most_columns: int) -> Ints:
    """Bound the cycles of a pass of so many rows and columns; 0 of none of them."""
    rows, columns = np.arange(1, most_rows + 1), np.arange(1, most_columns + 1)
    found = np.zeros((most_rows + 1, most_columns + 1), np.int64)
    if sizes.leaves_of_port == 1:
        found[1:, 1:] = K - 1 + (rows[:, None] - 1) + (columns - 1) + _AT_LEAST
        return found
    for used in itertools.product(rows.tolist(), columns.tolist()):
        top, left = edge_arrivals(*used, K, sizes)
        ways = (top - np.arange(len(top))).max(), (left - np.arange(len(left))).max()
        found[used] = max(ways) + sum(used) - 2 + _AT_LEAST
    return found


def _reach_the_bus(sizes: MeshSizes, most_rows: int, most_columns: int) -> NDArray[np.bool_]:
    """Tell which tiles have a line of the bus for each of their accumulators."""
    last = np.arange(most_rows)[:, None] * sizes.ms_cols + np.arange(most_columns)
    return np.asarray(last // sizes.rn_bw < sizes.inputs_of_line)
