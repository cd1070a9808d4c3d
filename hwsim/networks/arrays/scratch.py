"""Large weights that had to be computed, kept in files without names: they take no memory."""

from __future__ import annotations

import math
import os
import tempfile
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.arrays.small_floats import decoded

#: Bytes from which weights are written out, and elements that are converted at a time.
LEAST: Final = 1 << 23
_PIECE: Final = 1 << 20


def floats(array: NDArray[Any]) -> NDArray[np.float32]:
    """Give an array as 32-bit floats, one after the other and read-only.

    One that is so already is given back, mapped or not. A large one is converted into a temporary
    file that is gone when nobody refers to it; where there is no room for it, in memory.
    """
    if array.dtype == np.float32 and array.flags.c_contiguous:
        whole = array.view()
    else:
        whole = _converted(array)
    whole.flags.writeable = False
    return whole


def stored(array: NDArray[Any]) -> NDArray[np.float32]:
    """Give an array that was computed as :func:`floats` does, a large one out of memory."""
    if array.dtype != np.float32 or array.size * 4 < LEAST:
        return floats(array)
    whole = _converted(array)
    whole.flags.writeable = False
    return whole


def _converted(array: NDArray[Any]) -> NDArray[np.float32]:
    if array.size * 4 < LEAST or array.ndim < 2:
        return np.array(decoded(array), dtype=np.float32, order="C")
    whole = _room(array.shape)
    rows = max(1, _PIECE * len(array) // array.size)
    for start in range(0, len(array), rows):
        whole[start : start + rows] = decoded(array[start : start + rows])
    return whole


def _room(shape: tuple[int, ...]) -> NDArray[np.float32]:
    try:
        with tempfile.TemporaryFile(prefix="hwsim-") as file:
            # What is not there when a page is written would end the process.
            os.posix_fallocate(file.fileno(), 0, math.prod(shape) * 4)
            room = np.memmap(file, np.float32, "r+", shape=shape)
    except (OSError, AttributeError):  # no room, or a system without the call
        return np.empty(shape, np.float32)
    return np.asarray(room)
