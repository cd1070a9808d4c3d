"""The tile that STONNE's mapper takes for a dense GEMM: by an estimate, in single precision.

It looks at tiles of powers of two that the multipliers have room for, and estimates each by how
many multipliers it uses, how little it sticks out of the matrices, and how long it is along N and
K (``StonneMapper`` of stonne-simulator/stonne, commit 22634b8b). It knows no ports and no mesh.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from hwsim.engines.stonne.mapper.balanced_set import BalancedSet
from hwsim.errors import InputError

_F32 = np.float32
#: Estimates that are closer than this are decided by the lengths along N, K and M.
_CLOSE: Final = _F32(0.025)
_BONUS_N: Final = _F32(0.1)
_BONUS_K: Final = _F32(0.05)


@dataclass(frozen=True)
class MappedTile:
    """A tile with what it is a tile of.

    Parameters
    ----------
    M, N, K : int
        The GEMM.
    rows, columns, depth : int
        ``T_M``, ``T_N`` and ``T_K``.
    num_ms : int
        Multipliers.
    """

    M: int
    N: int
    K: int
    rows: int
    columns: int
    depth: int
    num_ms: int

    @cached_property
    def estimate(self) -> np.float32:
        """How good STONNE takes it to be; more is better."""
        used = _F32(self.rows * self.columns * self.depth / self.num_ms)
        edges = _inside(self.M, self.rows) + _inside(self.N, self.columns)
        inside = (edges + _inside(self.K, self.depth)) / _F32(3)
        along_n = _bonus(self.columns, self.N, self.num_ms, _BONUS_N)
        return used + inside + along_n + _bonus(self.depth, self.K, self.num_ms, _BONUS_K)

    def before(self, other: MappedTile) -> bool:
        """Whether it comes before another one in STONNE's order, which is none."""
        if abs(self.estimate - other.estimate) < _CLOSE:
            if self.columns < other.columns:
                return True
            return (self.depth, self.rows) < (other.depth, other.rows)
        return bool(self.estimate < other.estimate)

    def better(self, other: MappedTile) -> bool:
        """Whether STONNE takes it to be better than another one."""
        if abs(self.estimate - other.estimate) < _CLOSE:
            own, its = ((each.columns, each.depth, each.rows) for each in (self, other))
            return own > its
        return bool(self.estimate > other.estimate)


def stonne_tile(M: int, N: int, K: int, num_ms: int) -> tuple[int, int, int]:
    """Choose a tile as STONNE's mapper does.

    Parameters
    ----------
    M, N, K : int
        The GEMM.
    num_ms : int
        Multipliers that the mapper is told of; of a mesh it knows nothing.

    Returns
    -------
    (int, int, int)
        ``T_M``, ``T_N``, ``T_K``.

    Raises
    ------
    InputError
        If there is no tile that it would look at.
    """
    found: BalancedSet[MappedTile] = BalancedSet(MappedTile.before)
    depths = [1] if K == 1 else _powers(2, K)
    for rows in _powers(1, M):
        for columns in _powers(1, N):
            for depth in depths:
                if rows * columns * depth <= num_ms:
                    found.add(MappedTile(M, N, K, rows, columns, depth, num_ms))
    best: MappedTile | None = None
    for tile in found:
        if best is None or tile.better(best):
            best = tile
    if best is None:
        raise InputError(
            f"generate_tile: STONNE's mapper takes no tile of less than 2 along K, and num_ms = "
            f"{num_ms} has no room for it"
        )
    return best.rows, best.columns, best.depth


def _powers(first: int, most: int) -> list[int]:
    return [1 << power for power in range(first - 1, most.bit_length()) if 1 << power <= most]


def _inside(extent: int, tile: int) -> np.float32:
    """Share of the places of whole tiles that lie inside."""
    length, step = _F32(extent), _F32(tile)
    return _F32(length / (np.ceil(length / step) * step))


def _bonus(tile: int, extent: int, num_ms: int, most: np.float32) -> np.float32:
    return min(most, _F32(tile) / min(_F32(extent), _F32(num_ms)) * most)
