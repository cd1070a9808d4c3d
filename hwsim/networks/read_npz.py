"""Read .npz files: a zip of arrays, never unpickled."""

from __future__ import annotations

import io
import math
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.tensors import Tensors
from hwsim.networks.weight_file import check_total, readable

#: Version 1.0 headers have at most 64 KiB and numpy itself reads only 10,000 bytes of them.
_HEADER_BYTES = 70_000


def read_npz(path: Path, data: bytes) -> Tensors:
    """Read all arrays of an .npz file.

    Parameters
    ----------
    path : Path
        The file, for the messages.
    data : bytes
        What it holds.

    Returns
    -------
    dict of str to ndarray
        The arrays, read-only, in the file's order.

    Raises
    ------
    InputError
        If it is no zip, truncated or damaged, unpacks to far more than its size, or holds
        anything but arrays of plain numbers or text.
    """
    with readable(path, "an .npz file"):
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    _check_members(path, members)
    check_total(path, sum(member.file_size for member in members), len(data))
    arrays: Tensors = {}
    for member in members:
        name = member.filename.removesuffix(".npy")
        with readable(path, f"an .npz file (array {name!r})"):
            arrays[name] = _array(path, name, archive.read(member))
    return arrays


def _check_members(path: Path, members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    if any(name.rpartition("/")[2] == "data.pkl" for name in names):
        raise InputError(f"{path}: is a PyTorch file; rename it to end in .pt")
    seen = set()
    for name in names:
        if not name.endswith(".npy"):
            raise InputError(f"{path}: holds {name!r}, which is no array; expected an .npz file")
        if name in seen:
            raise InputError(f"{path}: holds two arrays named {name.removesuffix('.npy')!r}")
        seen.add(name)


def _array(path: Path, name: str, content: bytes) -> NDArray[Any]:
    shape, fortran, dtype, offset = _header(content)
    if dtype.hasobject:
        raise InputError(
            f"{path}: array {name!r} holds pickled Python objects, which hwsim never loads; "
            "save arrays of numbers"
        )
    declared, found = math.prod(shape) * dtype.itemsize, len(content) - offset
    if declared != found or min(shape, default=0) < 0:
        raise InputError(
            f"{path}: array {name!r} declares {declared:,} bytes of data, but has {found:,}"
        )
    flat = np.frombuffer(content, dtype, offset=offset) if found else np.empty(0, dtype)
    return flat.reshape(shape, order="F" if fortran else "C")


def _header(content: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    stream = io.BytesIO(content[:_HEADER_BYTES])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a header by Python 2, or a damaged one
        version = npy.read_magic(stream)
        if version == (1, 0):
            shape, fortran, dtype = npy.read_array_header_1_0(stream)
        elif version == (2, 0):
            shape, fortran, dtype = npy.read_array_header_2_0(stream)
        else:
            raise ValueError(f"version {version} of the .npy format, which no numeric array needs")
    return tuple(map(int, shape)), fortran, dtype, stream.tell()
