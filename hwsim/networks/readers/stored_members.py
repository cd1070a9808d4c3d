"""Where the members of a zip stand that are stored as they are, and what they hold."""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import Final, NamedTuple, Protocol

#: Bytes from which a member is mapped from a large archive, and not read.
LEAST_MAPPED: Final = 1 << 20
#: A member's local header, before its name: of its fields the signature, the flags, and the lengths
#: of the name and of the extra field.
_LOCAL_HEADER: Final = struct.Struct("<4s2xH18xHH")
_SIGNATURE: Final = b"PK\x03\x04"
#: Flags of a member that change none of its bytes: sizes behind them, and a name in UTF-8.
_UTF_8: Final = 1 << 11
_HARMLESS: Final = 1 << 3 | _UTF_8


class Span(NamedTuple):
    """Bytes of a file, from ``start`` to before ``end``."""

    start: int
    end: int


class _Seekable(Protocol):
    def seek(self, offset: int, /) -> int: ...
    def read(self, size: int, /) -> bytes: ...


def span_of(file: _Seekable, member: zipfile.ZipInfo) -> Span | None:
    """Find the bytes of a member that stand in the open archive as they are.

    Returns
    -------
    Span or None
        None for a member that is packed or encrypted, or whose local header is not what the
        archive's directory says: zipfile reads it, or tells what is wrong.
    """
    plain = member.compress_type == zipfile.ZIP_STORED and not member.flag_bits & ~_HARMLESS
    if not plain or member.file_size != member.compress_size or member.header_offset < 0:
        return None
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size:
        return None
    signature, flags, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
    name = file.read(name_bytes).decode("utf-8" if flags & _UTF_8 else "cp437", "surrogateescape")
    if signature != _SIGNATURE or name != member.orig_filename:
        return None
    start = member.header_offset + _LOCAL_HEADER.size + name_bytes + extra_bytes
    return Span(start, start + member.file_size)


def content_of(file: _Seekable, member: zipfile.ZipInfo, span: Span) -> bytes | None:
    """Read what a member holds; None if it is cut off or damaged."""
    file.seek(span.start)
    content = file.read(member.file_size)
    whole = len(content) == member.file_size and zlib.crc32(content) == member.CRC
    return content if whole else None
