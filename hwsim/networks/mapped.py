"""Arrays that are mapped from files, and how they leave memory."""

from __future__ import annotations

import mmap
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: Not every system has the call; without it pages stay until they are needed for something else.
_DROP: Final[int | None] = getattr(mmap, "MADV_DONTNEED", None)


def let_go(array: NDArray[Any]) -> None:
    """Drop the pages of an array from memory if it is mapped from a file, read-only.

    Its values stay what they are: the next who reads them gets them from the file, or from the
    system's cache of it. Of other arrays nothing changes.

    Parameters
    ----------
    array : ndarray
        Any array or view.
    """
    whole = mapping_of(array)
    if whole is None or _DROP is None or not array.size:
        return
    start = np.frombuffer(whole, np.uint8).__array_interface__["data"][0]
    first, end = np.lib.array_utils.byte_bounds(array)
    begin = (first - start) // mmap.PAGESIZE * mmap.PAGESIZE
    whole.madvise(_DROP, begin, end - start - begin)


def mapping_of(array: NDArray[Any]) -> mmap.mmap | None:
    """Find the file's mapping that an array is a view of; None if it is in memory, or writable."""
    owner: object = array
    while True:
        if isinstance(owner, np.ndarray):
            owner = owner.base
        elif isinstance(owner, memoryview):
            owner = owner.obj
        else:
            break
    # Pages that somebody has written to may be the only ones that hold what was written.
    if isinstance(owner, mmap.mmap) and memoryview(owner).readonly:
        return owner
    return None
