"""One pass over a weight file: its hash, and the checksums of the arrays that will be mapped.

What a pass over a large file has found is kept between runs, by all that the system says of the
file. That is safe where a change cannot go unnoticed, see :class:`_State`; elsewhere nothing is
kept, and the file is read again.
"""

from __future__ import annotations

import hashlib
import io
import json
import mmap
import os
import time
import zipfile
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from hwsim.content_key import content_key
from hwsim.networks.readers.stored_members import LEAST_MAPPED, Span, opening_of
from hwsim.result_cache import ResultCache

#: Bytes that are read at a time: they stay in a core's cache for all that is made of them.
_PIECE: Final = 1 << 20
#: Bytes of a file from which a pass takes long enough to remember what it has found.
_LARGE: Final = 1 << 24
#: How long ago a file has to have changed for its times to tell the next change [s].
_SETTLED_S: Final = 60.0
#: File systems of Linux that set a file's time for what is written through mappings: those in
#: memory (tmpfs) do not, and of those on other machines nobody knows.
_TELLING: Final = ("ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "overlay")
_MOUNTS: Final = Path("/proc/self/mountinfo")
KEPT_PASSES: Final = ResultCache("weight-files")


class FilePass(NamedTuple):
    """What a pass over a file has found.

    Parameters
    ----------
    sha256 : str
        Of all its bytes, in hex.
    checksums : dict of Span to int
        CRC-32 of the large members that are stored as they are.
    """

    sha256: str
    checksums: dict[Span, int]


class _State(NamedTuple):
    """What the system says of a file, so that each change of its content shows.

    Every write sets ``changed_ns``, which no program can set back. Two writes can have one time
    if they follow each other at once: a file that has just changed is not settled.
    Bytes that somebody writes through a mapping set the time of the first write only, until the
    system has written the page out: :func:`_settled` has it do that.
    """

    path: str
    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path, file: io.FileIO) -> _State:
        state = os.fstat(file.fileno())
        times = state.st_mtime_ns, state.st_ctime_ns
        return cls(str(path.absolute()), state.st_dev, state.st_ino, state.st_size, *times)

    @property
    def key(self) -> str:
        return content_key("pass over a file 1", *self)


#: What this process has found of the files that it has read.
_found: dict[_State, FilePass] = {}


def pass_over(path: Path) -> FilePass:
    """Read a file once, or take what was found while it was as it is.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        state = _State.of(path, file)
        if state.size < _LARGE:
            return _read(file, ())
        known = _found.get(state) or _kept(state)
        if known is None:
            settled = _settled(file, state)
            known = _read(file, _spans(path))
            if settled and _State.of(path, file) == state:
                _found[state] = known
                KEPT_PASSES.put(state.key, _text(known).encode())
        else:
            _found[state] = known
        return known


def checksum(path: Path, span: Span) -> int:
    """Give the CRC-32 of a part of a file, from a pass if there was one."""
    with path.open("rb", buffering=0) as file:
        known = _found.get(_State.of(path, file))
        if known is not None and span in known.checksums:
            return known.checksums[span]
        file.seek(span.start)
        crc, left, buffer = 0, span.end - span.start, _buffer()
        while left and (count := file.readinto(buffer[:left])):
            crc, left = zlib.crc32(buffer[:count], crc), left - count
        return crc


def _settled(file: io.FileIO, state: _State) -> bool:
    """Tell whether every later change of a file will show in its state."""
    age = time.time() - max(state.modified_ns, state.changed_ns) / 1e9
    if age < _SETTLED_S or _system_of(state.device) not in _TELLING:
        return False
    try:
        # What is written through mappings from now on sets the time anew. What was written as long
        # ago is on the disk as a rule, so that this takes no time.
        os.fsync(file.fileno())
    except OSError:
        return False
    return True


def _system_of(device: int) -> str | None:
    """Name the file system of a device, as Linux knows it."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = _MOUNTS.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        place, _, system = line.partition(" - ")
        if wanted in place.split()[2:3]:
            return system.split()[0]
    return None


def _spans(path: Path) -> Sequence[Span]:
    """List the members of a zip to map, in the file's order; none where it is no zip."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            large = [each for each in archive.infolist() if each.file_size >= LEAST_MAPPED]
            found = sorted(opening.span for each in large if (opening := opening_of(file, each)))
    except Exception:  # whoever reads it will say what is wrong with it
        return ()
    return found if all(one.end <= other.start for one, other in pairwise(found)) else ()


def _read(file: io.FileIO, spans: Sequence[Span]) -> FilePass:
    """Hash a file, and find the checksums of parts that follow each other."""
    digest, buffer = hashlib.sha256(), _buffer()
    checksums: dict[Span, int] = {}
    ahead, crc, place = list(reversed(spans)), 0, 0
    while count := file.readinto(buffer):
        piece, end = buffer[:count], place + count
        digest.update(piece)
        while ahead and ahead[-1].start < end:
            span = ahead[-1]
            crc = zlib.crc32(piece[max(0, span.start - place) : span.end - place], crc)
            if span.end > end:
                break
            checksums[ahead.pop()], crc = crc, 0
        place = end
    return FilePass(digest.hexdigest(), checksums)


def _buffer() -> memoryview:
    """Give room for a piece, from the begin of a page on.

    Python's own would begin 16 bytes behind it, where processors such as AMD's Zen 3 copy what
    begins with a page at a third of their pace: an eighth of a run of VGG-16.
    """
    return memoryview(mmap.mmap(-1, _PIECE))


def _text(found: FilePass) -> str:
    checksums = [[*span, crc] for span, crc in found.checksums.items()]
    return json.dumps({"sha256": found.sha256, "checksums": checksums})


def _kept(state: _State) -> FilePass | None:
    content = KEPT_PASSES.get(state.key)
    if content is None:
        return None
    document: dict[str, Any] = json.loads(content)
    checksums = {Span(start, end): crc for start, end, crc in document["checksums"]}
    return FilePass(document["sha256"], checksums)
