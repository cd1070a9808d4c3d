"""Read .npz files: a zip of arrays, never unpickled."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.readers import embedded_geometry
from hwsim.networks.readers.file_pass import checksum
from hwsim.networks.readers.npy import HEADER_BYTES, NpyHeader
from hwsim.networks.readers.protocol import Contents
from hwsim.networks.readers.stored_members import LEAST_MAPPED, Span, content_of, opening_of
from hwsim.networks.readers.weight_file import MAX_BYTES, check_total, readable

_PYTORCH_MEMBER = b"data.pkl"
#: Bytes of an archive from which its large arrays are mapped and not read.
_LARGE = 1 << 24
#: Bytes of the header of an array of few dimensions, as numpy fills it up.
_USUAL_HEADER = 128
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
        with archive, path.open("rb", buffering=0) as file:
            _check_members(path, archive.infolist())
            arrays = _arrays(path, _members(path, archive, file), archive, file)
            return embedded_geometry.contents(path, arrays)


class _Member(NamedTuple):
    """One array of an archive."""

    name: str
    entry: zipfile.ZipInfo
    #: Where its bytes stand in the file as they are, if they do.
    span: Span | None
    header: NpyHeader

    @property
    def is_large(self) -> bool:
        """Whether it is better mapped than read."""
        return self.span is not None and self.entry.file_size >= LEAST_MAPPED


def _members(path: Path, archive: zipfile.ZipFile, file: FileIO) -> list[_Member]:
    """Look at the headers of all arrays, before any is read."""
    known: dict[bytes, NpyHeader] = {}
    members = []
    for entry in archive.infolist():
        name = entry.filename.removesuffix(".npy")
        span, head = opening_of(file, entry, _USUAL_HEADER) or (None, b"")
        header = known.get(head)
        if header is None or header.data_bytes != entry.file_size - header.offset:
            with readable(path, _what(name)), archive.open(entry) as content:
                header = NpyHeader.parse(content.read(HEADER_BYTES))
            _check_header(path, name, header, entry.file_size)
            if header.offset == len(head):
                known[head] = header
        members.append(_Member(name, entry, span, header))
    return members


def _arrays(
    path: Path, members: Sequence[_Member], archive: zipfile.ZipFile, file: FileIO
) -> dict[str, NDArray[Any]]:
    large_file = sum(member.entry.file_size for member in members) >= _LARGE
    mapped = {member.name for member in members if large_file and member.is_large}
    total = sum(member.header.float_bytes for member in members)
    held = sum(member.header.float_bytes for member in members if member.name not in mapped)
    check_total(
        path, total, "write it with numpy.savez, which does not compress", held <= MAX_BYTES
    )
    # One mapping for all: each would hold the file open.
    whole = np.memmap(path, np.uint8, "r") if mapped else None
    arrays = {}
    for name, entry, span, header in members:
        with readable(path, _what(name)):
            if whole is not None and span is not None and name in mapped:
                arrays[name] = _array(header, _checked(whole, path, entry, span))
                continue
            content = None if span is None else content_of(file, entry, span)
            # What is not in order is zipfile's to read, or to say what is wrong with it.
            arrays[name] = _array(header, archive.read(entry) if content is None else content)
    return arrays


def _what(name: str) -> str:
    return f"an .npz file (array {name!r})"


def _checked(whole: Bytes, path: Path, entry: zipfile.ZipInfo, span: Span) -> Bytes:
    """Give the bytes of a member as they are mapped, when its CRC is right."""
    if checksum(path, span) != entry.CRC:
        raise zipfile.BadZipFile(f"Bad CRC-32 for file {entry.filename!r}")
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
