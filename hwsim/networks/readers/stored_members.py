"""Where the members of a zip stand that are stored as they are."""

from __future__ import annotations

import zipfile
from typing import Final, NamedTuple, Protocol

#: Of a member's local header: its length, and where the lengths of name and extra field stand.
_LOCAL_HEADER: Final = 30
_NAME_LENGTHS: Final = 26


class Span(NamedTuple):
    """Bytes of a file, from ``start`` to before ``end``."""

    start: int
    end: int


class _Seekable(Protocol):
    def seek(self, offset: int, /) -> int: ...
    def read(self, size: int, /) -> bytes | None: ...


def is_stored(member: zipfile.ZipInfo) -> bool:
    """Tell whether the bytes of a member are those of the archive."""
    plain = member.compress_type == zipfile.ZIP_STORED and not member.flag_bits & 1
    return plain and member.file_size == member.compress_size


def span_of(file: _Seekable, member: zipfile.ZipInfo) -> Span:
    """Find the bytes of a stored member in the open archive."""
    file.seek(member.header_offset + _NAME_LENGTHS)
    lengths = file.read(4) or b""
    start = member.header_offset + _LOCAL_HEADER
    start += sum(int.from_bytes(lengths[at : at + 2], "little") for at in (0, 2))
    return Span(start, start + member.file_size)
