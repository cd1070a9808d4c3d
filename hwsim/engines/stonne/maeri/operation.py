"""What MAERI runs: a convolution, and the tile of it that is on the multipliers at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: What STONNE calls the sizes of a tile, in the order of the fields of :class:`Tile`.
TILE_NAMES: Final = ("T_R", "T_S", "T_C", "T_G", "T_K", "T_N", "T_X_", "T_Y_")


@dataclass(frozen=True)
class Convolution:
    """A convolution as STONNE's ``-CONV`` takes it: the input is padded already.

    Parameters
    ----------
    R, S : int
        Rows and columns of a filter.
    C, K : int
        Channels and filters of all groups.
    G : int
        Groups.
    N : int
        Inputs of a batch.
    X, Y : int
        Rows and columns of an input.
    strides : int
        Along rows and columns.
    """

    R: int
    S: int
    C: int
    K: int
    G: int = 1
    N: int = 1
    X: int = 1
    Y: int = 1
    strides: int = 1

    @classmethod
    def gemm(cls, M: int, N: int, K: int) -> Convolution:
        """Take a dense product of (M, K) and (K, N) as the convolution that STONNE makes of it.

        ``-DenseGEMM`` and ``-FC`` are M rows of one input that filters of one row pass over; the
        matrix on the right, with N columns, is the stationary one.
        """
        return cls(R=1, S=K, C=1, K=N, X=M, Y=K)

    @property
    def channels(self) -> int:
        """Channels of a group."""
        return self.C // self.G

    @property
    def filters(self) -> int:
        """Filters of a group."""
        return self.K // self.G

    @property
    def rows(self) -> int:
        """Rows of an output, X' to STONNE."""
        return (self.X - self.R) // self.strides + 1

    @property
    def columns(self) -> int:
        """Columns of an output, Y' to STONNE."""
        return (self.Y - self.S) // self.strides + 1

    @property
    def reduction(self) -> int:
        """Products of one output."""
        return self.R * self.S * self.channels

    @property
    def macs(self) -> int:
        """Multiplications of the whole convolution."""
        return self.reduction * self.K * self.N * self.rows * self.columns


@dataclass(frozen=True)
class Tile:
    """How much of each dimension of a convolution is on the multipliers at once.

    Parameters
    ----------
    R, S, C : int
        Of a filter: the products that one virtual neuron sums at once.
    G, K, N, X, Y : int
        Groups, filters of a group, inputs, rows and columns of the output: the virtual neurons.
    """

    R: int = 1
    S: int = 1
    C: int = 1
    G: int = 1
    K: int = 1
    N: int = 1
    X: int = 1
    Y: int = 1

    @classmethod
    def gemm(cls, M: int, N: int, K: int) -> Tile:
        """Take the tile ``T_M``, ``T_N``, ``T_K`` of a dense product."""
        return cls(S=K, K=N, X=M)

    @property
    def products(self) -> int:
        """Multiplications of one virtual neuron."""
        return self.R * self.S * self.C

    @property
    def neurons(self) -> int:
        """Virtual neurons side by side."""
        return self.G * self.K * self.N * self.X * self.Y

    def as_convolution(self) -> dict[str, int]:
        """Give it in STONNE's terms of ``-CONV``."""
        sizes = self.R, self.S, self.C, self.G, self.K, self.N, self.X, self.Y
        return dict(zip(TILE_NAMES, sizes, strict=True))

    def as_gemm(self) -> dict[str, int]:
        """Give it in STONNE's terms of ``-DenseGEMM``."""
        return {"T_M": self.X, "T_N": self.K, "T_K": self.S}

    def __str__(self) -> str:
        return " ".join(f"{name}={size}" for name, size in self.as_convolution().items())
