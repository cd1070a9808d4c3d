"""The two queues of the collection bus: a line's, and the memory controller's behind all lines."""

from __future__ import annotations

import numpy as np

from hwsim.engines.stonne.fabric.packing import Ints


def serve_one_a_cycle(arrivals: Ints, outputs: Ints) -> tuple[Ints, Ints]:
    """Send the outputs of a line in the order of their arrivals.

    Returns starts and lengths: each arrival's outputs leave from a start on, one a cycle.
    """
    order = np.argsort(arrivals, kind="stable")
    arrivals, outputs = arrivals[order], outputs[order]
    place = np.cumsum(outputs) - outputs
    return place + np.maximum.accumulate(arrivals - place), outputs


def receive_half(starts: Ints, lengths: Ints) -> int:
    """Find when a queue that each cycle keeps half of what it has, rounded down, is empty.

    Starts and lengths are of runs of arrivals, one a cycle each.
    """
    ends = np.concatenate([starts, starts + lengths])
    first, last = int(ends.min()), int(ends.max())
    if last - first < len(ends):  # so close that each cycle is as good as where something changes
        edges, place = np.arange(first, last + 1), ends - first
    else:
        edges, place = np.unique(ends, return_inverse=True)
    turns = np.repeat([1, -1], len(starts))
    arriving = np.cumsum(np.bincount(place.ravel(), turns).astype(np.int64))
    waiting = 0
    for together, cycles in zip(arriving[:-1].tolist(), np.diff(edges).tolist(), strict=True):
        for _ in range(cycles):
            kept = (waiting + together) // 2
            if kept == waiting:
                break
            waiting = kept
    return int(edges[-1]) - 1 + waiting.bit_length()
