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
#: Of the extra field so much is expected: numpy's own takes 20, for sizes beyond 32 bits.
_EXTRA_BYTES: Final = 32
#: Flags of a member that change none of its bytes: sizes behind them, and a name in UTF-8.
_UTF_8: Final = 1 << 11
_HARMLESS: Final = 1 << 3 | _UTF_8


class Span(NamedTuple):
    """Bytes of a file, from ``start`` to before ``end``."""

    start: int
    end: int


class Opening(NamedTuple):
    """Where a member stands, and its first bytes."""

    span: Span
    head: bytes


class _Seekable(Protocol):
    def seek(self, offset: int, /) -> int: ...
    def read(self, size: int, /) -> bytes: ...


def opening_of(file: _Seekable, member: zipfile.ZipInfo, first: int = 0) -> Opening | None:
    """Find the bytes of a member that stand in the open archive as they are.

    Parameters
    ----------
    file : file
        Opened without a buffer: a read takes as long as what it is asked for.
    member : ZipInfo
        What the archive's directory says of it.
    first : int
        How many of its bytes to read as well; fewer come where it has no more, or where its local
        header is unusually long.

    Returns
    -------
    Opening or None
        None for a member that is packed or encrypted, or whose local header is not what the
        archive's directory says: zipfile reads it, or tells what is wrong.
    """
    plain = member.compress_type == zipfile.ZIP_STORED and not member.flag_bits & ~_HARMLESS
    if not plain or member.file_size != member.compress_size or member.header_offset < 0:
        return None
    expected = len(member.orig_filename.encode(errors="surrogateescape")) + _EXTRA_BYTES
    file.seek(member.header_offset)
    read = file.read(_LOCAL_HEADER.size + expected + first)
    if len(read) < _LOCAL_HEADER.size:
        return None
    signature, flags, name_bytes, extra_bytes = _LOCAL_HEADER.unpack_from(read)
    name_end = _LOCAL_HEADER.size + name_bytes
    encoding = "utf-8" if flags & _UTF_8 else "cp437"
    name = read[_LOCAL_HEADER.size : name_end].decode(encoding, "surrogateescape")
    if signature != _SIGNATURE or name != member.orig_filename:
        return None
    before = name_end + extra_bytes
    start = member.header_offset + before
    span = Span(start, start + member.file_size)
    return Opening(span, read[before : before + min(first, member.file_size)])


def content_of(file: _Seekable, member: zipfile.ZipInfo, span: Span) -> bytes | None:
    """Read what a member holds; None if it is cut off or damaged."""
    file.seek(span.start)
    content = file.read(member.file_size)
    whole = len(content) == member.file_size and zlib.crc32(content) == member.CRC
    return content if whole else None
