"""The problem that an engine evaluates: a GEMM with the real zeros of the weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.workload.operands import Operands


@dataclass(frozen=True)
class ConvolutionWindow:
    """The shape of a convolution, for engines that take it as it is and not as a GEMM.

    Parameters
    ----------
    channels : int
        C/G: channels of one group.
    kernel : (int, int)
        R, S: rows and columns of a filter.
    output : (int, int)
        P, Q: rows and columns of the output feature map of one image.
    stride, dilation : (int, int)
        Along rows and columns.
    """

    channels: int
    kernel: tuple[int, int]
    output: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)


@dataclass(frozen=True, eq=False)
class Workload:
    """A layer as GEMMs, one for each group, the weights being one operand.

    A convolution becomes ``MK x KN`` by im2col: M filters of one group, K = C/G * R * S,
    N = P * Q output positions of one image. A linear layer has M input vectors, and the weights
    are the ``KN`` side.

    Parameters
    ----------
    layer : str
        Name of the layer.
    weights : ndarray of bool, shape (groups, filters, reduction)
        True where a weight is not zero. Row f of a group is one filter, unrolled.
    streams : int
        How many vectors of the other operand pass the weights: N = P * Q for a convolution,
        M for a linear layer.
    kind : {"conv", "linear"}
        Where the workload came from; it decides which operand the weights are.
    activation_density : float
        Expected share of non-zero activations, 0 to 1; 1 is a dense streaming side.
    window : ConvolutionWindow, optional
        The convolution that the GEMMs came from: row f of ``weights`` is (channels, R, S)
        unrolled. None for a linear layer, and for a GEMM that came from no layer.
    operands : Operands, optional
        How the values are coded, and in how many bits; None if that is not known.
    """

    layer: str
    weights: NDArray[np.bool_]
    streams: int
    kind: str = "conv"
    activation_density: float = 1.0
    window: ConvolutionWindow | None = None
    operands: Operands | None = None

    @property
    def groups(self) -> int:
        """Independent GEMMs of the layer."""
        return int(self.weights.shape[0])

    @property
    def filters(self) -> int:
        """Filters of one group."""
        return int(self.weights.shape[1])

    @property
    def K(self) -> int:  # noqa: N802
        """Length of the reduction."""
        return int(self.weights.shape[2])

    @property
    def M(self) -> int:  # noqa: N802
        """Rows of the left matrix."""
        return self.filters if self.kind == "conv" else self.streams

    @property
    def N(self) -> int:  # noqa: N802
        """Columns of the right matrix."""
        return self.streams if self.kind == "conv" else self.filters

    @property
    def dataflow(self) -> str:
        """STONNE's name of the dataflow that keeps the weights stationary."""
        return "MK_STA_KN_STR" if self.kind == "conv" else "MK_STR_KN_STA"

    @property
    def macs(self) -> int:
        """Multiply-accumulates if every weight counted, all groups."""
        return self.weights.size * self.streams

    @property
    def effectual_macs(self) -> int:
        """Multiply-accumulates with a non-zero weight, all groups."""
        return int(np.count_nonzero(self.weights)) * self.streams

    @property
    def density(self) -> float:
        """Share of the weights that are not zero, 0 to 1."""
        return float(np.count_nonzero(self.weights)) / self.weights.size
