"""What instances hold where factors leave rests in space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwsim.engines.timeloop.nest._reuse import box
from hwsim.engines.timeloop.nest.loops import Floats, LoopRows
from hwsim.engines.timeloop.terms.problem import Ints


@dataclass
class RestSizes:
    """What averages over rounds and the last round do not tell.

    Parameters
    ----------
    partitions : list of list of ndarray of float
        By data space and storage level: points of the tensor that an instance ever holds.
    most_instances : ndarray of float, shape (levels, mappings)
        Instances of each level that work at most.
    """

    partitions: list[list[Floats]]
    most_instances: Floats


def most_instances(loops: LoopRows) -> Floats:
    """Count the instances of each level that work before the last round."""
    found = np.ones_like(loops.fanout)
    np.cumprod(loops.fanout[:0:-1], axis=0, out=found[-2::-1])
    return found


def rest_partitions(projection: Ints, loops: LoopRows) -> list[Floats]:
    """Share a tensor among the instances of each level, which work in all rounds.

    Without the rests each instance would hold as much as where factors divide; an instance that
    has the rest inside it holds the points that there are.
    """
    levels = range(len(loops.padded))
    sizes = [_points(projection, loops.padded[level]) for level in levels]
    whole = sizes[-1]
    found = [whole]
    for level in reversed(levels[:-1]):
        fanned = loops.fanout[level + 1]
        inner = loops.padded[level]
        spread = inner.copy()
        copies = loops.spatial[level + 1]
        for dimension, end in zip(copies.dimension, copies.end, strict=True):
            spread[dimension, np.arange(spread.shape[1])] *= end
        share = np.where(fanned > 1, _points(projection, spread), sizes[level])
        whole = whole * sizes[level] // share
        found.insert(0, whole)
    relevant = (projection != 0).any(axis=0)
    return [
        _without_padding(partition, loops, level, relevant).astype(np.float64)
        for level, partition in enumerate(found)
    ]


def _points(projection: Ints, extents: Floats) -> Ints:
    """Count the points of a tile; in integers, as products of them pass 2**53."""
    points: Ints = np.prod(box(projection, extents), axis=0).astype(np.int64)
    return points


def _without_padding(partition: Ints, loops: LoopRows, level: int, relevant: Ints) -> Ints:
    for rest in loops.rests:
        inside = (rest.level >= 0) & (level >= rest.level) & relevant[rest.dimension]
        bound, padded = rest.bound.astype(np.int64), rest.padded.astype(np.int64)
        partition = np.where(inside, partition * bound // padded, partition)
    return partition
