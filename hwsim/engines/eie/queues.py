"""When the PEs are done: each works at its own pace, at most a queue behind the broadcast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def finishing_cycles(
    entries: NDArray[np.int64], present: NDArray[np.bool_], queue: int
) -> NDArray[np.int64]:
    """Find the cycles until the last PE is done with a vector.

    An activation that is not zero is sent to all PEs, at most one a cycle, as soon as every PE has
    room in its queue; it leaves a PE's queue when its column is done there. A column takes a cycle
    for each entry, and one where it has none, for looking that up (ISCA 2016, section IV).

    Parameters
    ----------
    entries : ndarray of int64, shape (columns, PEs)
        Entries of each PE in each column.
    present : ndarray of bool, shape (vectors, columns)
        Where an activation is not zero.
    queue : int
        Activations that a queue holds, 1 or more.

    Returns
    -------
    ndarray of int64, shape (vectors,)
        Each vector by itself.
    """
    vectors, columns = present.shape
    busy = np.maximum(entries, 1)
    done = np.zeros((vectors, entries.shape[1]), np.int64)
    freed = np.zeros((vectors, queue), np.int64)  # when the slots are free in all PEs
    sent = np.zeros(vectors, np.int64)
    for column in range(columns):
        which = np.flatnonzero(present[:, column])
        slots = sent[which] % queue
        # A PE takes a cycle for a column at least: none is done before the next one is sent.
        starts = freed[which, slots]
        ends = np.maximum(done[which], starts[:, None]) + busy[column]
        done[which] = ends
        freed[which, slots] = ends.max(axis=1)
        sent[which] += 1
    last: NDArray[np.int64] = done.max(axis=1)
    return last
