"""Which rows each group of filters adds, made from the digits of a layer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hwsim.kernels.group_sums import Tile


@dataclass(frozen=True, eq=False)
class Tables:
    """What the code of :mod:`hwsim.kernels.group_sums` goes through for one block of positions.

    Parameters
    ----------
    rows : ndarray of int64, shape (chunks,)
        Rows of the reduction in each chunk.
    batches : ndarray of int64, shape (chunks,)
        Batches of lists in each chunk.
    steps : ndarray of int64, shape (batches,)
        Rows that each list of a batch adds, those that are only zeros among them.
    indices : ndarray of uint16
        For each batch, step by step, the row of the panel that each of its lists adds; in bytes.
    targets : ndarray of uint32
        For each batch, the sums that its lists add to; in bytes.
    sets : int
        Sets of G filters.
    entries : int
        Additions that are no padding.
    """

    rows: NDArray[np.int64]
    batches: NDArray[np.int64]
    steps: NDArray[np.int64]
    indices: NDArray[np.uint16]
    targets: NDArray[np.uint32]
    sets: int
    entries: int


def tables_of(digits: NDArray[np.int8], tile: Tile, most_rows: int, vector_bytes: int) -> Tables:
    """Make the lists of a group's filters.

    Lists of a chunk are sorted by length, over all sets, so that the lists of a batch are as long
    as each other and few batches differ from the one before: hardly any addition of zeros, and
    loops that a branch predictor knows.

    Parameters
    ----------
    digits : ndarray of int8, shape (K, R)
        Of the filters.
    tile : Tile
        How the work is cut.
    most_rows : int
        Rows that fit the panel, its zeros not counted.
    vector_bytes : int
        Bytes of a vector.
    """
    K, R = digits.shape
    sets = -(-K // tile.filters)
    full = np.zeros((sets * tile.filters, R), dtype=np.int32)
    full[:K] = digits
    powers = tile.digits ** np.arange(tile.filters, dtype=np.int32)
    tuples = (full.reshape(sets, tile.filters, R) * powers[:, None]).sum(axis=1, dtype=np.int32)
    parts = -(-R // most_rows)
    bounds = [R * part // parts for part in range(parts + 1)]
    width = tile.vectors * vector_bytes
    chunks = [_chunk(tuples[:, start:end], tile, width) for start, end in pairwise(bounds)]
    steps, indices, targets = (np.concatenate([chunk[at] for chunk in chunks]) for at in range(3))
    return Tables(
        rows=np.diff(bounds).astype(np.int64),
        batches=np.array([len(chunk[0]) for chunk in chunks], dtype=np.int64),
        steps=steps,
        indices=indices.astype(np.uint16),
        targets=targets.astype(np.uint32),
        sets=sets,
        entries=int(np.count_nonzero(tuples)),
    )


def _chunk(
    tuples: NDArray[np.int64], tile: Tile, width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Give steps, indices and targets of the batches of a chunk; tuples are (sets, rows)."""
    sets, rows = tuples.shape
    keys = (np.arange(sets)[:, None] * tile.tuples + tuples).ravel()
    where = np.flatnonzero(tuples.ravel())
    keys = keys[where]
    order = np.argsort(keys, kind="stable")
    groups, starts, lengths = np.unique(keys[order], return_index=True, return_counts=True)
    longest = np.argsort(-lengths, kind="stable")
    rank = np.empty_like(longest)
    rank[longest] = np.arange(len(longest))
    steps = lengths[longest][:: tile.lists]
    first = np.concatenate([[0], np.cumsum(steps * tile.lists)])
    batch, lane = np.divmod(np.repeat(rank, lengths), tile.lists)
    step = np.arange(len(keys)) - np.repeat(starts, lengths)
    indices = np.zeros(first[-1], dtype=np.int64)  # the row of zeros
    indices[first[batch] + step * tile.lists + lane] = (where[order] % rows + 1) * width
    targets = np.zeros(len(steps) * tile.lists, dtype=np.int64)  # sum 0 is nobody's
    targets[: len(groups)] = groups[longest] * width
    return steps.astype(np.int64), indices, targets
