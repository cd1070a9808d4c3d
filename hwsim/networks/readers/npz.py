"""Read .npz files: a zip of arrays, never unpickled."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.readers import embedded_geometry
from hwsim.networks.readers.file_pass import checksum
from hwsim.networks.readers.npy import HEADER_BYTES, NpyHeader
from hwsim.networks.readers.protocol import Contents
from hwsim.networks.readers.stored_members import is_stored, span_of
from hwsim.networks.readers.weight_file import MAX_BYTES, check_total, readable

_PYTORCH_MEMBER = b"data.pkl"
#: Bytes of an archive from which its arrays are mapped and not read, and those of such an array.
_LARGE = 1 << 24
_LEAST_MAPPED = 1 << 20
Bytes = NDArray[np.uint8]


class NpzReader:
    """NumPy's archives; the only ones that hwsim writes."""

    suffixes = (".npz",)

    def recognises(self, head: bytes) -> bool:
        """Tell from the first bytes: a zip, but not PyTorch's."""
        return head.startswith(b"PK") and _PYTORCH_MEMBER not in head

    def read(self, path: Path) -> Contents:
        """Read all arrays, read-only and in the file's order, and the geometry if there is one.

        Raises
        ------
        InputError
            If it is no zip, truncated or damaged, unpacks to far more than its size, or holds
            anything but arrays of plain numbers or text.
        """
        with readable(path, "an .npz file"):
            archive = zipfile.ZipFile(path)
        with archive:
            return embedded_geometry.contents(path, _arrays(path, archive))


def _arrays(path: Path, archive: zipfile.ZipFile) -> dict[str, NDArray[Any]]:
    members = archive.infolist()
    _check_members(path, members)
    names = [member.filename.removesuffix(".npy") for member in members]
    headers = []
    for name, member in zip(names, members, strict=True):
        with readable(path, f"an .npz file (array {name!r})"), archive.open(member) as file:
            headers.append(NpyHeader.parse(file.read(HEADER_BYTES)))
        _check_header(path, name, headers[-1], member.file_size)
    total = sum(header.float_bytes for header in headers)
    mapped = _worth_mapping(members)
    pairs = zip(members, headers, strict=True)
    held = sum(header.float_bytes for member, header in pairs if member.filename not in mapped)
    check_total(
        path, total, "write it with numpy.savez, which does not compress", held <= MAX_BYTES
    )
    # One mapping for all: each would hold the file open.
    whole = np.memmap(path, np.uint8, "r") if mapped else None
    arrays = {}
    for name, member, header in zip(names, members, headers, strict=True):
        with readable(path, f"an .npz file (array {name!r})"):
            if whole is not None and member.filename in mapped:
                arrays[name] = _array(header, _checked(whole, path, archive, member))
            else:
                arrays[name] = _array(header, archive.read(member))
    return arrays


def _worth_mapping(members: Sequence[zipfile.ZipInfo]) -> set[str]:
    """Name the members of a large archive that stand in the file as they are."""
    if sum(member.file_size for member in members) < _LARGE:
        return set()
    large = (member for member in members if member.file_size >= _LEAST_MAPPED)
    return {member.filename for member in large if is_stored(member)}


def _checked(whole: Bytes, path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Bytes:
    """Give the bytes of a member as they are mapped, when its CRC is right."""
    with archive.open(member):  # checks the local header
        pass
    with path.open("rb") as file:
        span = span_of(file, member)
    if checksum(path, span) != member.CRC:
        raise zipfile.BadZipFile(f"Bad CRC-32 for file {member.filename!r}")
    return whole[span.start : span.end]


def _check_members(path: Path, members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    if any(name.rpartition("/")[2] == _PYTORCH_MEMBER.decode() for name in names):
        raise InputError(f"{path}: is a PyTorch file; rename it to end in .pt")
    seen = set()
    for name in names:
        if not name.endswith(".npy"):
            raise InputError(f"{path}: holds {name!r}, which is no array; expected an .npz file")
        if name in seen:
            raise InputError(f"{path}: holds two arrays named {name.removesuffix('.npy')!r}")
        seen.add(name)


def _check_header(path: Path, name: str, header: NpyHeader, member_bytes: int) -> None:
    if header.dtype.hasobject:
        raise InputError(
            f"{path}: array {name!r} holds pickled Python objects, which hwsim never loads; "
            "save arrays of numbers"
        )
    found = member_bytes - header.offset
    if header.data_bytes != found:
        raise InputError(
            f"{path}: array {name!r} declares {header.data_bytes:,} bytes of data, but has "
            f"{found:,}"
        )


def _array(header: NpyHeader, content: bytes | Bytes) -> NDArray[Any]:
    if not header.data_bytes:
        return np.empty(header.shape, header.dtype)
    flat = np.frombuffer(content, header.dtype, offset=header.offset)
    return flat.reshape(header.shape, order="F" if header.fortran else "C")
