"""The header of .npy: what array follows, checked before anything is allocated or mapped."""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.lib import format as npy

#: Version 1.0 headers have at most 64 KiB and numpy itself reads only 10,000 bytes of them.
HEADER_BYTES = 70_000
_READ_HEADER: Final = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


@dataclass(frozen=True)
class NpyHeader:
    """What the header of an array says.

    Parameters
    ----------
    shape : tuple of int
        Its shape.
    fortran : bool
        Whether the first dimension is the fastest.
    dtype : numpy.dtype
        Of its elements.
    offset : int
        Bytes before the data.
    """

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]
    offset: int

    @cached_property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @cached_property
    def data_bytes(self) -> int:
        """Bytes of data that should follow."""
        return self.elements * self.dtype.itemsize

    @cached_property
    def float_bytes(self) -> int:
        """Bytes that the array needs as 32-bit floats, or as it is if that is wider."""
        return self.elements * max(4, self.dtype.itemsize)

    @classmethod
    def parse(cls, head: bytes) -> NpyHeader:
        """Read the header.

        Parameters
        ----------
        head : bytes
            The first ``HEADER_BYTES`` of the file or more, or all of a smaller one.

        Raises
        ------
        ValueError
            If it is no header of an array of numbers or text; Python's parser, which numpy uses
            for it, raises others as well.
        """
        return _parsed(head[: _header_bytes(head)])


def _header_bytes(head: bytes) -> int:
    """Tell how long a header says that it is; all of what is no header."""
    lengths = {b"\x93NUMPY\x01": (8, 10), b"\x93NUMPY\x02": (8, 12)}
    begin, end = lengths.get(head[:7], (0, 0))
    return end + int.from_bytes(head[begin:end], "little") if end else len(head)


@lru_cache(maxsize=256)
def _parsed(head: bytes) -> NpyHeader:
    """Parse a header once: arrays of one shape and type have the same."""
    stream = io.BytesIO(head)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a header by Python 2, or a damaged one
        version = npy.read_magic(stream)
        if version not in _READ_HEADER:
            raise ValueError(f"version {version} of the .npy format, which no numeric array needs")
        try:
            shape, fortran, dtype = _READ_HEADER[version](stream)
        except ValueError as error:
            if "malformed node" not in str(error):
                raise
            # Python's parser names the node by its address, which differs from run to run.
            raise ValueError("a header that is no dictionary of plain values") from error
    if min(shape, default=0) < 0:
        raise ValueError(f"a shape of {'x'.join(map(str, shape))}")
    return NpyHeader(tuple(map(int, shape)), bool(fortran), dtype, stream.tell())
