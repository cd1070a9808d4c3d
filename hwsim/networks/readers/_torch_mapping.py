"""Arrays that torch has mapped from a checkpoint, mapped again so that they can leave memory.

torch maps a file for writing, in memory of its own, so that nobody else may drop its pages.
"""

from __future__ import annotations

import sys
import zipfile
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: What the kernel says of this process: addresses, permissions, offset, device, inode, name.
_MAPS: Final = Path("/proc/self/maps")


def mapped_anew(path: Path, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Replace arrays that are mapped from a file by the same of a read-only mapping.

    Parameters
    ----------
    path : Path
        A checkpoint.
    arrays : mapping of str to ndarray
        Its arrays, some of them in memory.

    Returns
    -------
    dict of str to ndarray
        Equal arrays; as given where the system does not tell what is mapped, or torch has turned
        the bytes of numbers round.
    """
    ranges = _ranges_of(path) if _has_our_byte_order(path) else []
    if not ranges:
        return dict(arrays)
    whole = np.memmap(path, np.uint8, "r")
    starts = [start for start, _, _ in ranges]

    def anew(array: NDArray[Any]) -> NDArray[Any]:
        address = array.__array_interface__["data"][0]
        place = bisect_right(starts, address) - 1
        if place < 0 or not array.size or not array.flags.c_contiguous:
            return array
        start, end, offset = ranges[place]
        if address + array.nbytes > end:
            return array
        flat = np.frombuffer(whole, array.dtype, array.size, offset + address - start)
        return flat.reshape(array.shape)

    return {name: anew(array) for name, array in arrays.items()}


def _ranges_of(path: Path) -> list[tuple[int, int, int]]:
    """List where a file is mapped, in order: first address, end, and offset in the file."""
    try:
        inode = path.stat().st_ino
        lines = _MAPS.read_text(errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        addresses, _, offset, _, number, *_ = line.split(maxsplit=5)
        if int(number) == inode:
            start, _, end = addresses.partition("-")
            found.append((int(start, 16), int(end, 16), int(offset, 16)))
    return sorted(found)


def _has_our_byte_order(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        orders = [name for name in archive.namelist() if name.rpartition("/")[2] == "byteorder"]
        return [archive.read(name) for name in orders] == [sys.byteorder.encode()]
