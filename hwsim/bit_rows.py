"""Rows of bits, eight a byte: where the weights of a layer are not zero."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: Rows of which a byte holds the sum.
_ROWS: Final = 255


@dataclass(frozen=True, eq=False)
class BitRows:
    """Bits along the last axis, of which every row begins a byte.

    Parameters
    ----------
    packed : ndarray of uint8, shape (..., bytes of a row)
        As ``numpy.packbits`` packs the rows; of one byte for all, broadcast, every bit is set.
    width : int
        Bits of a row.
    """

    packed: NDArray[np.uint8]
    width: int

    @classmethod
    def of(cls, bits: NDArray[np.bool_]) -> BitRows:
        """Pack bits of any shape, those that are one for all without looking at each."""
        if bits.size > 1 and not any(bits.strides) and bits.flat[0]:
            return cls.full(bits.shape)
        return cls(np.packbits(bits, axis=-1), bits.shape[-1])

    @classmethod
    def full(cls, shape: tuple[int, ...]) -> BitRows:
        """Set every bit of a shape; they take no memory."""
        *rows, width = shape
        packed = (*rows, -(-width // 8))
        if math.prod(packed) == 1:  # does not show that it is one for all
            return cls(np.packbits(np.ones(shape, np.bool_), axis=-1), width)
        return cls(np.broadcast_to(np.uint8(255), packed), width)

    @classmethod
    def concatenated(cls, parts: Sequence[BitRows]) -> BitRows:
        """Put rows, (rows, width) of one width, below one another; full ones stay without memory.

        Parameters
        ----------
        parts : sequence of BitRows
            One at least, which is given back where there is no other.
        """
        if len(parts) == 1:
            return parts[0]
        width = parts[0].width
        if all(part.all_set for part in parts):
            return cls.full((sum(len(part.packed) for part in parts), width))
        ones = np.packbits(np.ones(width, np.bool_))  # no bit beyond the width is set
        rows = [
            np.broadcast_to(ones, part.packed.shape) if part.all_set else part.packed
            for part in parts
        ]
        return cls(np.concatenate(rows), width)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Of the bits."""
        return (*self.packed.shape[:-1], self.width)

    @property
    def dtype(self) -> np.dtype[np.bool_]:
        """Of the bits."""
        return np.dtype(np.bool_)

    @property
    def size(self) -> int:
        """How many bits there are."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """What they take in memory."""
        return 0 if self.all_set else self.packed.nbytes

    @property
    def all_set(self) -> bool:
        """Whether one byte stands for all, so that no bit is 0."""
        return self.packed.size > 1 and not any(self.packed.strides)

    def reshape(self, *rows: int) -> BitRows:
        """Give the same rows in another shape, the width left out."""
        return BitRows(self.packed.reshape(*rows, self.packed.shape[-1]), self.width)

    def __getitem__(self, rows: int | slice | NDArray[Any]) -> BitRows:
        """Choose along the first axis, by numbers or by marks; of one number it goes."""
        return BitRows(self.packed[rows], self.width)

    def parts(self) -> Iterator[BitRows]:
        """Give one after the other along the first axis, which stays."""
        for number in range(len(self.packed)):
            yield self[number : number + 1]

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Bits of each row that are set, without the last axis."""
        if self.all_set:
            return np.full(self.shape[:-1], self.width, np.int64)
        packed = self.packed
        wide = packed.flags.c_contiguous and not packed.shape[-1] % 8
        ones = np.bitwise_count(packed.view(np.uint64) if wide else packed)
        return np.asarray(ones.sum(axis=-1, dtype=np.int64))

    def bits(self) -> NDArray[np.bool_]:
        """Give a byte a bit."""
        if self.all_set:
            return np.ones(self.shape, np.bool_)
        return np.unpackbits(self.packed, axis=-1, count=self.width).view(np.bool_)

    def joined(self, first_rows: NDArray[np.int64]) -> BitRows:
        """Put rows, from each of the first ones to before the next, into one that has all bits."""
        if self.all_set:
            return BitRows.full((len(first_rows), self.width))
        return BitRows(np.bitwise_or.reduceat(self.packed, first_rows, axis=0), self.width)

    def with_rows(self, chosen: NDArray[np.bool_], bits: NDArray[np.bool_]) -> BitRows:
        """Put other bits, (chosen rows, width), in the place of the rows that are marked."""
        packed = self.packed.copy()
        packed[chosen] = np.packbits(bits, axis=-1)
        return BitRows(packed, self.width)

    def count_columns(self) -> NDArray[np.int64]:
        """Count the rows, (rows, width), that have each bit, in bytes that cannot overflow."""
        total = np.zeros(self.width, np.int64)
        for start in range(0, len(self.packed), _ROWS):
            block = self[start : start + _ROWS].bits().view(np.uint8)
            total += np.add.reduce(block, axis=0, dtype=np.uint8)
        return total
