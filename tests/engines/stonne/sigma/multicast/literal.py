"""The published SIGMA, word by word and multiplier by multiplier: slow, and nothing else."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.sigma.multicast.sizes import MulticastSizes
from tests.engines.stonne.fabric.test_reduction_tree import carry_sums

Bits = NDArray[np.bool_]


def run(weights: Bits, stream: Bits, sizes: MulticastSizes) -> Counter[str]:
    """Run (groups, rows, K) against (groups, columns, K) and count what happens."""
    found: Counter[str] = Counter()
    for stationary, vectors in zip(weights, stream, strict=True):
        written: Counter[int] = Counter()  # sums of each row so far, all columns
        K = stationary.shape[1]
        for first in range(0, K, sizes.stream_bw):
            ks = range(first, min(first + sizes.stream_bw, K))
            values = [
                (row, k)
                for row in range(len(stationary))
                for k in ks
                if stationary[row, k] and any(vector[k] for vector in vectors)
            ]
            while values:
                fold, values = values[: sizes.num_ms], values[sizes.num_ms :]
                _run_fold(fold, vectors, sizes, found, written)
        found["finished"] += len(written) * len(vectors)
    found["returned"] = found["written"] - found["finished"]
    found["additions"] += found["returned"]
    found["cycles"] = max(1, found["loading"] + found["streaming"] + found["reduction"])
    return found


def _run_fold(
    fold: list[tuple[int, int]],
    vectors: Bits,
    sizes: MulticastSizes,
    found: Counter[str],
    written: Counter[int],
) -> None:
    found["folds"] += 1
    waiting = list(fold)
    while waiting:  # one word a Benes input and cycle
        waiting = waiting[sizes.dn_bw :]
        found["loading"] += 1
    for _ in fold:
        found["loaded"] += 1
        found["weight wires"] += 1 + sizes.benes_levels
    rows = [row for row, _ in fold]
    for vector in vectors:
        sent = {k for _, k in fold if vector[k]}
        assert len(sent) <= sizes.stream_bw
        found["reads"] += len(sent)
        for start in range(0, len(fold), sizes.dn_bw):
            engine = fold[start : start + sizes.dn_bw]
            for k in sent & {k for _, k in engine}:
                leaves = [leaf for leaf, (_, its) in enumerate(engine) if its == k]
                _pass_benes(leaves, sizes, found)
        left = sorted(set(rows))
        for row in left:
            start, size = rows.index(row), rows.count(row)
            *_, wires = carry_sums(start, size, sizes.num_ms)
            found["sums passed on"] += wires
            found["additions"] += size - 1
            found["written"] += 1
            written[row] += 1
        while left:
            left = left[sizes.rn_bw :]
            found["streaming"] += 1
    found["reduction"] += 1  # the multiplication behind the last distribution
    width = sizes.num_ms
    while width > 1:
        width //= 2
        found["reduction"] += 1


def _pass_benes(leaves: list[int], sizes: MulticastSizes, found: Counter[str]) -> None:
    """Take a word from the bus into a Flex-DPE and to some of its multipliers."""
    found["wires"] += 1
    half, width = 0, sizes.dn_bw
    while width > 1:
        width, half = width // 2, half + 1
    for _ in range(half + 1):
        found["unicast"] += 1
        found["wires"] += 1
    _part(leaves, 0, sizes.dn_bw, found)
    found["products"] += len(leaves)


def _part(leaves: list[int], first: int, width: int, found: Counter[str]) -> None:
    if width == 1:
        return
    middle = first + width // 2
    lower = [leaf for leaf in leaves if leaf < middle]
    upper = [leaf for leaf in leaves if leaf >= middle]
    found["broadcast" if lower and upper else "unicast"] += 1
    found["wires"] += bool(lower) + bool(upper)
    if lower:
        _part(lower, first, width // 2, found)
    if upper:
        _part(upper, middle, width // 2, found)
