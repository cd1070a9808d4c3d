"""Read .safetensors files."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.arrays.small_floats import BFLOAT16, E4M3, E5M2
from hwsim.networks.natural_order import natural_order
from hwsim.networks.readers import embedded_geometry
from hwsim.networks.readers.protocol import Contents
from hwsim.networks.readers.weight_file import readable

#: The format's own limit.
_LONGEST_HEADER_BYTES = 100_000_000
#: The format's names of types, as numpy has them (little-endian by the format's definition).
_DTYPES: dict[str, Any] = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "<i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "<u1",
    "BOOL": "?",
    "BF16": BFLOAT16,
    "F8_E4M3": E4M3,
    "F8_E5M2": E5M2,
}


class SafetensorsReader:
    """The format of the package safetensors."""

    suffixes = (".safetensors",)

    def recognises(self, head: bytes) -> bool:
        """Tell from the first bytes: the length of a JSON object, and the object."""
        return head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= _LONGEST_HEADER_BYTES

    def read(self, path: Path) -> Contents:
        """Map all arrays; none of the data is read here.

        Raises
        ------
        InputError
            If the file is damaged, or holds a type that is none of F64 to F8_E5M2, I64 to U8, BOOL.
        """
        with readable(path, "a .safetensors file"):
            start, header = _header(path)
            header.pop("__metadata__", None)
            entries = {name: _Entry(**entry) for name, entry in header.items()}
            end = path.stat().st_size - start
            _check_places(list(entries.values()), end)
        data: NDArray[np.uint8] = (
            np.memmap(path, np.uint8, "r", offset=start) if end else np.empty(0, np.uint8)
        )
        arrays = {}
        for name in sorted(entries, key=natural_order):
            entry = entries[name]
            if entry.dtype not in _DTYPES:
                raise InputError(
                    f"{path}: {name} has the type {entry.dtype}; expected one of "
                    f"{', '.join(_DTYPES)}"
                )
            with readable(path, "a .safetensors file"):
                arrays[name] = entry.array(name, data)
        contents = embedded_geometry.contents(path, arrays)
        return contents if contents.geometry else replace(contents, ordered=False)


@dataclass(frozen=True)
class _Entry:
    """What the header says of an array."""

    dtype: str
    shape: list[int]
    data_offsets: list[int]

    def __post_init__(self) -> None:
        numbers = [*self.shape, *self.data_offsets]
        if len(self.data_offsets) != 2 or any(type(n) is not int or n < 0 for n in numbers):
            raise ValueError(f"shape {self.shape} and offsets {self.data_offsets}")

    def array(self, name: str, data: NDArray[np.uint8]) -> NDArray[Any]:
        """Map the array."""
        dtype = np.dtype(_DTYPES[self.dtype])
        begin, end = self.data_offsets
        if end - begin != math.prod(self.shape) * dtype.itemsize:
            raise ValueError(
                f"{name}: {end - begin:,} bytes are no {self.dtype} of shape {self.shape}"
            )
        # A plain view: what is made of it is no file.
        part = np.asarray(data[begin:end])
        whole: NDArray[Any] = (
            np.frombuffer(part, dtype).reshape(self.shape)
            if end > begin
            else (np.empty(self.shape, dtype))
        )
        return whole


def _header(path: Path) -> tuple[int, dict[str, Any]]:
    """Read the header: where the data start, and what is said of each array."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(_LONGEST_HEADER_BYTES, path.stat().st_size - 8):
            raise ValueError(f"a header of {length:,} bytes")
        header = json.loads(file.read(length))
    if not isinstance(header, dict):
        raise ValueError("the header is no JSON object")
    return 8 + length, header


def _check_places(entries: list[_Entry], end: int) -> None:
    """Check that the arrays follow each other without a gap, to the end of the file."""
    place = 0
    for begin, stop in sorted((each.data_offsets[0], each.data_offsets[1]) for each in entries):
        if begin != place or stop < begin:
            raise ValueError(f"an array starts at {begin:,}, expected {place:,}")
        place = stop
    if place != end:
        raise ValueError(f"arrays of {place:,} bytes, data of {end:,}")
