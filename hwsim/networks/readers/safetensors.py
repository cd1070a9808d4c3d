"""Read .safetensors files."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.readers import embedded_geometry
from hwsim.networks.readers.protocol import Contents
from hwsim.networks.readers.weight_file import readable

#: The format's own limit.
_LONGEST_HEADER_BYTES = 100_000_000
#: The format's names of types, as numpy has them (little-endian by the format's definition).
_DTYPES = {
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
}


class SafetensorsReader:
    """The format of the package safetensors."""

    suffixes = (".safetensors",)

    def recognises(self, head: bytes) -> bool:
        """Tell from the first bytes: the length of a JSON object, and the object."""
        return head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= _LONGEST_HEADER_BYTES

    def read(self, path: Path) -> Contents:
        """Read all arrays; bfloat16 becomes float32, which holds it exactly.

        Raises
        ------
        InputError
            If the file is damaged, or holds a type that is none of F64, F32, F16, BF16, I8 to U64.
        """
        import safetensors

        with readable(path, "a .safetensors file"):
            tensors = safetensors.deserialize(path.read_bytes())  # type: ignore[no-untyped-call]
        arrays = {
            name: _array(path, name, tensor["dtype"], tensor["data"]).reshape(tensor["shape"])
            for name, tensor in sorted(tensors, key=lambda item: _natural_order(item[0]))
        }
        contents = embedded_geometry.contents(path, arrays)
        return contents if contents.geometry else replace(contents, ordered=False)


def _array(path: Path, name: str, dtype: str, data: bytes) -> NDArray[Any]:
    if dtype == "BF16":  # the upper half of a float32
        upper = np.frombuffer(data, "<u2").astype(np.uint32)
        return (upper << 16).view(np.float32)
    if dtype not in _DTYPES:
        raise InputError(
            f"{path}: {name} has the type {dtype}; expected one of BF16, {', '.join(_DTYPES)}"
        )
    return np.frombuffer(data, _DTYPES[dtype])


def _natural_order(name: str) -> list[str | int]:
    """Order layer2 before layer10: the file itself is ordered by type and name, not by layer."""
    return [int(part) if odd % 2 else part for odd, part in enumerate(re.split(r"(\d+)", name))]
