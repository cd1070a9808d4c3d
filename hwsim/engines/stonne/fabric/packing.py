"""Packing the stationary matrix into configurations of the multipliers.

The controller takes as many whole rows as fit, each row's non-zeros becoming one virtual neuron
(VN) of neighbouring multipliers. A row that does not fit is folded: a first piece fills all
multipliers, every later piece leaves multiplier 0 to bring the partial sum back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class Packing(NamedTuple):
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


class PackedMatrices(NamedTuple):
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
    matrices : sequence of ndarray of int, shape (groups, rows) or (matrices, groups, rows)
        Non-zeros of each row, at least 1. Groups, as matrices, are separate GEMMs and share no
        configuration.
    num_ms : int
        Multipliers.

    Returns
    -------
    PackedMatrices
        Every configuration that is loaded.
    """
    sizes = np.concatenate([nonzeros.ravel() for nonzeros in matrices])
    begins_group = np.zeros(len(sizes) + 1, dtype=bool)
    begin, past_all = [], 0
    for nonzeros in matrices:
        groups, rows = nonzeros.shape[-2:]
        begin_all, past_all = past_all, past_all + nonzeros.size
        begins_group[begin_all:past_all:rows] = True
        begin.append(np.arange(begin_all, past_all, groups * rows))
    begins_group[-1] = True

    first, past, weights = _passes(sizes, begins_group, num_ms)
    first_pass = np.searchsorted(first, np.concatenate(begin))
    numbers = np.arange(len(first_pass))
    matrix = np.repeat(numbers, np.diff(first_pass, append=len(first)))
    alone = _merged(_alone(matrix, past - first, weights, num_ms))
    several = past - first > 1
    loaded = _in_order(alone, _Several(matrix[several], first[several], past[several]))

    vns = loaded.vns
    first_configuration = np.searchsorted(loaded.matrix, numbers)
    first_vn = np.cumsum(vns) - vns
    configuration = np.repeat(np.arange(len(vns)), vns)
    of_one = loaded.size[configuration]  # 0 of configurations of several
    row = loaded.first[configuration] + np.arange(len(configuration)) - first_vn[configuration]
    size = np.where(of_one > 0, of_one, sizes[row])
    before_it = np.cumsum(size) - size
    ends_group = begins_group[past]
    resident = np.add.reduceat(np.where(ends_group, _left(weights, num_ms), 0), first_pass)
    packing = Packing(
        repeats=loaded.repeats,
        folded=loaded.later,
        configuration=configuration,
        size=size,
        start=before_it - before_it[first_vn][configuration],
        row=np.where(of_one > 0, -1, row),
        resident_weights=int(resident.sum()),
        first_rows=first,
    )
    return PackedMatrices(
        packing=packing,
        first_configuration=first_configuration,
        first_vn=first_vn[first_configuration],
        first_pass=first_pass,
        resident_weights=resident,
    )


def _passes(sizes: Ints, begins_group: NDArray[np.bool_], num_ms: int) -> tuple[Ints, Ints, Ints]:
    """Fill configurations: the first row of each, one past its last, and its weights.

    A row that does not fit has all its pieces to itself; it stands between those beside it, and so
    does the beginning of a group.
    """
    rows = np.arange(len(sizes))
    before = np.append(0, np.cumsum(sizes))
    fits = np.searchsorted(before, before[:-1] + num_ms, side="right") - 1
    too_large = sizes > num_ms
    ends = np.flatnonzero(begins_group | np.append(too_large, False))
    end = ends[np.searchsorted(ends, rows, side="right")]
    past = np.where(too_large, rows + 1, np.minimum(fits, end))
    chain, begun, row = past.tolist(), [], 0
    while row < len(chain):
        begun.append(row)
        row = chain[row]
    first = np.array(begun, dtype=np.int64)
    return first, past[first], before[past[first]] - before[first]


class _Alone(NamedTuple):
    """Configurations of a single VN: of which matrix, its size, whether it is a later piece."""

    matrix: Ints
    size: Ints
    later: NDArray[np.bool_]
    repeats: Ints

    def at(self, places: Ints) -> _Alone:
        """Choose some of them."""
        return _Alone(
            self.matrix[places], self.size[places], self.later[places], self.repeats[places]
        )


def _alone(matrix: Ints, rows: Ints, weights: Ints, num_ms: int) -> _Alone:
    """Give the rows that fit and are alone, and the pieces of those that do not."""
    fit, large = (rows == 1) & (weights <= num_ms), weights > num_ms
    full, rest = np.divmod(weights[large] - num_ms, num_ms - 1)
    filled, one = np.full_like(full, num_ms), np.ones_like(full)
    pieces = (
        (matrix[fit], weights[fit], False, np.ones(np.count_nonzero(fit), dtype=np.int64)),
        (matrix[large], filled, False, one),
        (matrix[large], filled, True, full),
        (matrix[large], rest + 1, True, (rest > 0).astype(np.int64)),
    )
    return _Alone(
        np.concatenate([each for each, _, _, _ in pieces]),
        np.concatenate([size for _, size, _, _ in pieces]),
        np.concatenate([np.full(len(size), later) for _, size, later, _ in pieces]),
        np.concatenate([repeats for _, _, _, repeats in pieces]),
    )


def _merged(pieces: _Alone) -> _Alone:
    """Keep equal ones of a matrix once, and those that are never loaded not at all."""
    pieces = pieces.at(np.flatnonzero(pieces.repeats))
    pieces = pieces.at(np.lexsort((pieces.size, pieces.later, pieces.matrix)))
    matrix, size, later, repeats = pieces
    if not len(matrix):
        return pieces
    new = np.ones(len(matrix), dtype=bool)
    new[1:] = (np.diff(matrix) != 0) | (np.diff(size) != 0) | (later[1:] != later[:-1])
    first = np.flatnonzero(new)
    return pieces.at(first)._replace(repeats=np.add.reduceat(repeats, first))


class _Several(NamedTuple):
    """Configurations of several VNs: of which matrix, the first row, and one past the last."""

    matrix: Ints
    first: Ints
    past: Ints


class _Loaded(NamedTuple):
    """All configurations; ``size`` is 0 and ``first`` the first row where there are several VNs."""

    matrix: Ints
    repeats: Ints
    later: NDArray[np.bool_]
    size: Ints
    first: Ints
    vns: Ints


def _in_order(alone: _Alone, several: _Several) -> _Loaded:
    """Put the configurations of a matrix in a row, those of a single VN first."""
    ones, nothing = np.ones_like(alone.size), np.zeros_like(alone.size)
    rest = len(several.matrix)
    matrix = np.append(alone.matrix, several.matrix)
    order = np.argsort(matrix, kind="stable")
    return _Loaded(
        matrix[order],
        np.append(alone.repeats, np.ones(rest, dtype=np.int64))[order],
        np.append(alone.later, np.zeros(rest, dtype=bool))[order],
        np.append(alone.size, np.zeros(rest, dtype=np.int64))[order],
        np.append(nothing, several.first)[order],
        np.append(ones, several.past - several.first)[order],
    )


def _left(weights: Ints, num_ms: int) -> Ints:
    """Tell what stays of the last configuration of rows: of one that is folded, its last piece."""
    rest = (weights - num_ms) % (num_ms - 1)
    return np.where(weights > num_ms, np.where(rest > 0, rest, num_ms - 1), weights)
