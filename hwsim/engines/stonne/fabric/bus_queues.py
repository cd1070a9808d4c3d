"""The two queues of the collection bus: a line's, and the memory controller's behind all lines."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

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


def receive_half(runs: Iterable[tuple[int, int]]) -> int:
    """Find when a queue that each cycle keeps half of what it has, rounded down, is empty.

    Runs are of arrivals, one a cycle each: where they start and how many there are.
    """
    change: dict[int, int] = {}
    for start, length in runs:
        change[start] = change.get(start, 0) + 1
        change[start + length] = change.get(start + length, 0) - 1
    edges = sorted(change)
    waiting = together = 0
    for edge, following in pairwise(edges):
        together += change[edge]
        for _ in range(following - edge):
            kept = (waiting + together) // 2
            if kept == waiting:
                break
            waiting = kept
    return edges[-1] - 1 + waiting.bit_length()
