"""Results kept on disk between runs: one small file each, under the name of what decides it.

Whoever keeps something here can do it again: what cannot be read, or is not what was written, is
as good as nothing. Files are written aside and moved into place, so that a process that is killed
leaves none in halves, and of two that write one name the last one wins, with equal content.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from hwsim.errors import CacheWarning

if os.name == "posix":
    import fcntl

#: The folder, in place of the user's; nothing is kept at all if the other is set.
FOLDER_VARIABLE: Final = "HWSIM_CACHE_DIR"
OFF_VARIABLE: Final = "HWSIM_NO_CACHE"
#: Files of a shelf at most, and of all shelves: one for each first two digits of a name.
MOST_OF_SHELF: Final = 128
SHELVES_MOST: Final = 256 * MOST_OF_SHELF
#: The file that is locked, a byte for each name: of so many of its digits.
_LOCKS: Final = "locks"
_LOCK_DIGITS: Final = 12
_LOCK_FILES: Final[dict[Path, int]] = {}
_OPENING: Final = threading.Lock()
#: What is said of a byte that another process holds.
_TAKEN: Final = (errno.EACCES, errno.EAGAIN)
_HEAD: Final = b"hwsim cache 1 "
_DIGEST_BYTES: Final = 16
_SUFFIX: Final = ".kept"
#: What lies aside for so long was left by a process that was killed [s].
_ABANDONED_S: Final = 3600.0
#: A file that is used counts as new, noted once in so long [s].
_USED_S: Final = 86400.0
#: How many results this process has taken from disk, by kind, and how many it had to find.
HITS: Final[Counter[str]] = Counter()
FOUND: Final[Counter[str]] = Counter()


def cache_folder() -> Path | None:
    """Tell where results are kept: in the user's folder for such, or where the environment says.

    Returns
    -------
    Path or None
        None if they are not to be kept, or the user has no folder.
    """
    if os.environ.get(OFF_VARIABLE, "0") not in ("", "0"):
        return None
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    from platformdirs import user_cache_path

    try:
        return user_cache_path("hwsim")
    except (RuntimeError, OSError):  # a user without a home
        return None


class KeptFile(NamedTuple):
    """A result in its file: its name, its size in bytes, when it was last used."""

    path: Path
    size: int
    used: float

    @property
    def key(self) -> str:
        """Under which it is kept."""
        return self.path.stem


class ResultCache:
    """The results of one kind.

    The folder is looked up at each use, as the environment says then.

    Parameters
    ----------
    kind : str
        Names their folder inside that of the cache.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._warned = False

    @property
    def folder(self) -> Path | None:
        """Where they are; None if nothing is kept."""
        root = cache_folder()
        return None if root is None else root / self._kind

    def get(self, key: str) -> bytes | None:
        """Read what was kept under a key; None if there is nothing, or it is not whole.

        Parameters
        ----------
        key : str
            Hexadecimal digits, see :func:`hwsim.content_key.content_key`.
        """
        path = self._path(key)
        if path is None:
            return None
        try:
            content = path.read_bytes()
        except OSError:
            return None
        head, _, body = content.partition(b"\n")
        if head != _head(key, body):
            return None
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _USED_S:
                os.utime(path)
        return body

    def put(self, key: str, body: bytes) -> None:
        """Keep something; where that cannot be done a :class:`CacheWarning` says so, once."""
        path = self._path(key)
        if path is None:
            return
        aside = path.with_name(f".{secrets.token_hex(8)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(_head(key, body) + b"\n" + body)
            aside.replace(path)
            _make_room(path.parent)
        except OSError as error:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            self._warn(path, error)

    @contextmanager
    def alone(self, key: str, *, patient: bool = True) -> Iterator[bool]:
        """Find what belongs under a key while no other process does.

        Who is killed holds nothing. Where files cannot be locked everybody goes on.

        Parameters
        ----------
        key : str
            Of what is to be found.
        patient : bool
            Whether to wait for another that does it.

        Yields
        ------
        bool
            False if another process does it and nobody waits.
        """
        descriptor = self._lock_file()
        if descriptor is None:
            yield True
            return
        place = int(key[:_LOCK_DIGITS], 16)
        how = fcntl.LOCK_EX if patient else fcntl.LOCK_EX | fcntl.LOCK_NB
        try:
            fcntl.lockf(descriptor, how, 1, place)
        except OSError as error:
            yield patient or error.errno not in _TAKEN
            return
        try:
            yield True
        finally:
            fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, place)

    def _lock_file(self) -> int | None:
        """Open the file whose bytes are locked; it stays open, as closing it would unlock all."""
        folder = self.folder
        if folder is None or os.name != "posix":
            return None
        path = folder / _LOCKS
        with _OPENING:
            if path not in _LOCK_FILES:
                try:
                    folder.mkdir(parents=True, exist_ok=True)
                    _LOCK_FILES[path] = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
                except OSError:
                    return None
            return _LOCK_FILES[path]

    def files(self) -> Iterator[KeptFile]:
        """List what is kept, in no order."""
        folder = self.folder
        for shelf in _entries(folder) if folder is not None else ():
            if shelf.is_dir():
                yield from _files(Path(shelf.path))

    def clear(self, unused_s: float = 0.0) -> tuple[int, int]:
        """Remove what was not used for so many seconds.

        Returns
        -------
        (int, int)
            How many results, and their bytes.
        """
        latest = time.time() - unused_s
        count = size = 0
        for each in list(self.files()):
            if each.used <= latest:
                with suppress(OSError):
                    each.path.unlink()
                    count, size = count + 1, size + each.size
        return count, size

    def _path(self, key: str) -> Path | None:
        folder = self.folder
        return None if folder is None else folder / key[:2] / f"{key}{_SUFFIX}"

    def _warn(self, path: Path, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"{path.parents[2]}: {self._kind} cannot be kept for the next run: "
                f"{error.strerror or error}; {FOLDER_VARIABLE} names another folder, "
                f"{OFF_VARIABLE}=1 keeps none",
                CacheWarning,
                stacklevel=2,
            )


def _head(key: str, body: bytes) -> bytes:
    """Give the first line of a file: what it is, and a digest of its name and content."""
    digest = hashlib.blake2b(key.encode() + b"\n" + body, digest_size=_DIGEST_BYTES)
    return _HEAD + digest.hexdigest().encode()


def _make_room(shelf: Path) -> None:
    """Remove the files of a shelf that were not used for longest, and what was left aside."""
    kept = sorted(_files(shelf), key=lambda each: each.used)
    old = [each.path for each in kept[: max(0, len(kept) - MOST_OF_SHELF)]]
    abandoned = time.time() - _ABANDONED_S
    old += [
        Path(each.path)
        for each in _entries(shelf)
        if each.name.startswith(".") and each.stat().st_mtime < abandoned
    ]
    for path in old:
        with suppress(OSError):  # another process has removed it
            path.unlink()


def _files(shelf: Path) -> Iterator[KeptFile]:
    for each in _entries(shelf):
        if each.name.endswith(_SUFFIX):
            with suppress(OSError):
                state = each.stat()
                yield KeptFile(Path(each.path), state.st_size, state.st_mtime)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []
