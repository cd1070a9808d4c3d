"""Packing the stationary matrix into configurations of the multipliers.

The controller takes as many whole rows as fit, each row's non-zeros becoming one virtual neuron
(VN) of neighbouring multipliers. A row that does not fit is folded: a first piece fills all
multipliers, every later piece leaves multiplier 0 to bring the partial sum back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Packing:
    """The configurations that a stationary matrix needs, equal ones merged.

    What a configuration costs depends on the sizes of its VNs only, unless several rows share
    read ports; so configurations of a single VN are kept once with a count, and only those of
    several VNs keep their rows.

    Parameters
    ----------
    repeats : ndarray of int, shape (C,)
        How often each configuration is loaded.
    folded : ndarray of bool, shape (C,)
        True for a later piece of a row: multiplier 0 forwards the partial sum.
    configuration : ndarray of int, shape (V,)
        The configuration of each VN, ascending.
    size : ndarray of int, shape (V,)
        Multipliers of each VN, the partial sum's included.
    start : ndarray of int, shape (V,)
        First multiplier of each VN.
    row : ndarray of int, shape (V,)
        Row of the stationary matrix, counted over all groups; -1 for merged configurations.
    resident_weights : int
        Weights that stay in the multipliers when the groups end, summed over groups.
    first_rows : ndarray of int, shape (passes,)
        Where each pass of the streaming matrix begins: the rows of a configuration of several,
        or a row alone with all its pieces. Counted over all groups, ascending.
    """

    repeats: Ints
    folded: NDArray[np.bool_]
    configuration: Ints
    size: Ints
    start: Ints
    row: Ints
    resident_weights: int
    first_rows: Ints

    @property
    def weights(self) -> Ints:
        """Stationary values of each configuration, shape (C,)."""
        slots = np.bincount(self.configuration, self.size, len(self.repeats)).astype(np.int64)
        return slots - self.folded

    def passes(self, groups: int, rows: int) -> Ints:
        """Count the passes of each group of as many that have all the rows, shape (groups,)."""
        return np.bincount(self.first_rows // (rows // groups), minlength=groups)


def pack(nonzeros: Ints, num_ms: int) -> Packing:
    """Pack the rows of a stationary matrix into configurations.

    Parameters
    ----------
    nonzeros : ndarray of int, shape (groups, rows)
        Non-zeros of each row, at least 1. Groups are separate GEMMs and share no configuration.
    num_ms : int
        Multipliers.

    Returns
    -------
    Packing
        Every configuration that is loaded.
    """
    if nonzeros.size and nonzeros.min() > num_ms:
        return _folded(nonzeros, num_ms)
    single: dict[tuple[int, bool], int] = {}
    several: list[tuple[int, int]] = []  # first row and one past the last
    first_rows: list[int] = []
    resident = 0
    row = 0
    for group in nonzeros.tolist():
        first = 0
        while first < len(group):
            first_rows.append(row + first)
            wanted = group[first]
            if wanted > num_ms:
                pieces = _fold(wanted, num_ms)
                for piece, count in pieces.items():
                    single[piece] = single.get(piece, 0) + count
                size, is_later = next(reversed(pieces))
                resident_now = size - is_later
                past = first + 1
            else:
                used, past = wanted, first + 1
                while past < len(group) and used + group[past] <= num_ms:
                    used += group[past]
                    past += 1
                resident_now = used
                if past == first + 1:
                    single[wanted, False] = single.get((wanted, False), 0) + 1
                else:
                    several.append((row + first, row + past))
            first = past
        resident += resident_now
        row += len(group)
    return _as_arrays(single, several, nonzeros.ravel(), resident, first_rows)


def _folded(nonzeros: Ints, num_ms: int) -> Packing:
    """Pack rows none of which fits: each is folded by itself, those of one size alike."""
    sizes, counts = np.unique(nonzeros, return_counts=True)
    single: dict[tuple[int, bool], int] = {}
    left: dict[int, int] = {}  # by size: weights of the last piece
    for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
        pieces = _fold(size, num_ms)
        for piece, times in pieces.items():
            single[piece] = single.get(piece, 0) + count * times
        last, is_later = next(reversed(pieces))
        left[size] = last - is_later
    resident = sum(left[size] for size in nonzeros[:, -1].tolist())
    return _as_arrays(single, [], nonzeros.ravel(), resident, list(range(nonzeros.size)))


def _fold(nonzeros: int, num_ms: int) -> dict[tuple[int, bool], int]:
    """Split a row that does not fit: {(multipliers used, is a later piece): how many}, in order."""
    full, rest = divmod(nonzeros - num_ms, num_ms - 1)
    pieces = {(num_ms, False): 1}
    if full:
        pieces[num_ms, True] = full
    if rest:
        pieces[rest + 1, True] = 1
    return pieces


def _as_arrays(
    single: dict[tuple[int, bool], int],
    several: list[tuple[int, int]],
    row_sizes: Ints,
    resident: int,
    first_rows: list[int],
) -> Packing:
    alone = np.array([size for size, _ in single], dtype=np.int64)
    bounds = np.array(several, dtype=np.int64).reshape(-1, 2)
    counts = bounds[:, 1] - bounds[:, 0]
    ends = np.cumsum(counts)
    begins = ends - counts
    rows = np.repeat(bounds[:, 0] - begins, counts) + np.arange(counts.sum())
    sizes = row_sizes[rows]
    before = np.cumsum(sizes) - sizes
    starts = before - np.repeat(before[begins], counts)
    merged = len(single)
    return Packing(
        repeats=np.array([*single.values()] + [1] * len(several), dtype=np.int64),
        folded=np.array([later for _, later in single] + [False] * len(several), dtype=bool),
        configuration=np.concatenate(
            [np.arange(merged), np.repeat(merged + np.arange(len(several)), counts)]
        ),
        size=np.concatenate([alone, sizes]),
        start=np.concatenate([np.zeros(merged, dtype=np.int64), starts]),
        row=np.concatenate([np.full(merged, -1, dtype=np.int64), rows]),
        resident_weights=resident,
        first_rows=np.array(first_rows, dtype=np.int64),
    )
