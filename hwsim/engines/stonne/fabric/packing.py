"""Packing the stationary matrix into configurations of the multipliers.

The controller takes as many whole rows as fit, each row's non-zeros becoming one virtual neuron
(VN) of neighbouring multipliers. A row that does not fit is folded: a first piece fills all
multipliers, every later piece leaves multiplier 0 to bring the partial sum back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

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


@dataclass(frozen=True, eq=False)
class PackedMatrices:
    """What several stationary matrices need, one after the other.

    Parameters
    ----------
    packing : Packing
        The configurations of all; rows are counted over all matrices.
    first_configuration, first_vn, first_pass : ndarray of int, shape (matrices,)
        Where those of each matrix begin.
    resident_weights : ndarray of int, shape (matrices,)
        Of each matrix.
    """

    packing: Packing
    first_configuration: Ints
    first_vn: Ints
    first_pass: Ints
    resident_weights: Ints


def pack(matrices: Sequence[Ints], num_ms: int) -> PackedMatrices:
    """Pack the rows of stationary matrices into configurations.

    Parameters
    ----------
    matrices : sequence of ndarray of int, shape (groups, rows)
        Non-zeros of each row, at least 1. Groups, as matrices, are separate GEMMs and share no
        configuration.
    num_ms : int
        Multipliers.

    Returns
    -------
    PackedMatrices
        Every configuration that is loaded.
    """
    packed = [_configurations(nonzeros, num_ms) for nonzeros in matrices]
    rows = [0, *accumulate(nonzeros.size for nonzeros in matrices)]
    return _as_arrays(packed, np.concatenate([each.ravel() for each in matrices]), rows)


@dataclass(frozen=True, eq=False)
class _Configurations:
    """Of one matrix: those of a single VN by (size, is a later piece), and bounds of the others.

    ``several`` has the first row of each and one past its last, ``first_rows`` is as in
    :class:`Packing`.
    """

    single: dict[tuple[int, bool], int]
    several: list[tuple[int, int]]
    resident_weights: int
    first_rows: list[int]


def _configurations(nonzeros: Ints, num_ms: int) -> _Configurations:
    # A layer has few rows: lists of them take less than arrays.
    sizes, rows = nonzeros.ravel().tolist(), nonzeros.shape[1]
    first_rows = [row for row, size in enumerate(sizes) if size > num_ms]
    single, left = _folded(Counter(sizes[row] for row in first_rows), num_ms)
    resident = sum(left.get(size, 0) for size in sizes[rows - 1 :: rows])
    several: list[tuple[int, int]] = []
    for first, past, used in _neighbours(sizes, rows, num_ms):
        first_rows.append(first)
        if past == first + 1:
            single[used, False] = single.get((used, False), 0) + 1
        else:
            several.append((first, past))
        if past % rows == 0:  # the last of a group
            resident += used
    return _Configurations(single, several, resident, sorted(first_rows))


def _neighbours(sizes: Sequence[int], rows: int, num_ms: int) -> Iterator[tuple[int, int, int]]:
    """Fill configurations with rows that fit, of groups of as many: the first row, past, weights.

    One that does not fit stands between those beside it, and so does the beginning of a group.
    """
    first = past = used = 0
    for row, size in enumerate(sizes):
        if size > num_ms:
            continue
        if row == past and row % rows and used and used + size <= num_ms:
            used += size
        else:
            if used:
                yield first, past, used
            first, used = row, size
        past = row + 1
    if used:
        yield first, past, used


def _folded(
    rows: Mapping[int, int], num_ms: int
) -> tuple[dict[tuple[int, bool], int], dict[int, int]]:
    """Fold rows none of which fits: how many there are of each size.

    Returns how often each piece is there, and by size the weights of the last one.
    """
    single: dict[tuple[int, bool], int] = {}
    left: dict[int, int] = {}
    for size in sorted(rows):
        pieces = _fold(size, num_ms)
        for piece, count in pieces.items():
            single[piece] = single.get(piece, 0) + rows[size] * count
        last, is_later = next(reversed(pieces))
        left[size] = last - is_later
    return single, left


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
    packed: Sequence[_Configurations], row_sizes: Ints, first_row: Sequence[int]
) -> PackedMatrices:
    repeats: list[int] = []
    folded: list[bool] = []
    alone: list[int] = []  # size of the only VN; 0 where there are several
    bounds: list[tuple[int, int]] = []
    first_configuration, first_rows = [], []
    for each, before in zip(packed, first_row, strict=False):
        first_configuration.append(len(repeats))
        several = len(each.several)
        repeats += [*each.single.values(), *[1] * several]
        folded += [*(later for _, later in each.single), *[False] * several]
        alone += [*(size for size, _ in each.single), *[0] * several]
        bounds += [(0, 1)] * len(each.single)
        bounds += [(before + first, before + past) for first, past in each.several]
        first_rows.append(np.array(each.first_rows, dtype=np.int64) + before)
    first, past = np.array(bounds, dtype=np.int64).reshape(-1, 2).T
    only = np.array(alone, dtype=np.int64)
    vns = past - first
    begins = np.cumsum(vns) - vns
    configuration = np.repeat(np.arange(len(vns)), vns)
    only_one = only[configuration] > 0
    row = first[configuration] + np.arange(len(configuration)) - begins[configuration]
    size = np.where(only_one, only[configuration], row_sizes[row])
    before_it = np.cumsum(size) - size
    beginning = np.array(first_configuration, dtype=np.int64)
    resident = np.array([each.resident_weights for each in packed], dtype=np.int64)
    packing = Packing(
        repeats=np.array(repeats, dtype=np.int64),
        folded=np.array(folded, dtype=bool),
        configuration=configuration,
        size=size,
        start=before_it - before_it[begins][configuration],
        row=np.where(only_one, -1, row),
        resident_weights=int(resident.sum()),
        first_rows=np.concatenate(first_rows),
    )
    passes = np.array([len(each) for each in first_rows], dtype=np.int64)
    return PackedMatrices(
        packing=packing,
        first_configuration=beginning,
        first_vn=begins[beginning],
        first_pass=np.cumsum(passes) - passes,
        resident_weights=resident,
    )
