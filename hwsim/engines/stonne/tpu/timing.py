"""When a pass over the mesh ends.

In the cycle after its configuration the controller begins to put an element of every used column
and row into the queues of the read ports, for one k a cycle. A port sends one a cycle, so that one
that feeds ``n`` used edges delivers each of them an element every ``n`` cycles; it takes the
columns first. A port without a tree reaches its edge in the same cycle, one with a tree a cycle
later.

A multiplier works as soon as it has both operands and passes them on, down and to the right, a
cycle later. For each k the product at (i, j) is therefore made at the latest of the ways from the
edges: ``max over j' <= j of top(j') + j - j' + i`` and ``max over i' <= i of left(i') + i - i' +
j``.

The sum is whole a cycle after the last product, and on its line of the collection bus another one
later; the memory controller takes half of what waits for it, rounded up, each cycle.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from hwsim.engines.stonne.fabric.bus_queues import receive_half, serve_one_a_cycle
from hwsim.engines.stonne.fabric.packing import Ints
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.tile import Gemm, Tile

#: From the product to the line of the bus: the accumulator, then the line.
TO_BUS: Final = 2
#: A cycle that configures the mesh.
CONFIGURATION: Final = 1
_KEPT: Final = 1 << 16


def edge_arrivals(rows: int, columns: int, K: int, sizes: MeshSizes) -> tuple[Ints, Ints]:
    """Find when the last element reaches each used edge, counted from the first that is sent.

    Parameters
    ----------
    rows, columns : int
        Of the pass.
    K : int
        Elements of an edge.
    sizes : MeshSizes
        The machine.

    Returns
    -------
    (ndarray, ndarray)
        Cycles at the top of each column and at the left of each row.
    """
    edges = np.concatenate([np.arange(columns), sizes.ms_cols + np.arange(rows)])
    port = edges // sizes.leaves_of_port
    sharing = np.bincount(port, minlength=sizes.dn_bw)[port]
    turn = np.arange(len(edges)) - np.searchsorted(port, port)
    last = turn + sharing * (K - 1) + (sizes.leaves_of_port > 1)
    return last[:columns], last[columns:]


def last_products(rows: int, columns: int, K: int, sizes: MeshSizes) -> Ints:
    """Find when the last product is made at each place of a pass, shape (rows, columns)."""
    top, left = edge_arrivals(rows, columns, K, sizes)
    across, down = np.arange(columns), np.arange(rows)[:, None]
    from_top = np.maximum.accumulate(top - across) + across + down
    from_left = np.maximum.accumulate(left[:, None] - down, axis=0) + down + across
    return np.asarray(np.maximum(from_top, from_left))


@lru_cache(maxsize=_KEPT)
def pass_cycles(rows: int, columns: int, K: int, sizes: MeshSizes) -> int:
    """Count the cycles of a pass, its configuration included.

    Parameters
    ----------
    rows, columns : int
        Of the product that the pass makes.
    K : int
        Length of the reduction.
    sizes : MeshSizes
        The machine.
    """
    sent = (last_products(rows, columns, K, sizes) + TO_BUS).ravel()
    accumulators = (np.arange(rows)[:, None] * sizes.ms_cols + np.arange(columns)).ravel()
    if accumulators[-1] >= sizes.rn_bw:  # several share a line
        lines = accumulators % sizes.rn_bw
        order = np.argsort(lines, kind="stable")
        by_line = np.split(sent[order], np.flatnonzero(np.diff(lines[order])) + 1)
        sent = np.concatenate([serve_one_a_cycle(line, np.ones_like(line))[0] for line in by_line])
    # from the first cycle that sends, and that one itself
    return CONFIGURATION + receive_half((start, 1) for start in (sent + 1).tolist()) + 1


def gemm_cycles(gemm: Gemm, tile: Tile, sizes: MeshSizes) -> int:
    """Count the cycles of a GEMM: its passes follow one another, each when the last is received."""
    return sum(
        number * pass_cycles(rows, columns, gemm.K, sizes)
        for rows, columns, number in tile.passes(gemm)
    )
