"""Large weights that had to be computed, kept in files without names: they take no memory."""

from __future__ import annotations

import mmap
import os
import tempfile
import threading
import weakref
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.arrays.small_floats import decoded
from hwsim.networks.mapped import let_go

#: Bytes from which weights are written out, and elements that are converted at a time.
LEAST: Final = 1 << 16
_PIECE: Final = 1 << 20
#: Bytes of one file, of which those count that are written; a longer array has one of its own.
_FILE: Final = 1 << 30


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
        return _in_memory(array)
    try:
        return _written(array)
    except (OSError, AttributeError):  # no room, or a system without the calls
        return _in_memory(array)


def _in_memory(array: NDArray[Any]) -> NDArray[np.float32]:
    return np.array(decoded(array), dtype=np.float32, order="C")


def _written(array: NDArray[Any]) -> NDArray[np.float32]:
    """Convert piece by piece into a file, and map what it holds."""
    handle, whole, start = _place(array.size * 4)
    end = start
    rows = max(1, _PIECE * len(array) // array.size)
    for row in range(0, len(array), rows):
        piece = array[row : row + rows]
        content = _in_memory(piece).reshape(-1).view(np.uint8).data
        let_go(piece)
        while content:
            count = os.pwrite(handle, content, end)
            content, end = content[count:], end + count
    return np.frombuffer(whole, np.float32, array.size, start).reshape(array.shape)


@dataclass
class _ScratchFile:
    """A file without a name, and how much of it is taken; several arrays share one."""

    handle: int
    #: Weak, so that the file is gone when no array is in it any more.
    mapping: weakref.ref[NDArray[np.uint8]]
    process: int
    taken: int = 0

    def room_for(self, size: int) -> NDArray[np.uint8] | None:
        """Give the mapping, if there is one that this process may write behind."""
        whole = self.mapping()
        fits = whole is not None and self.taken + size <= whole.size
        return whole if fits and self.process == os.getpid() else None


class _Latest(threading.local):
    """The file that this thread writes to; two writers would write into one place."""

    file: _ScratchFile | None = None


_latest = _Latest()


def _place(size: int) -> tuple[int, NDArray[np.uint8], int]:
    """Find room for so many bytes: a file's handle, its mapping, and where in it."""
    file = _latest.file
    whole = None if file is None else file.room_for(size)
    if file is None or whole is None:
        opened = tempfile.TemporaryFile(prefix="hwsim-")  # noqa: SIM115
        os.ftruncate(opened.fileno(), max(size, _FILE))  # a hole, until it is written
        whole = np.memmap(opened, np.uint8, "r")
        weakref.finalize(whole, opened.close)
        file = _latest.file = _ScratchFile(opened.fileno(), weakref.ref(whole), os.getpid())
    start = file.taken
    file.taken += -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
    return file.handle, whole, start
