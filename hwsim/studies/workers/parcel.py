"""A plan in a file that worker processes map: its weights are in memory once for all of them."""

from __future__ import annotations

import mmap
import pickle
import struct
from pathlib import Path
from typing import Final

from hwsim.studies.plan import Plan

#: Of the arrays in the file, as wide as any load of a processor.
_ALIGNMENT: Final = 64
_LENGTHS: Final = struct.Struct("<QQ")


def write_parcel(plan: Plan, path: Path) -> None:
    """Write a plan: the lengths of its parts, the plan without its arrays, the arrays."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(plan, protocol=5, buffer_callback=buffers.append)
    arrays = [buffer.raw() for buffer in buffers]
    with path.open("wb") as file:
        file.write(_LENGTHS.pack(len(head), len(arrays)))
        for array in arrays:
            file.write(_LENGTHS.pack(array.nbytes, 0))
        file.write(head)
        for array in arrays:
            file.write(bytes(-file.tell() % _ALIGNMENT))
            file.write(array)


def read_parcel(path: Path) -> Plan:
    """Read what :func:`write_parcel` wrote; the arrays stay in the file, read-only."""
    with path.open("rb") as file:
        content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    length, count = _LENGTHS.unpack_from(content)
    place = _LENGTHS.size * (1 + count)
    sizes = [_LENGTHS.unpack_from(content, _LENGTHS.size * (1 + n))[0] for n in range(count)]
    head = content[place : place + length]
    place += length
    arrays = []
    for size in sizes:
        place += -place % _ALIGNMENT
        arrays.append(content[place : place + size])
        place += size
    plan: Plan = pickle.loads(head, buffers=arrays)  # our own file, written a moment ago
    return plan
