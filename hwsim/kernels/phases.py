"""A padded feature map, laid out so that each tap of a window reads it in a straight line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.network import Layer


@dataclass(frozen=True)
class Phases:
    """The padded map of one group, split by the stride.

    Phase (a, b) holds every sY-th row from row a on, and of these every sX-th column from b on.
    A tap of the window stays within one phase: for the output position (p, q) it reads the value
    at ``first + p * columns + q``. So neighbouring positions are neighbours in memory for any
    stride, and the positions between the end of a row and the next one are computed in vain.

    Parameters
    ----------
    channels : int
        Of the group.
    steps : (int, int)
        Stride.
    rows, columns : int
        Of a phase.
    output : (int, int)
        P, Q.
    taps : tuple of int
        Where each row of the reduction (channel, row, column of the window) starts, in values.
    """

    channels: int
    steps: tuple[int, int]
    rows: int
    columns: int
    output: tuple[int, int]
    taps: tuple[int, ...]
    before: tuple[int, int]

    @classmethod
    def of(cls, layer: Layer) -> Self:
        """Lay out the input of a layer; that of a linear layer is a map of one row."""
        if layer.kind != "conv":
            channels = layer.channels // layer.groups
            taps = tuple(range(0, channels * layer.vectors, layer.vectors))
            return cls(channels, (1, 1), 1, layer.vectors, (1, layer.vectors), taps, (0, 0))
        channels, (R, S) = layer.channels // layer.groups, layer.kernel
        (down, across), (high, wide) = layer.stride, layer.dilation
        end = layer.padding_end or layer.padding
        padded = [sum(n) for n in zip(layer.input_size, layer.padding, end, strict=True)]
        rows, columns = -(-padded[0] // down), -(-padded[1] // across)
        c, r, s = np.ogrid[:channels, :R, :S]
        y, x = r * high, s * wide
        phase = (c * down + y % down) * across + x % across
        taps = ((phase * rows) + y // down) * columns + x // across
        found = tuple(taps.ravel().tolist())
        return cls(channels, layer.stride, rows, columns, layer.output_size, found, layer.padding)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the map: channels, phases down and across, rows, columns."""
        return (self.channels, *self.steps, self.rows, self.columns)

    @property
    def positions(self) -> int:
        """Positions from the first output to the last, those in vain among them."""
        return (self.output[0] - 1) * self.columns + self.output[1]

    def fill(self, phases: NDArray[np.float32], image: NDArray[np.float32]) -> None:
        """Put an image into the map, whose padding is zero already.

        Parameters
        ----------
        phases : ndarray, of :attr:`shape`
            The map.
        image : ndarray, shape (channels, rows, columns)
            The input of the group, without padding.
        """
        (top, left), (down, across) = self.before, self.steps
        for a in range(down):
            for b in range(across):
                y, x = (a - top) % down, (b - left) % across
                part = image[:, y::down, x::across]
                first, begin = (y + top) // down, (x + left) // across
                bottom, right = first + part.shape[1], begin + part.shape[2]
                phases[:, a, b, first:bottom, begin:right] = part

    def kept(self, vectors: int, lanes: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Say which lanes of vectors of positions are outputs, and where those go.

        Parameters
        ----------
        vectors, lanes : int
            Vectors from the first position on, and the positions of each.

        Returns
        -------
        (masks, places)
            For each vector a bit a lane, and the bytes in front of its outputs in an output map.
        """
        position = np.arange(vectors * lanes)
        kept = (position % self.columns < self.output[1]) & (position < self.positions)
        before: NDArray[np.int64] = np.cumsum(kept, dtype=np.int64) - kept
        bits: NDArray[np.uint32] = kept.reshape(vectors, lanes) << np.arange(lanes, dtype=np.uint32)
        return np.sum(bits, axis=1, dtype=np.uint32), before[::lanes] * 4
