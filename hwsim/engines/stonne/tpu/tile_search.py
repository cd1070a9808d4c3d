"""The tile of a GEMM with the least cycles, energy or product of them, over the closed form.

No tile is tried whose passes are longer than the best so far even if nothing waited on the bus: a
pass takes at least until its last product has passed the accumulator and the bus. Of equally good
tiles the one that reads least is taken, then the one with the most rows.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.fabric.packing import Ints
from hwsim.engines.stonne.fabric.prices import stonne_prices, weigh
from hwsim.engines.stonne.tpu.counts import action_counts, edge_reads, instances
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.tile import Gemm, Tile
from hwsim.engines.stonne.tpu.timing import edge_arrivals, gemm_cycles

#: Cycles of a pass besides those up to its last product: configuration, accumulator, line of the
#: bus, memory, and the cycle of the first element.
_AT_LEAST: Final = 5
_KEPT: Final = 4096
#: Bounds are added up in another order than what they are of.
_ROUNDING: Final = 1 - 1e-9


@lru_cache(maxsize=_KEPT)
def best_tile(gemm: Gemm, sizes: MeshSizes, objective: str = "cycles") -> Tile:
    """Find the best tile of all that the machine takes.

    Parameters
    ----------
    gemm : Gemm
        What is run.
    sizes : MeshSizes
        The machine.
    objective : {"cycles", "energy", "edp"}
        What is to be least; energy is by STONNE's own table.
    """
    most_rows, most_columns = min(sizes.ms_rows, gemm.M), min(sizes.ms_cols, gemm.N)
    times = cycle_bounds(gemm, sizes, most_rows, most_columns).astype(np.float64)
    actions = action_energies(gemm, sizes, most_rows, most_columns)
    standing = stonne_prices().of_a_cycle(instances(sizes))
    bounds = weigh(objective, times, actions, standing) * _ROUNDING
    bounds[~_reach_the_bus(sizes, most_rows, most_columns)] = np.inf
    order = np.argsort(bounds, axis=None, kind="stable")
    best: tuple[float, int, int, Tile] | None = None
    for place in order.tolist():
        bound = float(bounds.flat[place])
        if best is not None and bound > best[0]:
            break
        row, column = divmod(place, most_columns)
        tile = Tile(row + 1, column + 1)
        cycles, energy = float(gemm_cycles(gemm, tile, sizes)), float(actions[row, column])
        value = weigh(objective, cycles, energy, standing)
        found = value, sum(edge_reads(gemm, tile)), -tile.rows, tile
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


def action_energies(
    gemm: Gemm, sizes: MeshSizes, most_rows: int, most_columns: int
) -> NDArray[np.float64]:
    """Give what the actions of each tile cost, shape (rows, columns).

    An element that comes in once more is one that is handed on once less.
    """
    prices, levels = stonne_prices(), sizes.leaves_of_port.bit_length() - 1
    price = prices.actions
    read = price["GLOBALBUFFER", "READ"] + (levels + 1) * price["DN_WIRE", "WRITE"]
    read += levels * price["SWITCH", "ROUTE_UNICAST"]
    handed_on = price["MN_WIRE", "WRITE"] if sizes.multipliers > 1 else 0.0
    handed_on += price["FIFO", "PUSH"] + price["FIFO", "POP"]
    configured = sizes.multipliers * price["MULTIPLIER", "CONFIGURATION"]
    across = -(-gemm.N // np.arange(1, most_columns + 1))
    down = -(-gemm.M // np.arange(1, most_rows + 1))[:, None]
    reads, passes = gemm.K * (gemm.M * across + gemm.N * down), across * down

    one = Tile(1, 1)
    known = prices.of_counts(action_counts(gemm, one, sizes, weights_left=True))
    more = (read - handed_on) * (reads - sum(edge_reads(gemm, one)))
    return np.asarray(known + more + configured * (passes - one.number(gemm)), dtype=np.float64)


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
